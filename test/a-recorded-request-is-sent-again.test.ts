/**
 * A request that `offhook dev` recorded is sent again: edited, as a curl command, and after a restart. Its secrets arrive,
 * and nothing shows them.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import type { Exchange, ExchangePage, SendRequest, SendResult } from "@offhook/dashboard/api";
import { signRequest } from "@offhook/runtime/signature";

import { launchBrowser } from "../packages/dashboard/test/browser.ts";
import { shareVisit, visitDashboard, type Visit } from "./dashboard-visit.ts";
import { repository, startOffhook } from "./offhook-process.ts";
import { copyProject } from "./temporary-project.ts";

const authToken = "0123456789abcdef0123456789abcdef";
const apiSecret = 'very "secret" & $odd + value';
const echo = `exports.handler = (context, event, callback) => {
  const { request, ...fields } = event;
  callback(null, { fields, authorization: request.headers.authorization, cookie: request.headers.cookie });
};`;
const files = {
  ".env": `AUTH_TOKEN=${authToken}\nACCOUNT_SID=AC${"0".repeat(32)}\nAPI_SECRET='${apiSecret}'\n`,
  "functions/echo.js": echo,
  "functions/signed.protected.js": echo,
};

interface Echo {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly authorization?: string;
  readonly cookie?: string;
}

const echoOf = ({ body }: Pick<SendResult, "body">): Echo => JSON.parse(body.text) as Echo;

async function newest({ api }: Visit, path: string): Promise<Exchange> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const { exchanges } = await api<ExchangePage>("GET", "exchanges");
    const row = exchanges.find((each) => each.path === path && each.status !== undefined);
    if (row !== undefined) return api<Exchange>("GET", `exchanges/${row.id}`);
  }
  throw new Error(`No exchange of ${path}`);
}

/** Pastes a command into bash, in another folder. */
async function paste(command: string, variables: Record<string, string> = {}): Promise<string> {
  const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
  // The shell has another value of the variable.
  const env = { PATH, API_SECRET: "of the shell", ...variables };
  const { stdout } = await promisify(execFile)("bash", ["-c", command], { env, cwd: "/" });
  return stdout;
}

test("an edited request keeps the secrets that were not touched, and after a restart those of variables", async () => {
  await using project = await copyProject(undefined, files);
  let id: string;
  let edited: SendRequest;
  {
    await using offhook = await startOffhook(project.folder, { verb: "dev" });
    const visit = await visitDashboard(offhook);
    await fetch(`${offhook.url}/echo?access_token=hidden-one`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${authToken}`, cookie: "a=hidden-two" },
      body: JSON.stringify({ name: "Ada", login: { password: "hidden-three" }, note: apiSecret }),
    });
    const exchange = await newest(visit, "/echo");
    assert.equal(exchange.keepsSecrets, true);
    const { target, headers, body } = exchange.request;
    ({ id } = exchange);
    edited = {
      target,
      method: "POST",
      headers: headers.filter(([name]) => ["content-type", "authorization", "cookie"].includes(name.toLowerCase())),
      body: body.text.replace("Ada", "Eve"),
      isSigned: false,
      secrets: { from: id },
    };
    assert.doesNotMatch(JSON.stringify(edited), /hidden|very|0123456789/);
    const sent = echoOf(await visit.api<SendResult>("POST", "send", edited));
    assert.deepEqual(sent.fields, {
      access_token: "hidden-one",
      name: "Eve",
      login: { password: "hidden-three" },
      note: apiSecret,
    });
    assert.deepEqual([sent.authorization, sent.cookie], [`Bearer ${authToken}`, "a=hidden-two"]);
  }
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const visit = await visitDashboard(offhook);
  assert.equal((await visit.api<Exchange>("GET", `exchanges/${id}`)).keepsSecrets, false);
  await assert.rejects(
    visit.api("POST", "send", edited),
    /409[^]*secret-missing[^]*parameter access_token[^]*header cookie[^]*field password/i,
  );
  const entered = {
    ...edited,
    target: "/echo?access_token=new",
    headers: (edited.headers ?? []).filter(([name]) => name.toLowerCase() !== "cookie"),
    body: (edited.body ?? "").replace('"•••"', '"new"'),
  };
  const sent = echoOf(await visit.api<SendResult>("POST", "send", entered));
  assert.deepEqual(sent.fields, { access_token: "new", name: "Eve", login: { password: "new" }, note: apiSecret });
  assert.equal(sent.authorization, `Bearer ${authToken}`);
});

test("a curl command works when it is pasted, with a new signature and without a secret in it", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const visit = await visitDashboard(offhook);
  const curl = async (path: string): Promise<{ readonly id: string; readonly command: string }> => {
    const { id } = await newest(visit, path);
    const response = await fetch(`${visit.origin}/api/exchanges/${id}/curl`, { headers: visit.headers });
    const command = await response.text();
    assert.equal(response.status, 200, command);
    for (const secret of ["hidden", "very", authToken]) assert.ok(!command.includes(secret), command);
    return { id, command };
  };
  const send = (request: Partial<SendRequest>): Promise<SendResult> =>
    visit.api<SendResult>("POST", "send", { target: "/signed", method: "POST", isSigned: true, ...request });

  await send({
    target: "/signed?note=a%20b",
    fields: [
      ["Body", "it's $HOME"],
      ["note", apiSecret],
    ],
  });
  const form = JSON.parse(await paste((await curl("/signed")).command)) as Echo;
  assert.deepEqual(form.fields, { Body: "it's $HOME", note: apiSecret });

  const body = JSON.stringify({ note: apiSecret, n: 1 });
  const headers = [["content-type", "application/json"] as const, ["authorization", `Bearer ${authToken}`] as const];
  await send({ target: `/signed?q=${encodeURIComponent(apiSecret)}`, headers, body });
  const json = JSON.parse(await paste((await curl("/signed")).command)) as Echo;
  assert.deepEqual([json.fields["note"], json.authorization], [apiSecret, `Bearer ${authToken}`]);

  await send({ method: "GET", target: "/signed?a=1" });
  assert.equal((JSON.parse(await paste((await curl("/signed")).command)) as Echo).fields["a"], "1");

  // This secret is no variable. The shell asks for it, and names the command that needs no answer.
  await send({ fields: [["api_key", "hidden-one"]] });
  const { id, command } = await curl("/signed");
  await assert.rejects(paste(command), new RegExp(`SENT_API_KEY: is a secret[^]*offhook replay ${id}`));
  const answered = JSON.parse(await paste(command, { SENT_API_KEY: "hidden-one" })) as Echo;
  assert.deepEqual(answered.fields, { api_key: "hidden-one" });

  await fetch(`${offhook.url}/echo`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: new Uint8Array([0, 255, 10]),
  });
  await newest(visit, "/echo");
  assert.match(await paste((await curl("/echo")).command), /fields/);
  await fetch(`${offhook.url}/echo`, { method: "HEAD" });
  assert.match(await paste(`${(await curl("/echo")).command.trim()} --silent`), /200 OK/);
});

test("a request that came through a trusted proxy is signed for this server's own URL", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev", flags: ["--trust-proxy", "loopback"] });
  const visit = await visitDashboard(offhook);
  const body = Buffer.from("Body=Hi");
  const type = "application/x-www-form-urlencoded";
  const made = signRequest({ url: "https://my.example.org/signed", contentType: type, body }, authToken);
  const headers = {
    "content-type": type,
    "x-forwarded-host": "my.example.org",
    "x-forwarded-proto": "https",
    "x-twilio-signature": made?.signature ?? "",
  };
  assert.equal((await fetch(`${offhook.url}/signed`, { method: "POST", headers, body })).status, 200);
  const { id } = await newest(visit, "/signed");
  const replayed = await visit.api<SendResult>("POST", `exchanges/${id}/replay`);
  assert.deepEqual(echoOf(replayed).fields, { Body: "Hi" });
  const response = await fetch(`${visit.origin}/api/exchanges/${id}/curl`, { headers: visit.headers });
  assert.deepEqual((JSON.parse(await paste(await response.text())) as Echo).fields, { Body: "Hi" });
});

test("a replay after a restart has the values of variables, with and without offhook dev", async () => {
  await using project = await copyProject(undefined, files);
  let id: string;
  {
    await using offhook = await startOffhook(project.folder, { verb: "dev" });
    const visit = await visitDashboard(offhook);
    const headers = { authorization: `Bearer ${authToken}` };
    await fetch(`${offhook.url}/echo`, { method: "POST", headers, body: new URLSearchParams({ note: apiSecret }) });
    ({ id } = await newest(visit, "/echo"));
  }
  const expected = { fields: { note: apiSecret }, authorization: `Bearer ${authToken}` };
  const command = join(repository, "packages/cli/bin/offhook.js");
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  const { stdout } = await promisify(execFile)(process.execPath, [command, "replay", id], { cwd: project.folder, env });
  assert.deepEqual(JSON.parse(stdout), expected);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const visit = await visitDashboard(offhook);
  assert.deepEqual(echoOf(await visit.api<SendResult>("POST", `exchanges/${id}/replay`)), expected);
});

test("in a browser, the form says which secrets are kept, and sends them", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const visit = await visitDashboard(offhook);
  const body = new URLSearchParams({ Body: "Hi", api_key: "hidden-one", note: apiSecret });
  await fetch(`${offhook.url}/echo`, { method: "POST", body });
  const { id } = await newest(visit, "/echo");
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext();
    await shareVisit(visit, context);
    const page = await context.newPage();
    await page.goto(`${visit.origin}/#/requests/${id}`);
    await page.getByRole("link", { name: "Edit and resend" }).click();
    await page.getByText("Secret kept", { exact: true }).waitFor();
    await page.getByText("Secret kept: API_SECRET").waitFor();
    assert.equal(await page.getByLabel("note", { exact: true }).inputValue(), "•••API_SECRET•••");
    await page.getByLabel("Body", { exact: true }).fill("Changed");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.locator(".simulator-outcome").getByText("hidden-one").waitFor();
    const { request } = await newest(visit, "/echo");
    assert.deepEqual(request.event, { Body: "Changed", api_key: "•••", note: "•••API_SECRET•••" });
    assert.doesNotMatch(JSON.stringify(await context.storageState()), /hidden-one|very "secret"/);
  } finally {
    await browser.close();
  }
});
