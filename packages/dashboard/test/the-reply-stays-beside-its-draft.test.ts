import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Locator } from "playwright-core";

import { closeBrowser, openPage } from "./open-page.ts";

after(closeBrowser);

async function isInView(locator: Locator): Promise<boolean> {
  const box = await locator.boundingBox();
  const size = locator.page().viewportSize();
  return box !== null && size !== null && box.y >= 0 && box.y + box.height <= size.height;
}

test("with a long form, the button and the reply stay in view", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/sms?to=/sms", viewport: { width: 1440, height: 500 } });
  await page.getByText("5 more fields").click();
  await page.getByLabel("AccountSid").scrollIntoViewIfNeeded();
  const send = page.getByRole("button", { name: "Send", exact: true });
  assert.ok(await isInView(send));
  await send.click();
  const reply = page.locator(".simulator-outcome").getByText("You said: Hello");
  await reply.waitFor();
  assert.ok(await isInView(reply));
  assert.ok(await isInView(send));
});

test("on a narrow screen the reply comes into view, and a button leads back to the form", async (t) => {
  const viewport = { width: 390, height: 700 };
  const { page } = await openPage(t, { hash: "#/simulator/sms?to=/sms", viewport });
  const send = page.getByRole("button", { name: "Send", exact: true });
  assert.ok(await isInView(send));
  await send.click();
  const reply = page.locator(".simulator-outcome").getByText("You said: Hello");
  await reply.waitFor();
  assert.ok(await isInView(reply));
  // The bar with the views does not scroll away.
  assert.ok(await isInView(page.getByRole("navigation").first()));
  await page.getByRole("button", { name: "Back to the form" }).click();
  assert.ok(await isInView(page.getByRole("heading", { name: "Send a webhook" })));
});

test("a reply is marked as soon as the form no longer shows its request", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/sms?to=/sms" });
  const body = page.getByLabel("Body", { exact: true });
  const mark = page.getByText("Reply to an earlier draft");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("link", { name: "Show the full request" }).waitFor();
  assert.equal(await mark.count(), 0);
  await body.fill("Other");
  await mark.waitFor();
  await body.fill("Hello");
  await mark.waitFor({ state: "detached" });
  await page.getByText("Incoming call").click();
  await mark.waitFor();
});
