import assert from "node:assert/strict";
import { after, test } from "node:test";

import { closeBrowser, openPage, rowsOf } from "./open-page.ts";

after(closeBrowser);

test("a filter survives a reload, and Back leaves the list at once", async (t) => {
  const { page } = await openPage(t, { hash: "#/project" });
  await page.getByRole("link", { name: "Requests", exact: true }).click();
  await page.getByLabel("Filter requests by words").fill("pizza");
  await page.getByLabel("Status", { exact: true }).selectOption("good");
  await page.waitForURL(/#\/requests\?filter=pizza&status=good$/);
  await page.reload();
  await page.getByText("1 of 6 requests").waitFor();
  assert.equal(await page.getByLabel("Filter requests by words").inputValue(), "pizza");
  await rowsOf(page).first().click();
  await page.waitForURL(/#\/requests\/RQ\w+\?filter=pizza&status=good$/);
  await page.goBack();
  await page.getByText("Select a request.").waitFor();
  await page.goBack();
  await page.getByRole("heading", { name: "Variables" }).waitFor();
});

test("a link with a filter opens the list with it, and a link without one keeps it", async (t) => {
  const { page } = await openPage(t, { hash: "#/requests?status=failed" });
  await page.getByText("1 of 6 requests").waitFor();
  await page.getByRole("link", { name: "Project" }).click();
  await page.getByRole("link", { name: "Requests", exact: true }).click();
  await page.getByText("1 of 6 requests").waitFor();
  await page.getByRole("button", { name: "Show all" }).click();
  await page.waitForURL(/#\/requests$/);
});

test("assets are counted, and shown on request", async (t) => {
  const { page } = await openPage(t);
  await page.getByText("6 requests", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Show 2 assets" }).click();
  await page.getByText("8 requests", { exact: true }).waitFor();
  await rowsOf(page).filter({ hasText: "/favicon.ico" }).waitFor();
  await page.waitForURL(/assets=shown$/);
  await page.getByRole("button", { name: "Hide 2 assets" }).click();
  await page.getByText("6 requests", { exact: true }).waitFor();
});
