import assert from "node:assert/strict";
import { after, test } from "node:test";

import { clipboardOf, closeBrowser, openPage } from "./open-page.ts";

after(closeBrowser);

test("functions, assets and variables are listed, without the values of variables", async (t) => {
  const { page } = await openPage(t, { hash: "#/project" });
  const row = (text: string): Promise<string> => page.getByRole("row").filter({ hasText: text }).innerText();
  assert.match(await row("/flex/profile"), /protected\s+functions\/flex\/profile\.protected\.js/);
  assert.match(await row("prices"), /private/);
  assert.match(await row("/logo.svg"), /1\.9 kB/);
  assert.match(await row("AUTH_TOKEN"), /32 characters/);
  const asset = page.getByRole("link", { name: "/logo.svg" });
  assert.deepEqual(
    [await asset.getAttribute("rel"), await asset.getAttribute("target")],
    ["noreferrer noopener", "_blank"],
  );
});

test("a function links to its file and to the simulator", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/project" });
  const row = page.getByRole("row").filter({ hasText: "/voice/menu" });
  await row.getByRole("button", { name: "functions/voice/menu.js" }).click();
  await row.getByRole("button", { name: "Opened in the editor" }).waitFor();
  assert.equal(server.asked.at(-1)?.body, '{"file":"functions/voice/menu.js"}');
  await row.getByRole("link", { name: "Send" }).click();
  await page.getByRole("heading", { name: "Send a webhook" }).waitFor();
  assert.equal(await page.locator(".draft").getByLabel("Function", { exact: true }).inputValue(), "/voice/menu");
});

test("the URL of a function can be copied, for the Console", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/project" });
  const row = page.getByRole("row").filter({ hasText: "/voice/menu" });
  server.setProject({ publicUrl: "https://example.ngrok.app" });
  await row.getByTitle("Copy https://example.ngrok.app/voice/menu").click();
  await row.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await clipboardOf(page), "https://example.ngrok.app/voice/menu");
});

test("a changed project is shown at once, and its name is the page's title", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/project" });
  await page.waitForFunction("document.title === 'Project – pizza-hotline'");
  server.setProject({
    name: "pasta-hotline",
    publicUrl: "https://example.ngrok.app",
    functions: Array.from({ length: 500 }, (_, index) => ({
      path: `/f${index}`,
      name: `f${index}`,
      visibility: "public" as const,
      file: `functions/f${index}.js`,
    })),
  });
  await page.getByRole("heading", { name: "pasta-hotline" }).first().waitFor();
  await page.getByText("300 more").waitFor();
  await page.getByLabel("Search the project").fill("f499");
  await page.getByText("1 of 500").waitFor();
  await page.getByRole("row").filter({ hasText: "/f499" }).waitFor();
  await page.getByRole("banner").getByTitle("Copy the URL").click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await clipboardOf(page), "https://example.ngrok.app");
});
