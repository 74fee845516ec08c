import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { Page } from "playwright-core";

import { closeBrowser, openPage } from "./open-page.ts";

after(closeBrowser);

async function sendMessage(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
  await page.getByLabel("Conversation").getByText(`You said: ${text}`).waitFor();
}

test("a bubble links to its request, and Back returns to the conversation", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/phone" });
  await sendMessage(page, "One");
  await sendMessage(page, "Two");
  const sent = server.exchanges.at(-2);
  await page.getByLabel("Message", { exact: true }).fill("Half a thou");
  // One link for each message and its replies.
  const links = page.getByLabel("Conversation").getByRole("button", { name: "Request" });
  assert.equal(await links.count(), 2);
  await links.first().click();
  await page.getByRole("article").getByText('sms "One" from +12025550123').waitFor();
  assert.ok(page.url().endsWith(`#/requests/${sent?.id}`), page.url());
  await page.goBack();
  await page.getByLabel("Conversation").getByText("You said: Two").waitFor();
  assert.equal(await page.locator(".phone-messages .bubble").count(), 4);
  assert.equal(await page.getByLabel("Message", { exact: true }).inputValue(), "Half a thou");
});

test("a conversation is still there after a reload, and is gone in a new conversation", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/phone" });
  await sendMessage(page, "One");
  await sendMessage(page, "Two");
  const isKept = (): boolean =>
    /said: Two/.test(server.asked.findLast(({ what }) => what.startsWith("POST conv"))?.body ?? "");
  while (!isKept()) await setImmediate();
  await page.reload();
  await page.getByLabel("Conversation").getByText("You said: Two").waitFor();
  assert.equal(await page.locator(".phone-messages .bubble").count(), 4);
  await sendMessage(page, "Three");
  assert.equal(await page.locator(".phone-messages .bubble").count(), 6);
  await page.getByRole("button", { name: "New conversation" }).click();
  const isEmpty = (): boolean => server.asked.at(-1)?.body.includes('"rows":[]') === true;
  while (!isEmpty()) await setImmediate();
  await page.reload();
  await page.getByText("Write a message.").first().waitFor();
  assert.equal(await page.locator(".phone-messages .bubble").count(), 0);
});

test("a conversation lists its own requests, and no others", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/phone" });
  const asked = page.getByRole("region", { name: "Requests of the conversation" });
  await asked.getByText("Requests in this conversation appear here.").waitFor();
  await sendMessage(page, "One");
  server.arrive({ method: "GET", target: "/orders" });
  await sendMessage(page, "Two");
  const hrefs = await asked.getByRole("link").evaluateAll((links) => links.map((each) => each.getAttribute("href")));
  const pageRequests = server.exchanges.filter(({ origin }) => origin === "page").map(({ id }) => `#/requests/${id}`);
  assert.deepEqual(hrefs, pageRequests.toReversed());
  await asked.getByRole("link").first().click();
  await page.getByRole("article").getByText('sms "Two" from +12025550123').waitFor();
  await page.goBack();
  await page.getByRole("button", { name: "New conversation" }).click();
  assert.equal(await asked.getByRole("link").count(), 0);
});

test("a call links to its request, and continues when the user returns", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/phone" });
  await page.getByRole("tab", { name: "Call" }).click();
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await page.getByLabel("What the caller hears").getByText("Press 1 to order").first().waitFor();
  const [asked] = server.exchanges.slice(-1);
  const sid = asked?.request.event["CallSid"];
  await page.getByLabel("Call log").getByRole("button", { name: "Request" }).first().click();
  await page.getByRole("article").getByRole("heading", { name: "/voice" }).waitFor();
  assert.ok(page.url().endsWith(`#/requests/${asked?.id}`), page.url());
  await page.goBack();
  await page.getByRole("button", { name: "Hang up" }).waitFor();
  await page.getByLabel("What the caller hears").getByText("Press 1 to order").first().waitFor();
  await page.getByLabel("Call log").getByText(String(sid)).waitFor();
  await page.getByRole("button", { name: "Hang up" }).click();
  await page.getByText("Call ended").waitFor();
});

test("on a wide screen, the latest request is beside the phone, until the user chooses another", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/phone", viewport: { width: 1440, height: 900 } });
  const pane = page.getByLabel("Request of the phone");
  await pane.getByText("appears here").waitFor();
  await sendMessage(page, "One");
  await pane.getByText('sms "One" from +12025550123').waitFor();
  await sendMessage(page, "Two");
  await pane.getByText('sms "Two" from +12025550123').waitFor();
  await page.getByLabel("Conversation").getByRole("button", { name: "Request" }).first().click();
  await pane.getByText('sms "One" from +12025550123').waitFor();
  const first = server.exchanges.at(-2)?.id ?? "";
  assert.match(page.url(), new RegExp(`#/phone/messages\\?.*id=${first}`));
  await sendMessage(page, "Three");
  await pane.getByText('sms "One" from +12025550123').waitFor();
  await pane.getByRole("button", { name: "Show the latest request" }).click();
  await pane.getByText('sms "Three" from +12025550123').waitFor();
  assert.doesNotMatch(page.url(), /id=/);
});

test("the URL has the tab, the function and the numbers, also after a reload", async (t) => {
  const { page } = await openPage(t, { hash: "#/phone" });
  await page.getByRole("tab", { name: "Call" }).click();
  await page.locator(".phone").getByLabel("Function").selectOption("/voice");
  await page.getByLabel("From").fill("+12025550111");
  await page.waitForURL(/#\/phone\/call\?to=\/voice&from=%2B12025550111&number=/);
  await page.evaluate("localStorage.clear()");
  await page.reload();
  await page.getByRole("tab", { name: "Call", selected: true }).waitFor();
  assert.equal(await page.getByLabel("From").inputValue(), "+12025550111");
  await page.evaluate("location.hash = '#/phone/messages?from=%2B12025550122'");
  await page.getByRole("tab", { name: "Messages", selected: true }).waitFor();
  assert.equal(await page.getByLabel("From").inputValue(), "+12025550122");
});

test("a failed webhook says what the function threw", async (t) => {
  const { page } = await openPage(t, { hash: "#/phone/messages?to=/broken" });
  await page.getByLabel("Message", { exact: true }).fill("Hello");
  await page.keyboard.press("Enter");
  await page
    .getByLabel("Conversation")
    .getByText(/replied with status 500: TypeError: /)
    .waitFor();
});
