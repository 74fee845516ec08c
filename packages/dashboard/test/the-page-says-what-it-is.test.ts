import assert from "node:assert/strict";
import { after, test } from "node:test";

import { entryPage } from "../src/server/entry-page.ts";
import { closeBrowser, openPage } from "./open-page.ts";

after(closeBrowser);

test("the top of the page names the product, its version and the project", async (t) => {
  const { page } = await openPage(t);
  const title = page.getByRole("heading", { level: 1 });
  assert.match(await title.innerText(), /Offhook\s+0\.1\.0\s+pizza-hotline/);
  assert.ok(await page.evaluate<boolean>("document.querySelector('h1 img').naturalWidth > 0"));
});

test("the tab has an icon, which the server serves", async (t) => {
  const { page, server } = await openPage(t);
  const icon = await page.locator("link[rel=icon]").getAttribute("href");
  const response = await fetch(new URL(icon ?? "", server.url));
  assert.equal(response.headers.get("content-type"), "image/svg+xml");
  assert.match(await response.text(), /^<svg /);
});

test("the page for a browser without access carries its icon with it", () => {
  assert.match(entryPage("no-session"), /<link rel="icon" type="image\/svg\+xml" href="data:image\/svg\+xml,%3Csvg%20/);
});

test("the help shows the version, and links to the documentation in a new tab", async (t) => {
  const { page } = await openPage(t);
  await page.getByRole("button", { name: "Help" }).click();
  const dialog = page.getByRole("dialog", { name: "Help" });
  await dialog.getByText("Offhook 0.1.0").waitFor();
  const link = dialog.getByRole("link", { name: "Error codes" });
  assert.match((await link.getAttribute("href")) ?? "", /^https:\/\/github\.com\/offhook\/offhook\/.*errors\.md$/);
  assert.equal(await link.getAttribute("target"), "_blank");
});
