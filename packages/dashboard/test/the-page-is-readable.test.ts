import assert from "node:assert/strict";
import { after, test } from "node:test";

import { closeBrowser, openPage, rowsOf } from "./open-page.ts";

after(closeBrowser);

/** The text with the lowest contrast to its background, calculated as in WCAG 2. */
const minContrast = `(() => {
  const part = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * part(r / 255) + 0.7152 * part(g / 255) + 0.0722 * part(b / 255);
  const rgba = (text) => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] === 1) return color;
    }
    return [255, 255, 255, 1];
  };
  let lowest = { ratio: 21, text: "" };
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!hasText || !element.checkVisibility({ opacityProperty: true }) || element.closest(":disabled, .sr-only, option")) continue;
    const [one, other] = [light(rgba(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < lowest.ratio) lowest = { ratio, text: element.className + ": " + element.textContent.slice(0, 60) };
  }
  return lowest;
})()`;

for (const colorScheme of ["light", "dark"] as const) {
  test(`all text has enough contrast: ${colorScheme}`, async (t) => {
    const { page, server } = await openPage(t, { colorScheme });
    server.publish({ kind: "notice", level: "error", text: "An error." });
    server.publish({ kind: "notice", level: "warn", text: "A warning." });
    await page.getByText("A warning.").waitFor();
    const ground = await page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    assert.equal(ground, colorScheme === "light" ? "rgb(247, 247, 245)" : "rgb(19, 20, 22)");
    const opened = server.exchanges.map(({ id }) => `#/requests/${id}`);
    for (const hash of ["#/requests", ...opened, "#/simulator/sms", "#/project", "#/phone"]) {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      if (hash.includes("RQ")) await page.getByRole("article").getByRole("button", { name: "Replay" }).waitFor();
      const { ratio, text } = await page.evaluate<{ ratio: number; text: string }>(minContrast);
      assert.ok(ratio >= 4.5, `${hash}: ${ratio.toFixed(2)} of "${text}"`);
    }
  });
}

/** By how much an element is wider than its container. */
const excess = `Math.max(
  document.documentElement.scrollWidth - 360,
  ...[...document.querySelectorAll(".view, .detail-pane, .phone-messages")].map((each) => each.scrollWidth - each.clientWidth),
)`;

const narrow = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

test("on a phone there is one column, with a way back, and no element is wider than the screen", async (t) => {
  const { page, server } = await openPage(t, narrow);
  await rowsOf(page).first().waitFor();
  assert.equal(await page.getByText("Choose a request.").isVisible(), false);
  await rowsOf(page).first().tap();
  const detail = page.getByRole("article");
  await detail.getByRole("heading", { name: "/sms" }).waitFor();
  assert.equal(await rowsOf(page).first().isVisible(), false);
  await page.getByRole("link", { name: "← Requests" }).tap();
  await rowsOf(page).first().waitFor();
  const opened = server.exchanges.map(({ id }) => `#/requests/${id}`);
  for (const hash of ["#/requests", ...opened, "#/simulator/sms", "#/simulator/plain", "#/project", "#/phone"]) {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    if (hash.includes("RQ")) await detail.getByRole("button", { name: "Replay" }).waitFor();
    assert.equal(await page.evaluate(excess), 0, hash);
  }
});

test("on a phone long names are wrapped, and no element is wider than the screen", async (t) => {
  const { page, server } = await openPage(t, { ...narrow, hash: "#/project" });
  const name = `/sms${"x".repeat(200)}`;
  server.setProject({
    name,
    publicUrl: `https://${"x".repeat(60)}.example.com`,
    functions: [{ path: name, name, visibility: "public", file: name }],
    assets: [{ path: name, name, visibility: "public", file: name, bytes: 1 }],
    variables: [{ name, hint: name }],
  });
  await page.getByRole("heading", { name }).first().waitFor();
  for (const hash of ["#/project", "#/simulator/sms", "#/requests", "#/phone"]) {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
    await page.locator(`nav a[href="${hash.replace("/sms", "")}"][aria-current]`).waitFor();
    assert.equal(await page.evaluate(excess), 0, hash);
  }
  await page.getByLabel("Message", { exact: true }).fill(name);
  await page.keyboard.press("Enter");
  await page.locator(".phone-messages .phone-fault").waitFor();
  assert.equal(await page.evaluate(excess), 0);
});

test("with reduced motion, nothing moves", async (t) => {
  const { page } = await openPage(t, { hash: "#/simulator/sms", reducedMotion: "reduce" });
  await page.getByRole("switch").waitFor();
  const moving = await page.evaluate(
    `[...document.querySelectorAll("*")].filter((each) => ["", "::before"].some((part) => Number.parseFloat(getComputedStyle(each, part).transitionDuration) > 0)).length`,
  );
  assert.equal(moving, 0);
});
