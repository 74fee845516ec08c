import assert from "node:assert/strict";
import { after, test } from "node:test";

import { closeBrowser, openPage, rowsOf } from "./open-page.ts";

after(closeBrowser);

const sms = { method: "POST", target: "/sms", body: "Body=Fresh&From=%2B1555" };

test("Clear empties the list at once, and Undo restores it", async (t) => {
  const { page, server } = await openPage(t);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  await page.getByText("8 requests cleared.").waitFor();
  await page.getByRole("button", { name: "Undo" }).and(page.locator(":focus")).waitFor();
  assert.equal(server.exchanges.length, 8);
  server.arrive(sms);
  await page.getByText("1 request", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("7 requests", { exact: true }).waitFor();
  assert.match(await rowsOf(page).first().innerText(), /Fresh/);
  assert.equal(
    server.asked.some(({ what }) => what === "POST clear"),
    false,
  );
});

test("cleared requests are deleted when the notice is dismissed, and later ones are not", async (t) => {
  const { page, server } = await openPage(t);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByText("8 requests cleared.").waitFor();
  const { id } = server.arrive({ ...sms, startedAt: Date.now() + 1 });
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByText("8 requests cleared.").waitFor({ state: "detached" });
  assert.deepEqual(
    server.exchanges.map((exchange) => exchange.id),
    [id],
  );
  await page.getByText("1 request", { exact: true }).waitFor();
});

test("cleared requests are deleted when the page is left", async (t) => {
  const { page, server } = await openPage(t);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByText("8 requests cleared.").waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  assert.deepEqual(server.exchanges, []);
});

test("Clear closes the open request", async (t) => {
  const { page } = await openPage(t);
  await rowsOf(page).first().click();
  await page.getByRole("article").getByRole("button", { name: "Replay" }).waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Replay" }).count(), 0);
});

test("requests that could not be deleted are shown again, with the error", async (t) => {
  const { page, server, expected } = await openPage(t);
  expected.push(/500 \(Internal Server Error\)/);
  server.failNext("clear", "The history is busy.");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByText("Error: The history is busy.").waitFor();
  assert.equal(await rowsOf(page).count(), 6);
});
