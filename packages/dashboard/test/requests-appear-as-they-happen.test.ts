import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";

import { closeBrowser, makeNone, openPage, rowsOf } from "./open-page.ts";
import { startFakeServer } from "./fake-server.ts";

after(closeBrowser);

const sms = { method: "POST", target: "/sms", body: "Body=Fresh&From=%2B1555" };

test("a request appears in the list at once, with marks for anything unusual", async (t) => {
  const { page, server } = await openPage(t);
  const rows = rowsOf(page);
  await rows.nth(5).waitFor();
  assert.equal(await rows.count(), 6);
  assert.match(await rowsOf(page).filter({ hasText: "/voice" }).innerText(), /200 OK[^]*cold[^]*ms/);
  assert.match(await rows.filter({ hasText: "/orders" }).innerText(), /1 warning[^]*left running/);
  assert.match(await rows.filter({ hasText: "/broken" }).innerText(), /500 Error/);
  server.arrive(sms);
  await rows.filter({ hasText: 'sms "Fresh" from +1555' }).waitFor();
  assert.match(await rows.first().innerText(), /Fresh/);
});

test("a request is shown as running until its reply is there", async (t) => {
  const { page, server } = await openPage(t, { prepare: makeNone });
  const { id, startedAt, method, path, lines, complaints, origin, status = 0 } = server.arrive(sms);
  const begun = { id: `${id}0`, startedAt: startedAt + 1, method, path, lines, complaints, origin };
  server.publish({ kind: "exchange", exchange: begun });
  await rowsOf(page).first().getByText("running").waitFor();
  server.publish({ kind: "exchange", exchange: { ...begun, status, durationMs: 4 } });
  await rowsOf(page).first().getByText("200 OK").waitFor();
});

test("the list is filtered by words, status and function", async (t) => {
  const { page } = await openPage(t);
  const rows = rowsOf(page);
  await page.getByLabel("Filter requests by words").fill("margherita");
  await page.getByText("1 of 6 requests").waitFor();
  assert.match(await rows.first().innerText(), /One Margherita/);
  await page.getByRole("button", { name: "Show all" }).click();
  await page.getByLabel("Status", { exact: true }).selectOption("failed");
  await page.getByText("1 of 6 requests").waitFor();
  await page.getByLabel("Status", { exact: true }).selectOption("all");
  await page.getByLabel("Function", { exact: true }).selectOption("/sms");
  await page.getByText("2 of 6 requests").waitFor();
  await page.getByLabel("Filter requests by words").fill("no such thing");
  await page.getByText("No requests match the filter.").waitFor();
});

test("a paused list loses no requests", async (t) => {
  const { page, server } = await openPage(t);
  await page.getByRole("button", { name: "Pause" }).click();
  server.arrive(sms);
  server.arrive(sms);
  const resume = page.getByRole("button", { name: "Resume: 2 new" });
  await resume.waitFor();
  assert.equal(await rowsOf(page).count(), 6);
  await resume.click();
  await page.getByText("8 requests").waitFor();
});

test("all requests are saved as HAR", async (t) => {
  const { page } = await openPage(t);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "HAR" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "offhook.har");
  assert.match(await readFile(await download.path(), "utf8"), /"version":"1.2"/);
});

test("the page shows that the server has stopped, and follows its replacement", async (t) => {
  const { page, server, expected } = await openPage(t, { hash: "#/simulator/sms" });
  expected.push(
    /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|403 \(Forbidden\)|ERR_CONNECTION_RESET/,
  );
  await page.getByLabel("Body", { exact: true }).fill("half written");
  await server[Symbol.asyncDispose]();
  await page.getByText("The server is not running.").waitFor();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByRole("alert").getByText("The server does not respond. Is offhook dev still running?").waitFor();
  const another = await startFakeServer({ port: Number(new URL(server.url).port), token: server.token });
  try {
    another.arrive({ ...sms, body: "Body=While+away" });
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    assert.equal(await page.getByLabel("Body", { exact: true }).inputValue(), "half written");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("link", { name: "Show the full request" }).waitFor();
    await page.getByRole("link", { name: "Requests", exact: true }).click();
    await page.getByText("2 requests").waitFor();
  } finally {
    await another[Symbol.asyncDispose]();
  }
});

const endOfServer =
  /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED|403 \(Forbidden\)|ERR_CONNECTION_RESET/;

test("after a restart the page gets a new token and continues without a reload", async (t) => {
  const { page, server, expected } = await openPage(t, { hash: "#/simulator/sms" });
  expected.push(endOfServer);
  let loads = 0;
  page.on("load", () => (loads += 1));
  await page.getByLabel("Body", { exact: true }).fill("half written");
  await server[Symbol.asyncDispose]();
  const { resumeKey } = server;
  const another = await startFakeServer({ port: Number(new URL(server.url).port), resumeKey });
  try {
    assert.notEqual(another.token, server.token);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("link", { name: "Show the full request" }).waitFor();
    assert.equal(another.exchanges.length, 1);
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
    assert.equal(await page.getByLabel("Body", { exact: true }).inputValue(), "half written");
    assert.equal(loads, 0);
    await page.reload();
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  } finally {
    await another[Symbol.asyncDispose]();
  }
});

test("a reload keeps the token, and removes the code from the URL", async (t) => {
  const { page, server } = await openPage(t, { hash: "#/simulator/sms" });
  assert.equal(page.url(), `${server.url}/#/simulator/sms`);
  await page.reload();
  await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  assert.equal(await page.locator("meta[name=offhook-token]").getAttribute("content"), "");
});

test("a tab without a token, or one that cannot resume, shows how to get in", async (t) => {
  const { page, server, expected } = await openPage(t, { hash: "#/simulator/sms" });
  expected.push(endOfServer);
  const other = await page.context().newPage();
  await other.goto(server.url);
  await other.getByText("This tab has no access.").waitFor();
  await other.close();
  await server[Symbol.asyncDispose]();
  const another = await startFakeServer({ port: Number(new URL(server.url).port) });
  try {
    await page.getByText("This tab has no access.").waitFor();
    assert.equal(another.asked.length, 0);
    // The link that the user then opens.
    await page.goto(another.page);
    await page.getByRole("status").filter({ hasText: "Live" }).waitFor();
  } finally {
    await another[Symbol.asyncDispose]();
  }
});

test("requests that arrive while the page is disconnected appear afterwards", async (t) => {
  const { page, server, expected } = await openPage(t);
  expected.push(/ERR_INTERNET_DISCONNECTED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RE/);
  await rowsOf(page).nth(5).waitFor();
  await page.context().setOffline(true);
  server.cutStreams();
  await page.getByText("The server is not running.").waitFor();
  for (let i = 0; i < 450; i++) server.arrive({ ...sms, body: `Body=missed+${i}` });
  await page.context().setOffline(false);
  await page.getByText("456 requests").waitFor();
  assert.match(await rowsOf(page).first().innerText(), /missed 449/);
});

test("a hidden page holds no connection, and catches up when it is visible again", async (t) => {
  const { page, server } = await openPage(t);
  const hide = (isHidden: boolean): Promise<unknown> =>
    page.evaluate(`Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));`);
  assert.equal(server.watching(), 1);
  await hide(true);
  const deadline = Date.now() + 20_000;
  while (server.watching() > 0 && Date.now() < deadline) await new Promise(setImmediate);
  assert.equal(server.watching(), 0);
  server.arrive({ ...sms, body: "Body=Unseen" });
  await hide(false);
  await rowsOf(page).filter({ hasText: "Unseen" }).waitFor();
  assert.equal(server.watching(), 1);
});

test("an older page says that the server has another version", async (t) => {
  const { page, server } = await openPage(t);
  server.setProject({ version: "0.2.0" });
  await page.getByText("Offhook was updated to version 0.2.0. Reload this page (version 0.1.0).").waitFor();
});

test("thousands of requests make a short document, and new ones do not move the rows in sight", async (t) => {
  const { page, server } = await openPage(t);
  await rowsOf(page).first().waitFor();
  for (let i = 0; i < 5000; i++) server.arrive({ ...sms, body: `Body=number+${i}` });
  await page.getByText("5,006 requests").waitFor();
  const list = page.getByRole("listbox");
  assert.ok((await rowsOf(page).count()) < 60);
  await list.hover();
  await page.mouse.wheel(0, 100 * 56);
  const hundredth = rowsOf(page).filter({ hasText: "number 4899" });
  await hundredth.waitFor();
  const before = await hundredth.boundingBox();
  for (let i = 0; i < 20; i++) server.arrive({ ...sms, body: `Body=later+${i}` });
  await page.getByText("5,026 requests").waitFor();
  assert.deepEqual(await hundredth.boundingBox(), before);
  assert.ok((await rowsOf(page).count()) < 60);
  await page.mouse.wheel(0, 1e6);
  await rowsOf(page).filter({ hasText: "One Margherita" }).waitFor();
});

test("older requests are loaded at the end of the list", async (t) => {
  const prepare = (server: { arrive: (request: typeof sms) => unknown }): void => {
    for (let i = 0; i < 450; i++) server.arrive({ ...sms, body: `Body=number+${i}` });
  };
  const { page } = await openPage(t, { prepare });
  await page.getByText("200 requests, and older").waitFor();
  await page.getByRole("listbox").hover();
  for (const count of ["400 requests, and older", "450 requests"]) {
    await page.mouse.wheel(0, 1e6);
    await page.getByText(count, { exact: true }).waitFor();
  }
  // The list grows when the page draws the new rows, and only then can it scroll further.
  const oldest = rowsOf(page).filter({ hasText: '"number 0"' });
  while (!(await oldest.isVisible())) {
    await page.mouse.wheel(0, 1e6);
    await page.evaluate("new Promise(requestAnimationFrame)");
  }
});

test("notices stay until the user dismisses them", async (t) => {
  const { page, server } = await openPage(t);
  server.publish({
    kind: "notice",
    level: "warn",
    text: "The project was read anew; .env has a line without a value.",
  });
  await page.getByText("Warning: The project was read anew").waitFor();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByText("Warning: The project was read anew").waitFor({ state: "detached" });
});
