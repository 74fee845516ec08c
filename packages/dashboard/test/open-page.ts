/** The page in a browser, with a fake server. Any console error, and any request to another server, fails the test. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";

import { launchBrowser } from "./browser.ts";
import { startFakeServer, type Site, type FakeServer } from "./fake-server.ts";
import { usualRequests } from "./sample-exchanges.ts";

export interface OpenPage {
  readonly page: Page;
  readonly server: FakeServer;
  /** Console errors that the test expects, for example because the server has stopped. */
  readonly expected: RegExp[];
}

let browser: Promise<Browser> | undefined;

/** One browser for all tests of a file. */
export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

interface Options extends BrowserContextOptions {
  readonly hash?: string;
  /** Called before the page is opened. */
  readonly prepare?: (server: FakeServer) => void;
  /** The published files, if they are tested instead of the checkout. */
  readonly site?: Site;
}

/** The server already has eight requests, unless the test prepares others. */
export async function openPage(
  t: TestContext,
  { hash = "", prepare = makeUsual, site, ...options }: Options = {},
): Promise<OpenPage> {
  browser ??= launchBrowser();
  const server = await startFakeServer(site && { site });
  prepare(server);
  const context = await (
    await browser
  ).newContext({
    viewport: { width: 1280, height: 800 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...options,
  });
  const complaints: string[] = [];
  const expected: RegExp[] = [];
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("dialog", (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${server.url}/`) && !/^(?:data|blob):/.test(url)) complaints.push(`asked for ${url}`);
  });
  t.after(async () => {
    const wasRun: unknown = await page.evaluate("globalThis.wasRun");
    await context.close();
    await server[Symbol.asyncDispose]();
    const unexpected = complaints.filter((text) => !expected.some((each) => each.test(text)));
    assert.deepEqual(unexpected, []);
    assert.equal(wasRun, undefined);
  });
  page.setDefaultTimeout(20_000);
  await page.goto(`${server.page}${hash}`);
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  return { page, server, expected };
}

function makeUsual(server: FakeServer): void {
  const first = Date.now() - usualRequests.length * 1000;
  usualRequests.forEach((request, index) => server.arrive({ ...request, startedAt: first + index * 1000 }));
}

export function makeNone(): void {
  // A project that was just started.
}

/** The rows of the list. Choices have options too. */
export function rowsOf(page: Page): Locator {
  return page.getByRole("listbox", { name: "Requests" }).getByRole("option");
}

export async function clipboardOf(page: Page): Promise<string> {
  return page.evaluate<string>("navigator.clipboard.readText()");
}
