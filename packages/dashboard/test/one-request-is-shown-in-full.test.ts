import assert from "node:assert/strict";
import { after, test, type TestContext } from "node:test";
import type { Locator } from "playwright-core";

import type { FakeServer } from "./fake-server.ts";
import { clipboardOf, closeBrowser, openPage, rowsOf, type OpenPage } from "./open-page.ts";

after(closeBrowser);

async function openRequest(
  t: TestContext,
  path: string,
  options: Parameters<typeof openPage>[1] = {},
): Promise<OpenPage & { readonly detail: Locator }> {
  const opened = await openPage(t, { hash: "#/requests?assets=shown", ...options });
  const detail = opened.page.getByRole("article");
  await rowsOf(opened.page).filter({ hasText: path }).first().click();
  await detail.getByRole("heading", { name: path }).waitFor();
  return { ...opened, detail };
}

const upload = {
  prepare: (server: FakeServer): void => void server.arrive({ method: "POST", target: "/upload" }),
};

test("a request is shown with event, reply, log, phases and headers", async (t) => {
  const { detail } = await openRequest(t, "/sms");
  assert.match(
    await detail.getByRole("table", { name: "Fields of the event" }).innerText(),
    /Body\s+Where is my pizza\?/,
  );
  await detail.getByText("incoming: Where is my pizza?").waitFor();
  await detail.getByText("TwiML").first().waitFor();
  assert.match(await detail.locator(".phases").innerText(), /queue[^]*0\.4 ms[^]*run[^]*6 ms/);
  await detail.getByText("isolate 4711, 12th invocation").waitFor();
  const headers = detail.getByRole("table", { name: "Request headers" });
  assert.equal(await headers.isVisible(), false);
  await detail.getByText(/^Request headers/).click();
  assert.match(await headers.innerText(), /cookie\s+•••/);
});

test("JSON is a tree that can be folded, or the text as it was sent", async (t) => {
  const { detail } = await openRequest(t, "/orders");
  await detail.getByText('"High Street 1"').waitFor();
  await detail.getByText("orders:").click();
  await detail.getByText('"High Street 1"').waitFor({ state: "detached" });
  await detail.getByRole("button", { name: "Raw" }).first().click();
  await detail.getByText('{"orders":[{"id":17').waitFor();
});

test("text in JSON keeps its line breaks", async (t) => {
  const { page, server, detail } = await openRequest(t, "/orders");
  const text = JSON.stringify({ stack: 'TypeError: a "b"\n    at c\\n' });
  const body = { bytes: text.length, text, encoding: "utf8", isCut: false } as const;
  const reply = { status: 500, headers: [["content-type", "application/json"]] as const, body };
  const { id } = server.arrive({ method: "GET", target: "/orders" }, { reply });
  await page.evaluate(`location.hash = "#/requests/${id}"`);
  await detail.getByText("TypeError").waitFor();
  assert.equal(await detail.locator(".json-text").first().innerText(), '"TypeError: a \\"b\\"\n    at c\\\\n"');
});

test("an error shows its place, with the author's frames first, and they open the editor", async (t) => {
  const { detail, server } = await openRequest(t, "/broken");
  const trouble = detail.locator(".trouble");
  await trouble.getByText("TypeError: Cannot read properties of undefined (reading 'total')").first().waitFor();
  await trouble.getByText("The order is undefined: its id was not in the request.").waitFor();
  const frames = trouble.getByRole("listitem").filter({ hasText: /functions\/broken\.js:\d+:\d+/ });
  assert.equal(await frames.count(), 2);
  assert.equal(await trouble.getByText("some-package").first().isVisible(), false);
  await trouble.getByRole("button", { name: "totalOf (functions/broken.js:14:23)" }).click();
  await trouble.getByRole("button", { name: "Opened in the editor" }).waitFor();
  const opened = server.asked.find(({ what }) => what === "POST open");
  assert.deepEqual(JSON.parse(opened?.body ?? ""), { file: "functions/broken.js", line: 14 });
});

test("an error shows the lines of code around it, and the next step", async (t) => {
  const { detail } = await openRequest(t, "/broken");
  const source = detail.getByRole("region", { name: "Source of functions/broken.js" });
  assert.match(await source.innerText(), /13\s+const totalOf[^]*14\s+return order\.total/);
  assert.match(await source.locator(".failing").innerText(), /^14\s+return order\.total/);
  await detail.getByText("Next step. Fix the line, or pass the error to callback().").waitFor();
});

test("the error page that a browser got is folded", async (t) => {
  const { detail } = await openRequest(t, "/broken");
  const body = detail.getByText("<h1>TypeError</h1>");
  assert.equal(await body.isVisible(), false);
  await detail.getByText("The error page that the browser shows").click();
  await body.waitFor();
});

test("a refused signature shows the URL for which it is valid, and copies the fix", async (t) => {
  const { page, detail } = await openRequest(t, "/status");
  const trouble = detail.locator(".trouble");
  await trouble.getByText("Twilio Request Validation Failed", { exact: true }).waitFor();
  await trouble.getByText(/for that URL the signature is valid/).waitFor();
  await trouble.getByRole("button", { name: "Copy" }).click();
  await trouble.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await clipboardOf(page), "--public-url https://my.example.org");
  await trouble.getByText("2 comparisons").click();
  assert.match(await trouble.getByRole("listitem").filter({ hasText: "my.example.org" }).innerText(), /^valid/);
  assert.equal(await trouble.locator("code", { hasText: "publicUrl" }).count(), 1);
});

test("a body that was not read is not shown as missing", async (t) => {
  const { detail } = await openRequest(t, "/upload", upload);
  await detail.getByText("The body was not read: it is larger than the limit.").waitFor();
  await detail.getByText("No fields in the query. The body was not read.").waitFor();
  assert.equal(await detail.getByText("No body.", { exact: true }).count(), 0);
});

test("line breaks in a JSON reply are shown as line breaks", async (t) => {
  const { detail } = await openRequest(t, "/upload", upload);
  const stack = detail.locator(".json-lines");
  assert.equal(await stack.innerText(), '"TypeError: \\\\n is not a line break\n    at upload"');
});

test("without an editor, places are plain text", async (t) => {
  const { page, server, detail } = await openRequest(t, "/broken");
  server.setProject({ hasEditor: false });
  await detail.locator("code.file").filter({ hasText: "totalOf" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /broken\.js/ }).count(), 0);
});

test("a replay is a new request, and the page opens it", async (t) => {
  const { page, detail, server } = await openRequest(t, "/sms");
  await detail.getByRole("button", { name: "Replay" }).click();
  await detail.getByText("a replay").waitFor();
  assert.equal(new URL(page.url()).hash, `#/requests/${server.exchanges.at(-1)?.id}`);
  await rowsOf(page).first().getByText("replay").waitFor();
  await page.goBack();
  await detail.getByText("a replay").waitFor({ state: "detached" });
});

test("a request can be changed and sent again", async (t) => {
  const { page, detail, server } = await openRequest(t, "/broken");
  await detail.getByRole("link", { name: "Edit and resend" }).click();
  const body = page.getByLabel("Body", { exact: true });
  await page.locator(".own-field").filter({ hasText: "Secret kept" }).getByLabel("Value of cookie").waitFor();
  // JSON is shown with one value per line, and sent as it was unless the user changes it.
  assert.equal(await body.inputValue(), JSON.stringify({ order: { id: 19 } }, undefined, 2));
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("500 Error").last().waitFor();
  assert.equal(server.exchanges.at(-1)?.request.body.text, '{"order":{"id":19}}');
  await body.fill('{"order":}');
  await page.getByRole("status").getByText("expected a value").waitFor();
  await page.getByRole("button", { name: "1:10" }).waitFor();
  assert.ok(await page.getByRole("button", { name: "Format" }).isDisabled());
  await body.fill('{"order":{}}');
  await page.getByRole("button", { name: "Format" }).click();
  assert.equal(await body.inputValue(), JSON.stringify({ order: {} }, undefined, 2));
  await body.fill('{"order":{"id":20}}');
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("Reply to an earlier draft").waitFor({ state: "detached" });
  await page.getByRole("link", { name: "Show the full request" }).waitFor();
  const sent = server.exchanges.at(-1);
  assert.equal(sent?.request.body.text, '{"order":{"id":20}}');
  assert.ok(sent.request.headers.some(([name, value]) => name === "content-type" && value === "application/json"));
  await page.getByRole("link", { name: "Show the full request" }).click();
  await detail.getByText("sent from this page").waitFor();
});

test("a request is copied as curl, and saved as a test", async (t) => {
  const { page, detail, server } = await openRequest(t, "/orders");
  await detail.getByRole("button", { name: "Copy as curl" }).click();
  await detail.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await clipboardOf(page), `curl -X GET '${server.url}/orders?since=yesterday'`);
  await detail.getByRole("button", { name: "Save as test" }).click();
  await detail.getByRole("button", { name: "test/orders.test.js" }).click();
  await detail.getByText("Opened in the editor").first().waitFor();
  const opened = server.asked.find(({ what }) => what === "POST open");
  assert.deepEqual(JSON.parse(opened?.body ?? ""), { file: "test/orders.test.js" });
});

test("a request that no function answered is not offered as a test", async (t) => {
  const { detail } = await openRequest(t, "/status");
  await detail.getByRole("button", { name: "Copy as curl" }).waitFor();
  assert.equal(await detail.getByRole("button", { name: "Save as test" }).count(), 0);
});

test("a value is copied as it is", async (t) => {
  const { page, detail } = await openRequest(t, "/sms");
  await detail.getByTitle("Copy From").first().click();
  await detail.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await clipboardOf(page), "+15550100001");
});

test("changes of the open request are shown as they arrive", async (t) => {
  const { detail, server } = await openRequest(t, "/index.html");
  await detail.getByText("HTML, as text").waitFor();
  const row = server.exchanges.find(({ path }) => path === "/index.html");
  assert.ok(row !== undefined);
  Object.assign(row, { leftovers: "1 timer", hints: [{ text: "Clear the timer." }] });
  server.publish({ kind: "exchange", exchange: { ...row, leftovers: "1 timer" } });
  await detail.getByText("Clear the timer.").waitFor();
});

test("an error of the server is shown at the button that caused it", async (t) => {
  const { page, detail, server, expected } = await openRequest(t, "/orders");
  expected.push(/500 \(Internal|404 \(Not Found/);
  const id = server.exchanges.find(({ path }) => path === "/orders")?.id;
  server.failNext(`exchanges/${id}/replay`, "The server is shutting down.");
  await detail.getByRole("button", { name: "Replay" }).click();
  await detail.getByRole("alert").getByText("The server is shutting down.").waitFor();
  server.failNext(`exchanges/${id}/curl`, "There is no such shell.");
  await detail.getByRole("button", { name: "Copy as curl" }).click();
  await detail.getByText("There is no such shell.").waitFor();
  await page.goto(`${server.page}#/requests/RQ0`);
  await detail.getByRole("alert").getByText("This request is not kept any more.").waitFor();
});

test("an error code links to its documentation", async (t) => {
  const { detail } = await openRequest(t, "/broken");
  const link = detail.getByRole("link", { name: "handler-threw" });
  assert.equal(
    await link.getAttribute("href"),
    "https://github.com/offhook/offhook/blob/main/docs/reference/errors.md#handler-threw",
  );
  assert.equal(await link.getAttribute("rel"), "noreferrer noopener");
});

test("a request that is gone is an explanation without buttons", async (t) => {
  const { page, detail, server, expected } = await openRequest(t, "/orders");
  expected.push(/404 \(Not Found/);
  const row = server.exchanges.find(({ path }) => path === "/orders");
  assert.ok(row !== undefined);
  await fetch(`${server.url}/api/clear`, { method: "POST", headers: { "x-offhook-token": server.token }, body: "{}" });
  server.publish({ kind: "exchange", exchange: { ...row, leftovers: "1 timer" } });
  await detail.getByRole("alert").getByText("This request is not kept any more.").waitFor();
  assert.equal(await page.getByRole("button", { name: "Replay" }).count(), 0);
});
