/**
 * The dashboard of a real `offhook dev` in a real browser: each scene of the guide is played through.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { launchBrowser } from "../packages/dashboard/test/browser.ts";
import { scenes, serveScenes } from "./dashboard-scenes.ts";

let browser: Browser;
let offhook: Awaited<ReturnType<typeof serveScenes>>;
before(async () => {
  [browser, offhook] = await Promise.all([launchBrowser(), serveScenes()]);
});
after(async () => {
  await Promise.all([browser.close(), offhook[Symbol.asyncDispose]()]);
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
