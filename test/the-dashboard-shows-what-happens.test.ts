/**
 * The dashboard of a real `offhook dev`, asked as its page asks: what is told of requests, what can be sent, and to whom it
 * answers at all.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { request as ask, type IncomingMessage } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import type { Exchange, ExchangePage, Project, Sent, Simulation } from "@offhook/dashboard/api";

import { repository, startOffhook, type OffhookOptions, type OffhookProcess } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";

const authToken = "0123456789abcdef0123456789abcdef";

const files = {
  ".env": `AUTH_TOKEN=${authToken}\nACCOUNT_SID=AC${"0".repeat(32)}\nAPI_SECRET=very-secret-value\n`,
  "functions/hello.js": `exports.handler = (context, event, callback) => {
    console.log("hello", event.name);
    console.warn("careful:", context.API_SECRET);
    callback(null, { hello: event.name });
  };`,
  "functions/sms.protected.js": `exports.handler = (context, event, callback) => {
    const twiml = new Twilio.twiml.MessagingResponse();
    twiml.message("You said: " + event.Body);
    callback(null, twiml);
  };`,
  "functions/cookie.js": `exports.handler = (context, event, callback) => {
    const response = new Twilio.Response();
    response.setCookie("visits", String(Number(event.request.cookies.visits ?? 0) + 1));
    callback(null, response);
  };`,
  "functions/headers.js": `exports.handler = (context, event, callback) => callback(null, event.request.headers);`,
  "functions/fails.js": `exports.handler = (context, event, callback) => callback(null, context.MISSING.length);`,
  "functions/leaves.js": `exports.handler = (context, event, callback) => { setTimeout(() => {}, 60000); callback(null, "ok"); };`,
  "assets/page.html": "<h1>Hello</h1>",
};

interface Site extends AsyncDisposable {
  readonly project: TemporaryProject;
  readonly offhook: OffhookProcess;
  /** As the page asks. @throws where the answer is an error. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** The newest exchange of a path, once it is as wanted. */
  exchange(path: string, isWanted?: (exchange: Exchange) => boolean): Promise<Exchange>;
}

async function serve(options: OffhookOptions = {}, given?: TemporaryProject): Promise<Site> {
  const project = given ?? (await copyProject(undefined, files));
  const offhook = await startOffhook(project.folder, { verb: "dev", ...options });
  const { url } = offhook;
  const page = await (await fetch(`${url}/_offhook/`)).text();
  const token = /name="offhook-token" content="([^"]+)"/.exec(page)?.[1] ?? "";
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const headers = { "x-offhook-token": token, ...(body !== undefined && { "content-type": "application/json" }) };
    const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    const response = await fetch(`${url}/_offhook/api/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
  const exchange: Site["exchange"] = async (path, isWanted = () => true) => {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const { exchanges } = await api<ExchangePage>("GET", "exchanges");
      const row = exchanges.find((each) => each.path === path);
      const found = row && (await api<Exchange>("GET", `exchanges/${row.id}`));
      if (found !== undefined && isWanted(found)) return found;
    }
    throw new Error(`No such exchange of ${path}`);
  };
  const dispose = async (): Promise<void> => {
    await offhook.stop();
    if (given === undefined) await project[Symbol.asyncDispose]();
  };
  return { project, offhook, api, exchange, [Symbol.asyncDispose]: dispose };
}

test("a request is told with all that belongs to it, and without secrets", async () => {
  await using site = await serve();
  const { url } = site.offhook;
  await fetch(`${url}/hello?name=Ada&access_token=hidden`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer hidden", cookie: "a=hidden" },
    body: JSON.stringify({ name: "Eve", password: "hidden", note: "very-secret-value" }),
  });
  const seen = await site.exchange("/hello", ({ logs }) => logs.length === 2);
  assert.equal(seen.status, 200);
  assert.equal(seen.method, "POST");
  assert.equal(seen.resource, "function");
  assert.equal(seen.file, "functions/hello.js");
  assert.equal(seen.origin, "client");
  assert.equal(seen.complaints, 1);
  assert.deepEqual(
    seen.logs.map(({ level, text }) => `${level} ${text}`),
    ["info hello Eve", "warn careful: •••"],
  );
  assert.deepEqual(seen.request.event, { name: "Eve", access_token: "•••", password: "•••", note: "•••" });
  assert.equal(seen.reply?.body.text, '{"hello":"Eve"}');
  const total = seen.phases.reduce((sum, { tookMs }) => sum + tookMs, 0);
  assert.ok(Math.abs(total - (seen.durationMs ?? 0)) < 1, `${total} of ${seen.durationMs}`);
  assert.ok(seen.phases.some(({ name }) => name === "run"));
  assert.ok((seen.isolate?.pid ?? 0) > 0);
  const all = JSON.stringify(seen) + JSON.stringify(await site.api("GET", "har"));
  for (const secret of ["hidden", "very-secret-value", authToken]) assert.ok(!all.includes(secret), secret);
});

test("failures come with their stack and hints, and what was left behind is told", async () => {
  await using site = await serve();
  const { url } = site.offhook;
  await Promise.all(["fails", "leaves", "nowhere", "sms", "page.html"].map((path) => fetch(`${url}/${path}`)));
  const failed = await site.exchange("/fails");
  assert.equal(failed.code, "handler-threw");
  assert.match(failed.detail ?? "", /TypeError[^]*functions\/fails\.js:1/);
  assert.ok(
    failed.hints.some(({ text, line }) => text.includes("MISSING") && line === 1),
    JSON.stringify(failed.hints),
  );
  const left = await site.exchange("/leaves", ({ leftovers }) => leftovers !== undefined);
  assert.match(left.leftovers ?? "", /timer/);
  assert.equal((await site.exchange("/nowhere")).status, 404);
  const refused = await site.exchange("/sms");
  assert.equal(refused.status, 403);
  assert.equal(refused.request.signature, "missing");
  const asset = await site.exchange("/page.html");
  assert.equal(asset.resource, "asset");
  assert.equal(asset.status, 200);
});

test("webhooks can be sent, signed, and what came is repeated with its secrets", async () => {
  await using site = await serve();
  const { url } = site.offhook;
  const simulations = await site.api<Simulation[]>("GET", "simulations");
  assert.deepEqual(
    simulations.map(({ kind }) => kind),
    ["sms", "voice", "gather", "status", "call-status", "studio", "flex"],
  );
  const sms = simulations[0]?.fields.map(({ name, value }): [string, string] => [name, name === "Body" ? "hi" : value]);
  const signedOne = await site.api<Sent>("POST", "send", {
    target: "/sms?x=1",
    method: "POST",
    fields: sms,
    isSigned: true,
  });
  assert.equal(signedOne.status, 200);
  assert.match(signedOne.body.text, /<Message>You said: hi<\/Message>/);
  const seen = await site.exchange("/sms", ({ origin }) => origin === "page");
  assert.equal(seen.id, signedOne.id);
  assert.equal(seen.request.signature, "valid");
  assert.equal(seen.label, `“hi” from ${String(seen.request.event["From"])}`);
  const unsigned = await site.api<Sent>("POST", "send", {
    target: "/sms",
    method: "POST",
    fields: sms,
    isSigned: false,
  });
  assert.equal(unsigned.status, 403);
  const again = await site.api<Sent>("POST", `exchanges/${signedOne.id}/replay`);
  assert.equal(again.status, 200);
  assert.notEqual(again.id, signedOne.id);
  await site.exchange("/sms", ({ origin }) => origin === "replay");

  await fetch(`${url}/headers`, { headers: { authorization: "Bearer abc", "x-own": "1" } });
  const { id } = await site.exchange("/headers");
  const repeated = await site.api<Sent>("POST", `exchanges/${id}/replay`);
  const headers = JSON.parse(repeated.body.text) as Record<string, string>;
  assert.equal(headers["authorization"], "Bearer abc");
  assert.equal(headers["x-own"], "1");

  const connect = { target: "/hello", method: "CONNECT", isSigned: false };
  await assert.rejects(site.api("POST", "send", connect), /not-sent/);

  const cookie = await site.api<Sent>("POST", "send", { target: "/cookie", method: "GET", isSigned: false });
  assert.match(cookie.cookies[0] ?? "", /^visits=1;/);
  const next = { target: "/cookie", method: "GET", headers: [["Cookie", "visits=1"]], isSigned: false };
  assert.match((await site.api<Sent>("POST", "send", next)).cookies[0] ?? "", /^visits=2;/);
});

test("with a public URL signatures cover that", async () => {
  await using site = await serve({ flags: ["--public-url", "https://example.org"] });
  const request = { target: "/sms", method: "POST", fields: [["Body", "hi"]], isSigned: true };
  assert.equal((await site.api<Sent>("POST", "send", request)).status, 200);
  assert.equal((await site.api<Project>("GET", "project")).publicUrl, "https://example.org");
});

test("the project is described without a value of its variables, and follows what changes", async () => {
  await using site = await serve();
  const before = await site.api<Project>("GET", "project");
  assert.deepEqual(before.variables, [
    { name: "ACCOUNT_SID", hint: "AC… (34 characters)" },
    { name: "API_SECRET", hint: "17 characters" },
    { name: "AUTH_TOKEN", hint: "32 characters" },
  ]);
  assert.ok(before.functions.some(({ path, visibility }) => path === "/sms" && visibility === "protected"));
  assert.equal(before.assets[0]?.bytes, 14);
  await site.project.write("functions/added.js", "exports.handler = (c, e, callback) => callback();");
  await site.offhook.logged(({ message }) => /^Reloaded .*added\.js/.test(String(message)));
  assert.ok((await site.api<Project>("GET", "project")).functions.some(({ path }) => path === "/added"));
});

test("what is kept survives a restart, for the page and for other commands, and no secret is in it", async () => {
  await using project = await copyProject(undefined, files);
  {
    await using site = await serve({}, project);
    await fetch(`${site.offhook.url}/hello?name=Ada`, { headers: { authorization: "Bearer hidden" } });
    await site.exchange("/hello", ({ logs }) => logs.length === 2);
    await fetch(`${site.offhook.url}/headers?Token=hidden`);
    await site.exchange("/headers");
    await fetch(`${site.offhook.url}/hello?name=Ada`);
    await site.exchange("/hello", ({ request }) => !("authorization" in Object.fromEntries(request.headers)));
  }
  const folder = join(project.folder, ".offhook/journal");
  const kept = readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("");
  assert.ok(kept.includes('"/hello?name=Ada"'));
  for (const secret of ["hidden", "very-secret-value", authToken]) assert.ok(!kept.includes(secret), secret);

  const command = join(repository, "packages/cli/bin/offhook.js");
  const offhook = async (...args: string[]): Promise<{ stdout: string; stderr: string }> => {
    const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
    return await promisify(execFile)(process.execPath, [command, ...args], { cwd: project.folder, env });
  };
  assert.match((await offhook("logs")).stdout, /GET {3}\/hello .* 200 /);
  assert.match((await offhook("logs", "--id", "last")).stdout, /careful: •••/);
  const lines = (await offhook("logs", "--json", "-n", "2")).stdout.trimEnd().split("\n");
  const [withToken, newest] = lines.map((line) => JSON.parse(line) as Exchange);
  assert.deepEqual([withToken?.path, newest?.path], ["/headers", "/hello"]);
  const har = JSON.parse((await offhook("logs", "--har")).stdout) as { log: { entries: unknown[] } };
  assert.equal(har.log.entries.length, 3);
  await assert.rejects(offhook("replay", "ffff"), /\[request-unknown\]/);
  await assert.rejects(offhook("logs", "--id", "nope"), /\[request-unknown\]/);
  // What it would need is not kept.
  await assert.rejects(
    offhook("replay", withToken?.id ?? ""),
    /There were secrets in it[^]*\[request-not-repeatable\]/,
  );
  // Nobody serves it: the function is run alone, without what was not kept.
  assert.equal((await offhook("replay")).stdout, '{"hello":"Ada"}');

  await using site = await serve({}, project);
  assert.equal((await site.exchange("/hello")).logs.length, 2);
  const { stdout, stderr } = await offhook("replay", "last");
  assert.equal(stdout, '{"hello":"Ada"}');
  assert.ok(stderr.includes(site.offhook.url));
  await site.exchange("/hello", ({ origin }) => origin === "replay");
});

test("it is there for browsers of this machine in dev, and for nobody else", async () => {
  await using site = await serve({ flags: ["--host", "0.0.0.0"] });
  const { port } = new URL(site.offhook.url);
  const call = async (host: string, headers: Record<string, string>): Promise<number | undefined> => {
    const [response] = (await once(ask({ host, port, path: "/_offhook/", headers }).end(), "response")) as [
      IncomingMessage,
    ];
    response.resume();
    return response.statusCode;
  };
  assert.equal(await call("127.0.0.1", { host: `localhost:${port}` }), 200);
  assert.equal(await call("127.0.0.1", { host: "evil.example" }), 404);
  assert.equal(await call("127.0.0.1", { host: `localhost:${port}`, "x-forwarded-for": "1.2.3.4" }), 404);
  const others = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of others) assert.equal(await call(address, { host: `localhost:${port}` }), 404, address);
});

test("start has none, and dev has none where it is turned off: nothing is kept then", async () => {
  await using project = await copyProject(undefined, files);
  for (const options of [{ verb: "start" }, { verb: "dev", flags: ["--no-dashboard"] }] as const) {
    const offhook = await startOffhook(project.folder, options);
    assert.equal((await fetch(`${offhook.url}/_offhook/`)).status, 404);
    await fetch(`${offhook.url}/hello`);
    await offhook.stop();
    assert.ok(!readdirSync(project.folder).includes(".offhook"));
  }
});

test("a page that is open holds no server that is to stop", async () => {
  await using project = await copyProject(undefined, files);
  const site = await serve({}, project);
  const page = await (await fetch(`${site.offhook.url}/_offhook/`)).text();
  const token = /name="offhook-token" content="([^"]+)"/.exec(page)?.[1] ?? "";
  const stream = await fetch(`${site.offhook.url}/_offhook/api/stream?token=${token}`);
  assert.equal(stream.status, 200);
  const ended = stream.text().catch(() => "cut");
  assert.equal(await site.offhook.stop(), 0);
  await ended;
});
