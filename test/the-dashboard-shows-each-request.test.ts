/**
 * The dashboard of a real `offhook dev`, called as by its page: what it reports about requests, what it can send, and
 * which callers it answers.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { request as ask, type IncomingMessage } from "node:http";
import { connect, createServer, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import type { Exchange, ExchangePage, Project, SendResult, Simulation } from "@offhook/dashboard/api";

import { visitDashboard } from "./dashboard-visit.ts";
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

/** Passes raw TCP on, as `socat` and `ssh -R` do. */
async function forwardTo(port: number): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((socket) => {
    const target = connect(port, "127.0.0.1");
    for (const each of [socket, target]) each.on("error", () => each.destroy());
    socket.pipe(target).pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const dispose = async (): Promise<void> => void (await once(server.close(), "close"));
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose };
}

interface Site extends AsyncDisposable {
  readonly project: TemporaryProject;
  readonly offhook: OffhookProcess;
  /** Requests like the page. @throws if the answer is an error. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Waits until the newest exchange of a path meets the condition. */
  exchange(path: string, isWanted?: (exchange: Exchange) => boolean): Promise<Exchange>;
}

async function serve(options: OffhookOptions = {}, existing?: TemporaryProject): Promise<Site> {
  const project = existing ?? (await copyProject(undefined, files));
  const offhook = await startOffhook(project.folder, { verb: "dev", ...options });
  const { api } = await visitDashboard(offhook);
  const exchange: Site["exchange"] = async (path, isWanted = () => true) => {
    for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
      const { exchanges } = await api<ExchangePage>("GET", "exchanges");
      const row = exchanges.find((each) => each.path === path);
      const found = row && (await api<Exchange>("GET", `exchanges/${row.id}`));
      if (found !== undefined && isWanted(found)) return found;
    }
    throw new Error(`No matching exchange of ${path}`);
  };
  const dispose = async (): Promise<void> => {
    await offhook.stop();
    if (existing === undefined) await project[Symbol.asyncDispose]();
  };
  return { project, offhook, api, exchange, [Symbol.asyncDispose]: dispose };
}

test("a request is shown with all its data, and without secrets", async () => {
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
  assert.deepEqual(seen.request.event, { name: "Eve", access_token: "•••", password: "•••", note: "•••API_SECRET•••" });
  assert.equal(seen.reply?.body.text, '{"hello":"Eve"}');
  const total = seen.phases.reduce((sum, { tookMs }) => sum + tookMs, 0);
  assert.ok(Math.abs(total - (seen.durationMs ?? 0)) < 1, `${total} of ${seen.durationMs}`);
  assert.ok(seen.phases.some(({ name }) => name === "run"));
  assert.ok((seen.isolate?.pid ?? 0) > 0);
  const all = JSON.stringify(seen) + JSON.stringify(await site.api("GET", "har"));
  for (const secret of ["hidden", "very-secret-value", authToken]) assert.ok(!all.includes(secret), secret);
});

test("failures are shown with their stack and hints, and leftovers are listed", async () => {
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

test("webhooks can be sent and signed, and received requests are repeated with their secrets", async () => {
  await using site = await serve();
  const { url } = site.offhook;
  const simulations = await site.api<Simulation[]>("GET", "simulations");
  assert.deepEqual(
    simulations.map(({ kind }) => kind),
    ["sms", "voice", "gather", "status", "call-status", "studio", "flex"],
  );
  const sms = simulations[0]?.fields.map(({ name, value }): [string, string] => [name, name === "Body" ? "hi" : value]);
  const signedOne = await site.api<SendResult>("POST", "send", {
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
  const unsigned = await site.api<SendResult>("POST", "send", {
    target: "/sms",
    method: "POST",
    fields: sms,
    isSigned: false,
  });
  assert.equal(unsigned.status, 403);
  const again = await site.api<SendResult>("POST", `exchanges/${signedOne.id}/replay`);
  assert.equal(again.status, 200);
  assert.notEqual(again.id, signedOne.id);
  await site.exchange("/sms", ({ origin }) => origin === "replay");

  await fetch(`${url}/headers`, { headers: { authorization: "Bearer abc", "x-own": "1" } });
  const { id } = await site.exchange("/headers");
  const repeated = await site.api<SendResult>("POST", `exchanges/${id}/replay`);
  const headers = JSON.parse(repeated.body.text) as Record<string, string>;
  assert.equal(headers["authorization"], "Bearer abc");
  assert.equal(headers["x-own"], "1");

  const tunnel = { target: "/hello", method: "CONNECT", isSigned: false };
  await assert.rejects(site.api("POST", "send", tunnel), /not-sent/);

  const cookie = await site.api<SendResult>("POST", "send", { target: "/cookie", method: "GET", isSigned: false });
  assert.match(cookie.cookies[0] ?? "", /^visits=1;/);
  const next = { target: "/cookie", method: "GET", headers: [["Cookie", "visits=1"]], isSigned: false };
  assert.match((await site.api<SendResult>("POST", "send", next)).cookies[0] ?? "", /^visits=2;/);
});

test("with a public URL, signatures cover it", async () => {
  await using site = await serve({ flags: ["--public-url", "https://example.org"] });
  const request = { target: "/sms", method: "POST", fields: [["Body", "hi"]], isSigned: true };
  assert.equal((await site.api<SendResult>("POST", "send", request)).status, 200);
  assert.equal((await site.api<Project>("GET", "project")).publicUrl, "https://example.org");
});

test("the project is described without the values of its variables, and follows changes", async () => {
  await using site = await serve();
  const before = await site.api<Project>("GET", "project");
  // In the order of the file, where the author looks for them.
  assert.deepEqual(before.variables, [
    { name: "AUTH_TOKEN", hint: "32 characters" },
    { name: "ACCOUNT_SID", hint: "AC… (34 characters)" },
    { name: "API_SECRET", hint: "17 characters" },
  ]);
  assert.ok(before.functions.some(({ path, visibility }) => path === "/sms" && visibility === "protected"));
  assert.equal(before.assets[0]?.bytes, 14);
  await site.project.write("functions/added.js", "exports.handler = (c, e, callback) => callback();");
  await site.offhook.logged(({ message }) => /^Reloaded .*added\.js/.test(String(message)));
  assert.ok((await site.api<Project>("GET", "project")).functions.some(({ path }) => path === "/added"));
});

test("the journal survives a restart, for the page and for other commands, and has no secrets", async () => {
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
  // The journal does not keep the secrets that this would need.
  await assert.rejects(
    offhook("replay", withToken?.id ?? ""),
    /The request contained secrets[^]*\[request-not-repeatable\]/,
  );
  // No server runs. The function runs alone, without the secrets that were not kept.
  assert.equal((await offhook("replay")).stdout, '{"hello":"Ada"}');

  await using site = await serve({}, project);
  assert.equal((await site.exchange("/hello")).logs.length, 2);
  const { stdout, stderr } = await offhook("replay", "last");
  assert.equal(stdout, '{"hello":"Ada"}');
  assert.ok(stderr.includes(site.offhook.url));
  await site.exchange("/hello", ({ origin }) => origin === "replay");
});

test("it has its own port on the loopback address, and nothing on the functions' port", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev", flags: ["--host", "0.0.0.0"] });
  const { origin, headers } = await visitDashboard(offhook);
  const { port } = new URL(origin);
  assert.equal((await fetch(`${origin}/api/project`, { headers })).status, 200);
  for (const path of ["/_offhook/", "/_offhook", "/_offhook/api/project", "/api/project", "/page/main.tsx"]) {
    const response = await fetch(offhook.url + path, { headers });
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get("set-cookie"), null);
  }
  assert.equal((await fetch(`${offhook.url}/_offhook/health`)).status, 200);
  const others = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of others) await assert.rejects(fetch(`http://${address}:${port}/`), address);
});

test("forwarded requests have no access without a session, whatever their headers claim", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const { origin, cookie, token } = await visitDashboard(offhook);
  const { host, port } = new URL(origin);
  // Callers through a TCP forwarder choose the headers. Proxies send the host of their target.
  await using forwarder = await forwardTo(Number(port));
  const call = async (method: string, path: string, headers: Record<string, string>): Promise<IncomingMessage> => {
    const request = ask({ host: "127.0.0.1", port: forwarder.port, method, path, headers: { host, ...headers } }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    return response;
  };
  const tries: Record<string, string>[] = [
    {},
    { "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1" },
    { origin, "sec-fetch-site": "same-origin" },
    { cookie },
    { "x-offhook-token": token },
  ];
  for (const headers of tries) {
    for (const [method, path] of [
      ["GET", "/api/project"],
      ["GET", `/api/stream?token=${"cookie" in headers ? "x" : token}`],
      ["GET", "/api/exchanges"],
      ["POST", "/api/send"],
      ["POST", "/api/clear"],
      ["GET", offhook.dashboard?.slice(origin.length) ?? ""],
    ] as const) {
      const { statusCode, headers: answered } = await call(method, path, headers);
      assert.equal(statusCode, 403, `${path} ${JSON.stringify(headers)}`);
      assert.equal(answered["set-cookie"], undefined);
    }
  }
  for (const name of ["localhost", `localhost:${port}`, "127.0.0.1", "evil.example", `[::1]:${port}`])
    assert.equal((await call("GET", "/api/project", { host: name, cookie, "x-offhook-token": token })).statusCode, 421);
});

test("a link works once, and the log reports a second use", async () => {
  await using project = await copyProject(undefined, files);
  await using offhook = await startOffhook(project.folder, { verb: "dev" });
  const link = offhook.dashboard ?? "";
  assert.match(link, /^http:\/\/127\.0\.0\.1:\d+\/\?code=[\w-]{32}$/);
  const { origin, headers } = await visitDashboard(offhook);
  const second = await fetch(link);
  assert.equal(second.status, 403);
  assert.match(await second.text(), /already used/);
  await offhook.logged(({ message }) => /opened again, in another browser/.test(String(message)));
  assert.equal((await fetch(`${origin}/api/project`, { headers })).status, 200);
});

test("two dashboards at once have their own ports and cookies", async () => {
  await using project = await copyProject(undefined, files);
  await using other = await copyProject(undefined, files);
  await using one = await startOffhook(project.folder, { verb: "dev" });
  await using two = await startOffhook(other.folder, { verb: "dev" });
  const visits = [await visitDashboard(one), await visitDashboard(two)];
  const cookie = visits.map((visit) => visit.cookie).join("; ");
  for (const { origin, token } of visits) {
    const headers = { cookie, "x-offhook-token": token };
    assert.equal((await fetch(`${origin}/api/project`, { headers })).status, 200);
  }
});

test("--dashboard-port sets the port, and a port in use is an error at start", async () => {
  await using project = await copyProject(undefined, files);
  await using one = await startOffhook(project.folder, { verb: "dev", flags: ["--dashboard-port", "0"] });
  const { port } = new URL(one.dashboard ?? "");
  const flags = ["--dashboard-port", port];
  await assert.rejects(startOffhook(project.folder, { verb: "dev", flags }), /port-in-use/);
});

test("start has no dashboard, and neither has dev if it is switched off: nothing is kept then", async () => {
  await using project = await copyProject(undefined, files);
  for (const options of [{ verb: "start" }, { verb: "dev", flags: ["--no-dashboard"] }] as const) {
    const offhook = await startOffhook(project.folder, options);
    assert.equal((await fetch(`${offhook.url}/_offhook/`)).status, 404);
    await fetch(`${offhook.url}/hello`);
    await offhook.stop();
    assert.ok(!readdirSync(project.folder).includes(".offhook"));
  }
});

test("an open page does not delay the server's exit", async () => {
  await using project = await copyProject(undefined, files);
  const offhook = await startOffhook(project.folder, { verb: "dev" });
  const { origin, cookie, token } = await visitDashboard(offhook);
  const stream = await fetch(`${origin}/api/stream?token=${token}`, { headers: { cookie } });
  assert.equal(stream.status, 200);
  const ended = stream.text().catch(() => "cut");
  assert.equal(await offhook.stop(), 0);
  await ended;
});
