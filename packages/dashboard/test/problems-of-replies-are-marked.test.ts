import assert from "node:assert/strict";
import { after, test } from "node:test";

import { closeBrowser, openPage, rowsOf } from "./open-page.ts";

after(closeBrowser);

const call = { method: "POST", body: "CallSid=CA00000000000000000000000000000001&From=%2B15550100001" };

test("a reply that Twilio would reject or ignore has a badge with the number", async (t) => {
  const { page, server } = await openPage(t);
  server.arrive({ ...call, target: "/rejected" });
  server.arrive({ ...call, target: "/ignored" });
  const rejected = rowsOf(page).filter({ hasText: "/rejected" }).locator(".mark.bad");
  assert.equal(await rejected.innerText(), "TwiML 12100");
  assert.equal(await rejected.getAttribute("title"), "Twilio rejects this reply");
  const ignored = rowsOf(page).filter({ hasText: "/ignored" }).locator(".mark.warn");
  assert.equal(await ignored.innerText(), "TwiML 12200");
  assert.equal(await rowsOf(page).filter({ hasText: "/voice" }).getByText("TwiML").count(), 0);
});

test("the filter for problems finds these replies", async (t) => {
  const { page, server } = await openPage(t, { prepare: () => undefined });
  for (const target of ["/sms", "/rejected", "/ignored"]) server.arrive({ ...call, target });
  await rowsOf(page).nth(2).waitFor();
  await page.getByLabel("Status", { exact: true }).selectOption({ label: "Something wrong" });
  await page.getByText("2 of 3 requests").waitFor();
  await page.getByLabel("Filter requests by words").fill("12100");
  await page.getByText("1 of 3 requests").waitFor();
});

test("a request in full has each problem with its line, the next step and a link", async (t) => {
  const { page, server } = await openPage(t);
  const { id } = server.arrive({ ...call, target: "/ignored" });
  await page.goto(`${server.page}#/requests/${id}`);
  const trouble = page.locator(".trouble");
  await trouble.getByRole("heading", { name: "What went wrong" }).waitFor();
  const problems = trouble.getByRole("list", { name: "Problems of the reply" }).getByRole("listitem");
  assert.match(await problems.nth(0).innerText(), /Did you mean numDigits\? line 1/);
  const link = problems.nth(0).getByRole("link", { name: "12200 Schema validation warning" });
  assert.equal(await link.getAttribute("href"), "https://www.twilio.com/docs/api/errors/12200");
  assert.match(await problems.nth(1).innerText(), /<Say> is never reached/);
  assert.equal(await problems.nth(1).getByRole("link").count(), 0);

  const rejected = server.arrive({ ...call, target: "/rejected" });
  await page.goto(`${server.page}#/requests/${rejected.id}`);
  await trouble.getByText("Twilio ends the call").waitFor();
  await trouble.getByText("Build the reply with Twilio.twiml").waitFor();
});
