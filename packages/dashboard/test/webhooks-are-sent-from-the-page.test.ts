import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Locator, Page } from "playwright-core";

import { closeBrowser, openPage } from "./open-page.ts";

after(closeBrowser);

/** The list of requests also has a choice of functions. */
function targetOf(page: Page): Locator {
  return page.getByRole("region", { name: "Simulator" }).getByLabel("Function", { exact: true });
}

const bodyOf = (text: string | undefined): Record<string, string> => Object.fromEntries(new URLSearchParams(text));

test("a link from the terminal and one click send a message", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/simulator/sms?to=/sms" });
  await page.getByLabel("Body", { exact: true }).fill("Two Colas");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText("You said: Two Colas").first().waitFor();
  const sent = server.exchanges.at(-1);
  const fields = bodyOf(sent?.request.body.text);
  assert.equal(fields["Body"], "Two Colas");
  assert.ok("MessageSid" in fields);
  await page.getByRole("link", { name: "Show the full request" }).click();
  await page.getByRole("article").getByRole("heading", { name: "/sms" }).waitFor();
  assert.equal(new URL(page.url()).hash, `#/requests/${sent?.id}`);
  await page.goBack();
  assert.equal(await page.getByLabel("Body", { exact: true }).inputValue(), "Two Colas");
});

test("each kind of webhook has its fields, and finds its function", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator" });
  const target = targetOf(page);
  await page.getByText("Incoming call").click();
  // Messages have a sender, too. So that field does not show whether the page has changed yet.
  await page.getByLabel("Body", { exact: true }).waitFor({ state: "detached" });
  await page.getByLabel("From", { exact: true }).waitFor();
  assert.equal(await target.inputValue(), "/voice");
  assert.equal(new URL(page.url()).hash, "#/simulator/voice");
  await page.getByText("Status callback").click();
  await page.getByLabel("MessageStatus").waitFor();
  assert.equal(await target.inputValue(), "/status");
});

test("the kind of webhook and the chosen function survive a reload", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/voice" });
  await targetOf(page).selectOption("/orders");
  await page.waitForURL(/simulator\/voice\?to=\/orders$/);
  await page.reload();
  await page.getByLabel("CallStatus").waitFor({ state: "attached" });
  assert.equal(await targetOf(page).inputValue(), "/orders");
});

test("the chosen function stays when the kind of webhook changes", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/sms" });
  const target = targetOf(page);
  await target.selectOption("/orders");
  await page.getByText("Incoming call").click();
  await page.waitForURL(/simulator\/voice\?to=\/orders$/);
  assert.equal(await target.inputValue(), "/orders");
});

test("requests to protected functions are signed unless the user chooses otherwise", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/simulator/status?to=/status" });
  const isSigned = page.getByRole("switch", { name: /Sign as Twilio does/ });
  const outcome = page.locator(".simulator-outcome");
  const send = page.getByRole("button", { name: "Send", exact: true });
  assert.equal(await isSigned.isChecked(), true);
  await send.click();
  await outcome.getByText("204 No content").first().waitFor();
  await isSigned.click();
  await page.getByText("This function is protected and will reject the request.").waitFor();
  await send.click();
  await outcome.getByText("403 Forbidden").first().waitFor();
  const asked = server.asked.filter(({ what }) => what === "POST send").map(({ body }) => JSON.parse(body) as object);
  assert.deepEqual(
    asked.map((request) => "isSigned" in request && request.isSigned),
    [true, false],
  );
});

test("rare fields are folded, and the user can add fields", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/simulator/sms?to=/sms" });
  const segments = page.getByLabel("NumSegments");
  assert.equal(await segments.isVisible(), false);
  await page.getByText("5 more fields").click();
  await segments.fill("3");
  await page.getByRole("button", { name: "Add a field" }).click();
  await page.getByLabel("Field name").fill("Colour");
  await page.getByLabel("Colour", { exact: true }).fill("red");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("link", { name: "Show the full request" }).waitFor();
  const fields = bodyOf(server.exchanges.at(-1)?.request.body.text);
  assert.deepEqual([fields["NumSegments"], fields["Colour"]], ["3", "red"]);
});

test("the user can compose any request", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/simulator/plain" });
  await targetOf(page).selectOption({ label: "Another path…" });
  await page.getByLabel("Path and query").fill("no slash");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("alert").getByText("The path must start with a slash.").waitFor();
  await page.getByLabel("Path and query").fill("/orders?x=1");
  await page.getByLabel("Method", { exact: true }).selectOption("PUT");
  await page.getByRole("button", { name: "Text", exact: true }).click();
  await page.getByLabel("Body", { exact: true }).fill("as it is");
  await page.getByText("Headers", { exact: true }).click();
  await page.getByRole("button", { name: "Add a header" }).click();
  await page.getByLabel("Header name").fill("content-type");
  await page.getByLabel("Value of content-type").fill("text/plain");
  await page.getByLabel("Value of content-type").press("Enter");
  await page.getByText('"High Street 1"').waitFor();
  const sent = server.exchanges.at(-1);
  assert.deepEqual([sent?.method, sent?.request.target, sent?.request.body.text], ["PUT", "/orders?x=1", "as it is"]);
});

test("an error is shown when a request cannot be sent, and the form keeps its values", async (t) => {
  const { page, server, expected } = await openPage(t, { hash: "#/simulator/sms" });
  expected.push(/500 \(Internal/);
  server.failNext("send", "AUTH_TOKEN is not set: there is nothing to sign with.");
  await page.getByLabel("Body", { exact: true }).fill("kept");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("alert").getByText("AUTH_TOKEN is not set").waitFor();
  assert.equal(await page.getByLabel("Body", { exact: true }).inputValue(), "kept");
});
