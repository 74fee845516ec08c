import assert from "node:assert/strict";
import { test } from "node:test";

import { launchBrowser } from "./browser.ts";
import { startHarness } from "./phone-harness.ts";

test("the chat says what Twilio would reject, and what it would ignore", async () => {
  const browser = await launchBrowser();
  const harness = await startHarness({ "/sms": "<Message>Fish & chips</Message>" });
  try {
    const page = await browser.newPage();
    await page.goto(harness.url);
    await page.locator("body[data-is-ready]").waitFor();
    await page.getByLabel("Message", { exact: true }).fill("Hi");
    await page.keyboard.press("Enter");
    const fault = page.locator(".phone-fault");
    await fault.getByText("Twilio would reject this reply: Write & as &amp; (line 1, column 25)").waitFor();
    const link = fault.getByRole("link", { name: "12100 Document parse failure" });
    assert.equal(await link.getAttribute("href"), "https://www.twilio.com/docs/api/errors/12100");
    assert.equal(await page.locator(".phone-warning").count(), 0);
  } finally {
    await browser.close();
    await harness[Symbol.asyncDispose]();
  }
});
