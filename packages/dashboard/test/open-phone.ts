/** A page with a phone on it. Any console error, and any request to another server, fails the test. */
import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import { startHarness, type Harness } from "./phone-harness.ts";
import type { Pages } from "../../phone/test/test-call.ts";

let browser: Promise<Browser> | undefined;

/** One browser for all tests of a file. */
export async function closePhones(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

export async function withPhone(
  pages: Pages,
  use: (page: Page, harness: Harness) => Promise<void>,
  width = 1000,
): Promise<void> {
  browser ??= launchBrowser();
  const harness = await startHarness(pages);
  try {
    const page = await (await browser).newPage({ viewport: { width, height: 800 } });
    const complaints: string[] = [];
    const elsewhere: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(message.text());
    });
    page.on("dialog", (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(harness.url) && !request.url().startsWith("data:")) elsewhere.push(request.url());
    });
    try {
      await page.goto(harness.url);
      await page.locator("body[data-is-ready]").waitFor();
      await use(page, harness);
      assert.deepEqual(
        { complaints, elsewhere, strays: harness.strays },
        { complaints: [], elsewhere: [], strays: [] },
      );
    } finally {
      await page.close();
    }
  } finally {
    await harness[Symbol.asyncDispose]();
  }
}

/** Waits until the caller hears the text. */
export function heard(page: Page, text: string): Promise<void> {
  return page.getByLabel("What the caller hears").getByText(text).last().waitFor();
}

/** Calls a function. */
export async function call(page: Page, path: string): Promise<void> {
  await page.getByRole("tab", { name: "Call" }).click();
  await page.getByLabel("Function").selectOption(path);
  await page.getByRole("button", { name: "Call", exact: true }).click();
}
