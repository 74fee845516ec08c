import assert from "node:assert/strict";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { test, type TestContext } from "node:test";
import type { AuthorTools } from "../../src/development/author-tools.ts";
import { exchangeBegun, requestEnded } from "../../src/observe/channels.ts";
import { loadProject } from "../../src/project/project.ts";
import { startServer, type Server } from "../../src/server.ts";
import { resolveSettings, type Settings } from "../../src/settings/settings.ts";
import { call, until, writeProject, type Answer, type CallOptions } from "../site.ts";

const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const token = "0123456789abcdef0123456789abcdef";
const files = {
  ".env": `AUTH_TOKEN=${token}\n`,
  "functions/greeting.js": 'callback(null, "hi")',
  "functions/sms/reply.protected.js": 'callback(null, "hi")',
  "functions/lib/price.private.js": 'callback(null, "hi")',
  "functions/throws.js": `throw new Error("no <fruit>\\nof ${token}");`,
  "assets/é.txt": "text",
};

interface Opened {
  readonly hashes: string[];
  readonly places: string[];
}

interface Site {
  readonly server: Server;
  readonly folder: string;
  readonly opened: Opened;
  call(path: string, options?: CallOptions): Promise<Answer>;
}

async function serve(
  t: TestContext,
  content: Readonly<Record<string, string>> = files,
  settings: Partial<Settings> = {},
  isDevelopment = true,
): Promise<Site> {
  const folder = await writeProject(t, content);
  const opened: Opened = { hashes: [], places: [] };
  const tools: AuthorTools = {
    dashboardUrl: () => "http://127.0.0.1:3001",
    openDashboard: async (hash) => void opened.hashes.push(hash),
    openFile: async (file, line) => {
      if (file === "gone.js") throw new Error("The project has no such file.");
      opened.places.push(`${file}:${line}`);
    },
  };
  const options = { ...resolveSettings(), port: 0, ...settings };
  const server = await startServer({ project: await loadProject(folder), settings: options, isDevelopment, tools });
  t.after(() => server.kill());
  const url = `http://localhost:${server.address.port}`;
  return { server, folder, opened, call: (path, request) => call(url, path, request) };
}

/** Text of the page without markup. */
function textOf({ text }: Answer): string {
  return text.replace(/<(style|script)[^>]*>[\s\S]*?<\/\1>/g, "").replace(/<[^>]+>/g, "");
}

test("/ lists the functions and assets, with links to those that have a URL", async (t) => {
  const site = await serve(t, files, { publicUrl: "https://my.example.org" });
  const answer = await site.call("/", { headers: html });
  assert.equal(answer.status, 404);
  assert.equal(answer.headers["x-offhook-error"], "not-found");
  assert.match(answer.text, /<a href="\/greeting">\/greeting<\/a>/);
  assert.match(answer.text, /<a href="\/sms\/reply">\/sms\/reply<\/a><\/span><span class="tag">protected/);
  assert.match(answer.text, /<a href="\/%C3%A9\.txt">\/é\.txt<\/a>/);
  assert.match(answer.text, /<span class="path">\/lib\/price<\/span><span class="tag private">private: no URL/);
  assert.match(answer.text, /data-copy="https:\/\/my\.example\.org\/sms\/reply"/);
  assert.match(answer.text, /href="http:\/\/127\.0\.0\.1:3001\/#\/simulator\?to=\/sms\/reply"/);
  const id = String(answer.headers["x-offhook-request-id"]);
  assert.ok(answer.text.includes(`href="http://127.0.0.1:3001/#/requests/${id}"`));
  assert.doesNotMatch(answer.text, new RegExp(token));
});

test("/ of an empty project shows the next step", async (t) => {
  const site = await serve(t);
  const { service } = await loadProject(site.folder);
  site.server.update({ ...service, functions: [], assets: [] });
  const text = textOf(await site.call("/", { headers: html }));
  assert.match(text, /no functions and no assets yet/);
  assert.match(text, /npx offhook new/);
});

test("a page for a path that does not exist names the nearest one", async (t) => {
  const site = await serve(t);
  for (const path of ["/greting", "/Greeting", "/greeting/", "/greeting.js"]) {
    const { status, text } = await site.call(`${path}?a=1`, { headers: html });
    assert.equal(status, 404);
    assert.match(text, /Did you mean <a href="\/greeting\?a=1">\/greeting<\/a>\?/, path);
  }
  const secret = await site.call("/greting?Token=hunter2-hunter2", { headers: html });
  assert.match(secret.text, /Did you mean <a href="\/greeting">/);
  assert.doesNotMatch(secret.text, /hunter2/);
  assert.match(textOf(await site.call("/lib/price", { headers: html })), /\/lib\/price is a private function/);
  const hostile = await site.call("/<script>alert(1)</script>", { headers: html });
  assert.doesNotMatch(hostile.text, /<script>/);
});

test("a page for a protected function says how to call it", async (t) => {
  const site = await serve(t);
  const unsigned = await site.call("/sms/reply", { headers: html });
  assert.equal(unsigned.status, 403);
  assert.equal(unsigned.headers["x-offhook-error"], "signature-invalid");
  assert.match(textOf(unsigned), /is a protected function.*A browser does not sign/s);
  assert.match(textOf(unsigned), /Send it signed/);
  assert.match(textOf(unsigned), /rename functions\/sms\/reply\.protected\.js to functions\/sms\/reply\.js/);
  const wrong = { headers: { ...html, "x-twilio-signature": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }, form: { Body: "hi" } };
  const refused = await site.call("/sms/reply", wrong);
  assert.equal(refused.status, 403);
  assert.match(textOf(refused), /The signature of this request is not valid/);
  assert.match(refused.text, /data-repeatable="false"/);
});

test("other refusals have a page with the next step", async (t) => {
  const site = await serve(t, files, { requestLimit: 1_000 });
  const large = await site.call("/greeting", { headers: html, body: "x".repeat(2_000) });
  assert.equal(large.status, 413);
  assert.match(textOf(large), /Request too large.*raise the requestLimit setting/s);
  const withBody = await site.call("/greeting", { method: "GET", headers: html, body: "x" });
  assert.equal(withBody.status, 403);
  assert.match(textOf(withBody), /Send the parameters in the query, or send a POST request/);
});

test("programs, strangers, and callers of start get the same reply as before", async (t) => {
  const site = await serve(t);
  const production = await serve(t, files, {}, false);
  const strangers = [
    { ...html, host: "my.example.org" },
    { ...html, "x-forwarded-for": "203.0.113.1" },
    { ...html, "sec-fetch-mode": "cors" },
    { accept: "*/*" },
    {},
  ];
  for (const headers of strangers) {
    for (const path of ["/", "/greting", "/sms/reply"]) {
      const [here, there] = await Promise.all([site.call(path, { headers }), production.call(path, { headers })]);
      assert.equal(here.text, there.text, path);
      assert.deepEqual(Object.keys(here.headers), Object.keys(there.headers));
      assert.equal(here.headers["content-type"], "text/plain; charset=utf-8");
    }
  }
  for (const headers of strangers.slice(0, 2)) {
    const { text } = await site.call("/throws", { headers });
    assert.equal(text, (await production.call("/throws", { headers })).text);
  }
  assert.equal((await production.call("/", { headers: html })).text, "Could not find requested resource");
});

test("the first line of a message is the headline, and secrets are masked", async (t) => {
  const site = await serve(t);
  const { text } = await site.call("/throws", { headers: html });
  assert.match(text, /<h1>Error: no &lt;fruit&gt;<\/h1>/);
  assert.match(text, /aria-label="Message">of \(not shown\)<\/pre>/);
  assert.doesNotMatch(text, new RegExp(token));
});

test("favicons that the project does not have are answered without a line in the log", async (t) => {
  const site = await serve(t);
  const ended: string[] = [];
  t.after(requestEnded.subscribe(({ path }) => void ended.push(path)));
  t.after(exchangeBegun.subscribe(({ target }) => void ended.push(target)));
  assert.equal((await site.call("/favicon.ico", { headers: { "sec-fetch-dest": "image" } })).status, 204);
  assert.deepEqual(ended, []);
  assert.equal((await site.call("/favicon.ico")).status, 404);
  assert.deepEqual(ended, ["/favicon.ico", "/favicon.ico"]);
  const own = await serve(t, { "assets/favicon.ico": "icon" });
  assert.equal((await own.call("/favicon.ico", { headers: { "sec-fetch-dest": "image" } })).text, "icon");
});

/** Opens the stream of changes. */
function follow(
  t: TestContext,
  { server }: Site,
): Promise<{ readonly events: string[]; readonly reply: IncomingMessage }> {
  return new Promise((resolve, reject) => {
    const { port } = server.address;
    const request = httpRequest({ port, host: "localhost", path: "/_offhook/changes", agent: false }, (reply) => {
      const events: string[] = [];
      reply.setEncoding("utf8").on("data", (text: string) => events.push(...(text.match(/(?<=data: ).*/g) ?? [])));
      reply.on("error", () => undefined);
      resolve({ events, reply });
    });
    request.on("error", reject).end();
    t.after(() => request.destroy());
  });
}

test("a page learns when its version of the project is replaced", async (t) => {
  const site = await serve(t);
  const version = /data-version="([^"]+)"/.exec((await site.call("/", { headers: html })).text)?.[1];
  const { events, reply } = await follow(t, site);
  await until("the first event", () => events.length === 1);
  assert.deepEqual(events, [version]);
  const { service } = await loadProject(site.folder);
  site.server.update({ ...service, functions: [] });
  await until("the second event", () => events.length === 2);
  assert.notEqual(events[1], version);
  const changed = await site.call("/", { headers: html });
  assert.equal(/data-version="([^"]+)"/.exec(changed.text)?.[1], events[1]);
  // An open page does not delay the end of the server.
  await site.server.stop();
  await until("the stream has ended", () => reply.destroyed);
});

test("only scripts of the author's pages can open the dashboard and the editor", async (t) => {
  const site = await serve(t);
  const { port } = site.server.address;
  const own = { "x-offhook-page": "1", origin: `http://localhost:${port}`, "sec-fetch-site": "same-origin" };
  const post = (query: string, headers: Record<string, string> = own): Promise<Answer> =>
    site.call(`/_offhook/open?${query}`, {
      method: "POST",
      headers: { ...headers, host: headers["host"] ?? `localhost:${port}` },
    });
  assert.equal((await post("hash=%23%2Frequests%2FRQ1")).status, 204);
  assert.equal((await post("hash=%23%2Fsimulator%3Fto%3D%2F%26calc")).status, 204);
  assert.deepEqual(site.opened.hashes, ["#/requests/RQ1", "#/requests"]);
  assert.equal((await post("file=functions%2Fa.js&line=3")).status, 204);
  assert.deepEqual(site.opened.places, ["functions/a.js:3"]);
  const refused = await post("file=gone.js");
  assert.deepEqual([refused.status, refused.text], [409, "The project has no such file."]);
  const { "x-offhook-page": _header, ...withoutHeader } = own;
  const foreign = [
    withoutHeader,
    { ...own, origin: "http://127.0.0.1:3001" },
    { ...own, "sec-fetch-site": "cross-site" },
    { ...own, host: "my.example.org" },
    { ...own, "x-forwarded-for": "203.0.113.1" },
  ];
  for (const headers of foreign) assert.equal((await post("hash=%23%2Frequests", headers)).status, 404);
  assert.equal((await site.call("/_offhook/open?hash=%23%2Frequests", { headers: own })).status, 404);
  assert.equal(site.opened.hashes.length, 2);
});
