/**
 * The dashboard of a real `offhook dev` in a real browser. Plays each scene of the guide.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import type { Browser } from "playwright-core";

import { launchBrowser } from "../packages/dashboard/test/browser.ts";
import { scenes, serveScenes } from "./dashboard-scenes.ts";
import { startOffhook } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";

const authToken = "any value";

let browser: Browser;
let offhook: Awaited<ReturnType<typeof serveScenes>>;
before(async () => {
  [browser, offhook] = await Promise.all([launchBrowser(), serveScenes()]);
});
after(async () => {
  await Promise.all([browser.close(), offhook[Symbol.asyncDispose]()]);
});

test("a request in flight can be opened, and is shown in full when it ends", async () => {
  const file = "exports.handler = (context, event, callback) => { console.log('begun'); context.on = callback; };";
  await using project = await copyProject("examples/hello", { "functions/waits.js": file });
  await using served = await startOffhook(project.folder, { verb: "dev" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(served.dashboard ?? "");
    const reply = fetch(`${served.url}/waits?a=1`);
    await page.locator("[role=listbox] [role=option]").first().click();
    const article = page.getByRole("article");
    await article.getByText("No reply yet.").waitFor();
    assert.equal((await reply).status, 504);
    await article.getByText("504").first().waitFor();
    await article.locator(".log").getByText("begun").waitFor();
    await article.getByRole("button", { name: "Replay" }).waitFor();
  } finally {
    await context.close();
  }
});

test("in a project without .env, the first page leads to a message and its reply, and the phone asks for a token", async () => {
  const file = `exports.handler = (context, event, callback) => {
    const twiml = new Twilio.twiml.MessagingResponse();
    twiml.message("Hello " + event.Body);
    callback(null, twiml);
  };`;
  await using project = await copyProject("examples/hello", {
    "functions/sms.js": file,
    "functions/guarded.protected.js": file,
  });
  await using served = await startOffhook(project.folder, { verb: "dev" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(served.dashboard ?? "");
    await page.getByRole("link", { name: "Send a test SMS to /sms" }).click();
    await page.getByLabel("Message", { exact: true }).fill("Ada");
    await page.keyboard.press("Enter");
    await page.getByLabel("Conversation").getByText("Hello Ada").waitFor();
    await page.locator(".phone").getByLabel("Function").selectOption("/guarded");
    await page.getByLabel("Message", { exact: true }).fill("Eve");
    await page.keyboard.press("Enter");
    await page.getByLabel("Conversation").getByText(".env has no AUTH_TOKEN. Add one: any value works here.").waitFor();
    await project.write(".env", `AUTH_TOKEN=${authToken}\n`);
    await served.logged(({ message }) => /added AUTH_TOKEN/.test(String(message)));
    await page.getByLabel("Message", { exact: true }).fill("Eve");
    await page.keyboard.press("Enter");
    await page.getByLabel("Conversation").getByText("Hello Eve").waitFor();
  } finally {
    await context.close();
  }
});

test("an open page keeps working after a restart, and so does one that was reloaded before it", async () => {
  await using project = await copyProject("examples/hello");
  const first = await startOffhook(project.folder, { verb: "dev" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(first.dashboard ?? "");
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    await page.reload();
    let loads = 0;
    page.on("load", () => (loads += 1));
    await fetch(`${first.url}/none-before`);
    await page.getByText("/none-before").first().waitFor();
    await first.stop();
    await page.getByText("The server is not running.").waitFor();
    const { origin, port: dashboardPort } = new URL(first.dashboard ?? "");
    const flags = ["--port", new URL(first.url).port, "--dashboard-port", dashboardPort];
    await using second = await startOffhook(project.folder, { verb: "dev", flags });
    assert.equal(new URL(second.dashboard ?? "").origin, origin);
    await fetch(`${second.url}/none-after`);
    await page.getByText("/none-after").first().waitFor();
    assert.equal(loads, 0);
    await page.reload();
    await page.getByText("/none-after").first().waitFor();
  } finally {
    await context.close();
    await first.stop();
  }
});

test("a second link in the same browser does not take the first tab's access away", async () => {
  await using project = await copyProject("examples/hello");
  await using served = await startOffhook(project.folder, { verb: "dev" });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(served.dashboard ?? "");
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    const again = await context.newPage();
    await again.goto(served.dashboard ?? "");
    await again.getByText("This tab has no access.").waitFor();
    await fetch(`${served.url}/none`);
    await page.getByText("/none").first().waitFor();
  } finally {
    await context.close();
  }
});

for (const { name, play } of scenes) {
  test(`${name}: the browser reports no problems, and loads nothing from other servers`, async () => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("request", (request) => {
        const url = request.url();
        if (!url.startsWith(`${offhook.visit.origin}/`) && !url.startsWith("data:")) complaints.push(url);
      });
      await play(page, offhook);
      assert.deepEqual(complaints, []);
    } finally {
      await context.close();
    }
  });
}
