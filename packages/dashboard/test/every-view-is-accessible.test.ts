/** Every view meets WCAG 2 on both levels that axe checks, in both colour schemes, on wide and narrow screens. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import axe from "axe-core";
import type { Page } from "playwright-core";

import { closeBrowser, makeNone, openPage, rowsOf } from "./open-page.ts";

after(closeBrowser);

/**
 * The first two rules are good practice: screen readers navigate by headings and landmarks. The last rule is an
 * experiment of axe. It misses that the letters on a keypad are not part of the label.
 */
const audit = `axe.run(document, {
  preload: false,
  runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] },
  rules: { "heading-order": { enabled: true }, "landmark-unique": { enabled: true }, "label-content-name-mismatch": { enabled: false } },
}).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => id + ": " + html.slice(0, 160) + " " + failureSummary.split("\\n").slice(1).join(" "))))`;

/** Examines the places that a test leads to. */
async function auditorOf(page: Page): Promise<{ audit: (place: string) => Promise<void>; found: string[] }> {
  const found: string[] = [];
  await page.evaluate(axe.source);
  const auditPlace = async (place: string): Promise<void> => {
    const violations = await page.evaluate<string[]>(audit);
    found.push(...violations.map((violation) => `${place}: ${violation}`));
  };
  return { audit: auditPlace, found };
}

/** axe adds a style element, which the page's policy forbids. */
const auditable = { bypassCSP: true };

const screens = [
  { name: "wide", viewport: { width: 1440, height: 900 } },
  { name: "narrow", viewport: { width: 390, height: 844 } },
] as const;

for (const colorScheme of ["light", "dark"] as const) {
  for (const { name, viewport } of screens) {
    test(`every view is accessible: ${colorScheme}, ${name}`, async (t) => {
      const { page, server } = await openPage(t, { colorScheme, viewport, ...auditable });
      const auditor = await auditorOf(page);
      const goTo = (hash: string): Promise<unknown> => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await rowsOf(page).first().waitFor();
      await auditor.audit("the list");
      for (const { id, path } of server.exchanges) {
        await goTo(`#/requests/${id}`);
        await page.getByRole("article").getByRole("heading", { name: path }).waitFor();
        await page.getByRole("article").getByRole("button", { name: "Replay" }).waitFor();
        await page.evaluate(`document.querySelectorAll("details.folded").forEach((each) => (each.open = true))`);
        await auditor.audit(path);
      }
      for (const kind of ["sms", "plain"]) {
        await goTo(`#/simulator/${kind}`);
        await page.getByRole("heading", { name: "Send a webhook" }).waitFor();
        await page.getByRole("button", { name: "Send", exact: true }).click();
        await page.getByRole("link", { name: "Show the full request" }).waitFor();
        await auditor.audit(`simulator, ${kind}`);
      }
      await goTo("#/phone/messages");
      await page.getByLabel("Message", { exact: true }).fill("Hello");
      await page.keyboard.press("Enter");
      await page.getByLabel("Conversation").getByText("You said: Hello").waitFor();
      await auditor.audit("messages");
      await page.getByRole("tab", { name: "Call" }).click();
      await page.getByRole("button", { name: "Call", exact: true }).click();
      await page.getByLabel("What the caller hears").getByText("Press 1 to order").first().waitFor();
      await auditor.audit("a call");
      await page.getByRole("button", { name: "Hang up" }).click();
      await goTo("#/project");
      await page.getByRole("heading", { name: "Variables" }).waitFor();
      await auditor.audit("the project");
      await page.getByRole("button", { name: "Help" }).click();
      await page.getByRole("dialog").waitFor();
      await auditor.audit("the help");
      assert.deepEqual(auditor.found, []);
    });

    test(`the page before the first request is accessible: ${colorScheme}, ${name}`, async (t) => {
      const { page, server } = await openPage(t, { colorScheme, viewport, prepare: makeNone, ...auditable });
      const auditor = await auditorOf(page);
      await page.getByRole("heading", { name: "No requests yet" }).waitFor();
      server.publish({ kind: "notice", level: "error", text: "An error." });
      server.publish({ kind: "notice", level: "warn", text: "A warning." });
      await page.getByText("A warning.").waitFor();
      await auditor.audit("the start");
      assert.deepEqual(auditor.found, []);
    });
  }
}
