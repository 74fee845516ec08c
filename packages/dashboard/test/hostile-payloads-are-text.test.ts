import assert from "node:assert/strict";
import { after, test } from "node:test";

import { closeBrowser, openPage, rowsOf } from "./open-page.ts";
import { hostileTexts } from "./sample-exchanges.ts";

after(closeBrowser);

/** `openPage` fails the test if the page runs anything or violates its policy. */
test("hostile requests are shown as text only", async (t) => {
  const { page, server } = await openPage(t);
  const body = new URLSearchParams(hostileTexts.map((text): [string, string] => [text, text])).toString();
  server.arrive({ method: "<b>POST</b>", target: `/hostile?${body}`, body });
  await rowsOf(page).first().getByText("<b>POST</b>").waitFor();
  await rowsOf(page).first().click();
  const detail = page.getByRole("article");
  await detail.getByRole("button", { name: "Raw" }).first().waitFor();
  for (const summary of await detail.locator("summary").all()) await summary.click();
  for (const raw of await detail.getByRole("button", { name: "Raw" }).all()) await raw.click();
  const whole = detail.getByRole("button", { name: "Show all" });
  while ((await whole.count()) > 0) await whole.first().click();
  const text = await detail.innerText();
  assert.ok(text.includes("<script>globalThis.wasRun = true</script>"));
  assert.ok(text.includes("safe⟨U+202E⟩gpj.exe"));
  assert.ok(text.length > 200_000);
  assert.equal(await page.locator("main script, main img, main b b, main svg[onload]").count(), 0);
  assert.equal(await page.locator('a[href^="javascript"]').count(), 0);
});

test("hostile project names, notices and errors are shown as text only", async (t) => {
  const { page, server, expected } = await openPage(t, { hash: "#/project" });
  expected.push(/500 \(Internal|404 \(Not/);
  const [name = ""] = hostileTexts;
  const file = hostileTexts.join("");
  server.setProject({
    name,
    functions: hostileTexts.map((path) => ({ path, name: path, visibility: "public", file: path })),
    assets: [{ path: "/a", name, visibility: "public", file, bytes: 1 }],
    variables: hostileTexts.map((each) => ({ name: each, hint: each })),
  });
  for (const text of hostileTexts) server.publish({ kind: "notice", level: "error", text });
  await page.getByRole("heading", { name }).first().waitFor();
  await page.getByText("Error: ").first().waitFor();
  server.failNext("open", name);
  await page.getByRole("button", { name: "onerror" }).first().click();
  await page.getByRole("alert").first().waitFor();
  await page.goto(`${server.page}#/simulator/${encodeURIComponent(name)}?to=${encodeURIComponent(name)}`);
  await page.getByRole("heading", { name: "Send a webhook" }).waitFor();
  await page.goto(`${server.page}#/requests/${encodeURIComponent(name)}`);
  assert.equal(await page.locator("main script, main img").count(), 0);
});

test("a body of 200 kB is shown in parts, and folded JSON is not in the document", async (t) => {
  const { page, server } = await openPage(t);
  server.arrive({ method: "GET", target: "/large" });
  await rowsOf(page).filter({ hasText: "/large" }).click();
  const detail = page.getByRole("article");
  await detail.getByText("rows:").waitFor();
  assert.ok((await detail.locator("*").count()) < 1500);
  await detail.getByRole("button", { name: "3900 more" }).click();
  await detail.getByRole("button", { name: "3800 more" }).waitFor();
  await detail.getByRole("button", { name: "Raw" }).click();
  await detail.getByRole("button", { name: "Show all 202.9 kB" }).click();
  await detail.getByText('"n":3999').waitFor();
});

test("a binary body is labelled as such, with its size", async (t) => {
  const { page, server } = await openPage(t);
  server.arrive({ method: "GET", target: "/image" });
  await rowsOf(page).filter({ hasText: "/image" }).click();
  await page.getByText("Binary · 5 bytes · image/png · shown as base64").waitFor();
});

test("messages on the phone and their replies are shown as text only", async (t) => {
  const { page } = await openPage(t, { hash: "#/phone" });
  const text = hostileTexts.filter((each) => !each.includes("\u0000")).join(" ");
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
  const bubble = page.locator(".phone-messages .bubble-in");
  await bubble.getByText("<script>globalThis.wasRun = true</script>").waitFor();
  await bubble.getByText("safe⟨U+202E⟩gpj.exe").waitFor();
  assert.equal(await page.locator("main script, main img, main svg[onload]").count(), 0);
});
