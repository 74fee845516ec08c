import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Locator, Page } from "playwright-core";

import { closeBrowser, openPage } from "./open-page.ts";

after(closeBrowser);

const bodyOf = (page: Page): Locator => page.getByLabel("Body", { exact: true });
const targetOf = (page: Page): Locator =>
  page.getByRole("region", { name: "Simulator" }).getByLabel("Function", { exact: true });
const stored = (page: Page): Promise<string> => page.evaluate<string>("JSON.stringify(localStorage)");

async function untilStored(page: Page, text: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await stored(page)).includes(text)) assert.ok(Date.now() < deadline, `${text} is not stored`);
}

test("the last draft of each function comes back, also after a reload", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/sms?to=/sms" });
  await bodyOf(page).fill("Two Colas");
  await targetOf(page).selectOption("/orders");
  await untilStored(page, "Two Colas");
  await bodyOf(page).fill("For orders");
  await untilStored(page, "For orders");
  await page.reload();
  await targetOf(page).selectOption("/sms");
  assert.equal(await bodyOf(page).inputValue(), "Two Colas");
  await page.getByRole("button", { name: "Start over" }).click();
  assert.equal(await bodyOf(page).inputValue(), "Hello");
  assert.doesNotMatch(await stored(page), /Two Colas/);
  await targetOf(page).selectOption("/orders");
  assert.equal(await bodyOf(page).inputValue(), "For orders");
});

test("secrets are not stored, and the page asks for them", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/sms?to=/sms" });
  await page.getByRole("button", { name: "Add a field" }).click();
  await page.getByLabel("Field name").fill("Token");
  await page.getByLabel("Token", { exact: true }).fill("hidden-one");
  await untilStored(page, "•••");
  assert.doesNotMatch(await stored(page), /hidden-one/);
  await page.reload();
  await page.getByText("This secret is forgotten. Enter its value.").waitFor();
  assert.equal(await page.getByLabel("Token", { exact: true }).inputValue(), "•••");
});

test("a request is saved under a name, opened and deleted", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/sms?to=/sms" });
  await bodyOf(page).fill("Two Colas");
  await page.getByRole("button", { name: "Save…" }).click();
  await page.getByLabel("Name of the request").fill("colas");
  await page.getByLabel("Name of the request").press("Enter");
  const list = page.getByRole("group", { name: "Saved requests" });
  await list.getByRole("button", { name: "colas", exact: true }).waitFor();
  await page.getByText("Incoming call").click();
  await bodyOf(page).waitFor({ state: "detached" });
  await list.getByRole("button", { name: "colas", exact: true }).click();
  assert.equal(await bodyOf(page).inputValue(), "Two Colas");
  assert.ok(await page.getByLabel("Incoming SMS").isChecked());
  // The address still names a call.
  await page.getByText("Incoming call").click();
  await bodyOf(page).waitFor({ state: "detached" });
  await page.reload();
  await list.getByRole("button", { name: "Delete colas" }).click();
  await list.waitFor({ state: "detached" });
});
