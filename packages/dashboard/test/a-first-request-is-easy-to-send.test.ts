import assert from "node:assert/strict";
import { after, test } from "node:test";

import { clipboardOf, closeBrowser, makeNone, openPage, rowsOf } from "./open-page.ts";

after(closeBrowser);

test("three clicks send the first message", async (t) => {
  const { page, server } = await openPage(t, { prepare: makeNone });
  await page.getByRole("heading", { name: "No requests yet" }).waitFor();
  await page.getByRole("link", { name: "Send a test SMS to /sms" }).click();
  await page.getByLabel("Message", { exact: true }).click();
  await page.keyboard.type("Hello");
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByLabel("Conversation").getByText("You said: Hello").waitFor();
  await page.getByRole("link", { name: "Requests", exact: true }).click();
  await rowsOf(page).first().getByText("/sms").waitFor();
  assert.equal(server.exchanges.length, 1);
});

test("each kind of function has a first step of its own, and the command succeeds", async (t) => {
  const { page, server } = await openPage(t, { prepare: makeNone });
  const hrefOf = (name: string): Promise<string | null> => page.getByRole("link", { name }).getAttribute("href");
  assert.equal(await hrefOf("Send a test SMS to /sms"), "#/phone/messages?to=/sms");
  assert.equal(await hrefOf("Call /voice"), "#/phone/call?to=/voice");
  assert.equal(await hrefOf("Open /orders"), `${server.url}/orders`);
  assert.equal(await hrefOf("Send a signed webhook to /status"), "#/simulator?to=/status");
  await page.getByTitle("Copy the command").first().click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await clipboardOf(page), `curl -i ${server.url}/orders`);
  assert.equal((await fetch(`${server.url}/orders`)).status, 200);
  await rowsOf(page).first().getByText("/orders").waitFor();
});

test("with a public URL, the page shows what to paste into the Console", async (t) => {
  const prepare = (server: { setProject: (change: { publicUrl: string }) => void }): void =>
    server.setProject({ publicUrl: "https://example.ngrok.app" });
  const { page } = await openPage(t, { prepare });
  await page.getByTitle("Copy the URL for A message comes in").click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await clipboardOf(page), "https://example.ngrok.app/sms");
  await page.getByText("https://example.ngrok.app/voice").waitFor();
});

test("requests that no function answered leave the first steps in sight", async (t) => {
  const { page, server } = await openPage(t, { prepare: makeNone });
  server.arrive({ method: "GET", target: "/favicon.ico" });
  await page.getByText("1 request for assets and icons is not listed.").waitFor();
  server.arrive({ method: "GET", target: "/nothing" });
  await rowsOf(page).first().getByText("404").waitFor();
  await page.getByRole("heading", { name: "No function called yet" }).waitFor();
  server.arrive({ method: "GET", target: "/orders" });
  await page.getByText("Select a request.").waitFor();
});
