import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { buildSite, type BuiltSite } from "./built-site.ts";
import { closeBrowser, openPage, rowsOf } from "./open-page.ts";

let built: BuiltSite;

before(async () => {
  built = await buildSite();
});

after(async () => {
  await closeBrowser();
  await built[Symbol.asyncDispose]();
});

/** `openPage` fails the test if there is a console error, for example about the page's policy. */
test("the built page shows requests and details, sends a webhook, and chats on the phone", async (t) => {
  const { page, server } = await openPage(t, { site: built.site });
  await rowsOf(page).filter({ hasText: "/orders" }).click();
  await page.getByRole("article").getByText("the kitchen answered slowly").waitFor();
  server.arrive({ method: "GET", target: "/hostile" });
  await rowsOf(page).filter({ hasText: "/hostile" }).click();
  await page.getByRole("article").getByRole("heading", { name: "/hostile" }).waitFor();
  await page.getByRole("link", { name: "Simulator" }).click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("region", { name: "Simulator" }).getByText("You said").first().waitFor();
  await page.getByRole("link", { name: "Phone" }).click();
  await page.getByLabel("Message", { exact: true }).fill("Hello");
  await page.keyboard.press("Enter");
  await page.getByLabel("Conversation").getByText("You said: Hello").waitFor();
  await page.getByRole("tab", { name: "Call" }).click();
  await page.getByRole("button", { name: "Call", exact: true }).click();
  await page.getByLabel("What the caller hears").getByText("Press 1 to order").waitFor();
  await page.getByRole("button", { name: "Hang up" }).click();
  await page.getByRole("link", { name: "Project" }).click();
  await page.getByRole("region", { name: "Project" }).getByText("/orders").first().waitFor();
  const loaded = await page.evaluate<string[]>("performance.getEntriesByType('resource').map(({ name }) => name)");
  const files = loaded.map((url) => new URL(url).pathname).filter((path) => !path.includes("/api/"));
  assert.deepEqual(files.toSorted(), ["/page/logo.svg", "/page/main.js", "/page/phone-view.js", "/page/style.css"]);
});

const maxPageBytes = 60_000;
/** With the phone, which is loaded when the user opens it. */
const maxBytes = 70_000;

test("the built page is small", (t) => {
  const { pageHtml, readSiteFile } = built.site;
  const texts = [pageHtml({ token: "", nonce: "" })];
  for (const path of ["page/main.js", "page/style.css", "page/logo.svg"])
    texts.push(readSiteFile(path)?.body ?? assert.fail(path));
  const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
  const phone = gzipSync(readSiteFile("page/phone-view.js")?.body ?? assert.fail("phone-view.js")).length;
  t.diagnostic(`${bytes} bytes, and ${phone} for the phone, each file compressed`);
  assert.ok(bytes < maxPageBytes, `${bytes} bytes`);
  assert.ok(bytes + phone < maxBytes, `${bytes + phone} bytes`);
});

test("only the page's script, style sheet and logo are served from the build", () => {
  for (const path of ["page/preact-license.txt", "page/main.tsx", "page/../site.js", "modules/preact.mjs", "site.js"]) {
    assert.equal(built.site.readSiteFile(path), undefined, path);
  }
});
