import assert from "node:assert/strict";
import { after, test } from "node:test";

import { closeBrowser, openPage, rowsOf } from "./open-page.ts";

after(closeBrowser);

test("the user moves through requests, opens, filters and replays them with keys", async (t) => {
  const { page, server } = await openPage(t);
  const { keyboard } = page;
  const detail = page.getByRole("article");
  await rowsOf(page).nth(5).waitFor();
  // All four keys are pressed at once.
  await page.evaluate(`for (const key of ["j", "j", "ArrowDown", "k"]) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  }`);
  await page.locator(".row.cursor").filter({ hasText: "/status" }).waitFor();
  await keyboard.press("Enter");
  await detail.getByRole("heading", { name: "/status" }).waitFor();
  await keyboard.press("j");
  await detail.getByRole("heading", { name: "/broken" }).waitFor();
  await keyboard.press("Escape");
  await detail.waitFor({ state: "detached" });
  await keyboard.press("/");
  await keyboard.type("broken");
  await page.getByText("1 of 6 requests").waitFor();
  // In a text field, letters have no action.
  assert.equal(await page.getByLabel("Filter requests by words").inputValue(), "broken");
  await keyboard.press("Enter");
  await keyboard.press("j");
  await keyboard.press("r");
  await detail.getByText("a replay").waitFor();
  assert.equal(server.exchanges.at(-1)?.path, "/broken");
  await keyboard.press("e");
  await page.getByRole("heading", { name: "Send a webhook" }).waitFor();
  await page.goBack();
  await detail.getByText("a replay").waitFor();
});

test("Enter moves the focus to the heading of the request, and Escape returns it to the list", async (t) => {
  const { page } = await openPage(t);
  await page.getByRole("listbox").focus();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  const heading = page.getByRole("article").getByRole("heading", { name: "/sms" });
  await heading.and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".list:focus").waitFor();
});

test("the help on keys opens and closes by keyboard", async (t) => {
  const { page } = await openPage(t);
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Help" });
  await dialog.getByText("Filter the list").waitFor();
  await page.keyboard.press("j");
  assert.equal(await page.locator(".row.cursor").count(), 0);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
});

test("every control is reachable with Tab, visibly focused, and does not trap the focus", async (t) => {
  const { page, server } = await openPage(t);
  for (const hash of ["#/requests", `#/requests/${server.exchanges[3]?.id}`, "#/simulator/sms", "#/project"]) {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await page.evaluate("document.activeElement.blur()");
    const seen = new Set<string>();
    for (let presses = 0; presses < 150; presses++) {
      await page.keyboard.press("Tab");
      const focused = String(await page.evaluate(describeFocused));
      if (focused === "body") break;
      assert.match(focused, /outlined/, `${hash}: ${focused}`);
      seen.add(focused);
    }
    assert.ok(seen.size > 8, `${hash}: ${[...seen].join("\n")}`);
  }
});

const describeFocused = `(() => {
  const element = document.activeElement;
  if (element === document.body) return "body";
  const shown = element.matches(".kinds input") ? element.nextElementSibling : element;
  const { outlineStyle, outlineWidth } = getComputedStyle(shown);
  const name = element.getAttribute("aria-label") ?? element.textContent;
  return [element.tagName, name.slice(0, 40), outlineStyle !== "none" && outlineWidth !== "0px" ? "outlined" : "plain"].join(" ");
})()`;

test("a webhook is sent with keys alone", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/simulator/sms?to=/sms" });
  await page.getByLabel("Body", { exact: true }).focus();
  await page.keyboard.press("Control+A");
  await page.keyboard.type("from keys");
  await page.keyboard.press("Control+Enter");
  await page.getByText("You said: from keys").first().waitFor();
  assert.equal(server.exchanges.at(-1)?.request.event["Body"], "from keys");
});
