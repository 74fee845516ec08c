/**
 * The dashboard of a real `offhook dev` in a real browser: each scene of the guide is played through.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { launchBrowser } from "../packages/dashboard/test/browser.ts";
import { scenes, serveScenes } from "./dashboard-scenes.ts";
import { startOffhook } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";

let browser: Browser;
let offhook: Awaited<ReturnType<typeof serveScenes>>;
before(async () => {
  [browser, offhook] = await Promise.all([launchBrowser(), serveScenes()]);
});
after(async () => {
  await Promise.all([browser.close(), offhook[Symbol.asyncDispose]()]);
});

test("a script that comes with a project's reply gets neither the page nor its token", async () => {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${offhook.url}/voice`);
    const opened = context.waitForEvent("page");
    await page.evaluate(`globalThis.opened = window.open("/_offhook/"); undefined`);
    await (await opened).getByRole("status").filter({ hasText: "Live" }).waitFor();
    // That one works, and is out of reach.
    await assert.rejects(page.evaluate(`opened.document.documentElement.outerHTML`));
    assert.match(await page.evaluate(`fetch("/_offhook/").then((page) => page.text())`), /"foreign"/);
  } finally {
    await context.close();
  }
});

test("a request that has no end yet can be looked at, and is shown in full when it ends", async () => {
  const file = "exports.handler = (context, event, callback) => { console.log('begun'); context.on = callback; };";
  await using project = await copyProject("examples/hello", { "functions/waits.js": file });
  await using served = await startOffhook(project.folder, { verb: "dev" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`${served.url}/_offhook/`);
    const reply = fetch(`${served.url}/waits?a=1`);
    await page.locator("[role=listbox] [role=option]").first().click();
    const article = page.getByRole("article");
    await article.getByText("There is none yet.").waitFor();
    assert.equal((await reply).status, 504);
    await article.getByText("504").first().waitFor();
    await article.getByText("begun").waitFor();
    await article.getByRole("button", { name: "Replay" }).waitFor();
  } finally {
    await context.close();
  }
});

test("a page that is open goes on when the server was started anew", async () => {
  await using project = await copyProject("examples/hello");
  const first = await startOffhook(project.folder, { verb: "dev" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    let loads = 0;
    page.on("load", () => (loads += 1));
    await page.goto(`${first.url}/_offhook/`);
    await fetch(`${first.url}/none-before`);
    await page.getByText("/none-before").first().waitFor();
    await first.stop();
    const flags = ["--port", new URL(first.url).port];
    await using second = await startOffhook(project.folder, { verb: "dev", flags });
    assert.equal(second.url, first.url);
    await fetch(`${second.url}/none-after`);
    await page.getByText("/none-after").first().waitFor();
    assert.equal(loads, 1);
  } finally {
    await context.close();
    await first.stop();
  }
});

for (const { name, play } of scenes) {
  test(`${name}: nothing is complained of, and nobody else is asked`, async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        if (!request.url().startsWith(`${offhook.url}/`) && !request.url().startsWith("data:"))
          complaints.push(request.url());
      });
      await play(page, offhook);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}
