import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { requestEnded } from "../../src/observe/channels.ts";
import { loadProject } from "../../src/project/project.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import { startServer } from "../../src/server.ts";
import { call, writeProject, type Answer } from "../site.ts";

/** The page without the colours of source lines. */
function plain(page: string): string {
  return page.replace(/<\/?span[^>]*>/g, "");
}

const html = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

type Get = (path: string, headers?: Record<string, string>) => Promise<Answer>;

async function serve(t: TestContext, files: Record<string, string>, isDevelopment: boolean): Promise<Get> {
  const folder = await writeProject(t, files);
  const settings = { ...resolveSettings(), port: 0, timeout: 1_000 };
  const server = await startServer({ project: await loadProject(folder), settings, isDevelopment });
  t.after(() => server.kill());
  return (path, headers = {}) => call(`http://127.0.0.1:${server.address.port}`, path, { headers });
}

const files = {
  "functions/order.js": `
const price = (items) => {
  return items.length;
};
exports.handler = async (context, event, callback) => {
  console.log("Order of", event.name);
  callback(null, price(event.items));
};`,
  "functions/broken.js": "exports.handler = (context, event, callback => {",
  "functions/typed.ts": "export const handler = () => {\n  const a: number = ;\n};",
  "functions/loops.js": "while (true) {}",
  "functions/mine.js": 'callback("<i>mine</i>")',
};

test("the page shows the error, its place, the request, and the output of the invocation", async (t) => {
  const get = await serve(t, files, true);
  await get("/order?name=somebody-else");
  const answer = await get("/order?name=Ada&Token=hunter2", { ...html, cookie: "s=hunter2", "x-a": "b" });
  assert.equal(answer.status, 500);
  assert.equal(answer.headers["content-type"], "text/html; charset=utf-8");
  assert.equal(answer.headers["x-offhook-error"], "handler-threw");
  for (const shown of [
    "<h1>TypeError: Cannot read properties of undefined (reading &#39;length&#39;)</h1>",
    "functions/order.js:3:16",
    "<mark>3 │   return items.length;</mark>",
    "<li>exports.handler (functions/order.js:7:18)</li>",
    "Order of Ada",
    "GET /order?name=Ada&amp;Token=(not shown)",
    "cookie: (not shown)",
    "x-a: b",
    String(answer.headers["x-offhook-request-id"]),
  ]) {
    assert.ok(plain(answer.text).includes(shown), `${shown}\n${answer.text}`);
  }
  assert.doesNotMatch(answer.text, /hunter2|somebody-else/);
});

test("the page shows hostile input as text only", async (t) => {
  const get = await serve(t, files, true);
  const answer = await get("/order?name=<script>alert(1)</script>", { ...html, "x-b": "<script>" });
  const policy = String(answer.headers["content-security-policy"]);
  const nonce = /script-src 'nonce-([\w+/=]+)'/.exec(policy)?.[1];
  const sources = "style-src 'nonce-N'; script-src 'nonce-N'; base-uri 'none'; form-action 'none'";
  assert.equal(
    policy.replaceAll(String(nonce), "N"),
    `default-src 'none'; img-src data:; connect-src 'self'; ${sources}; frame-ancestors 'none'`,
  );
  assert.doesNotMatch(answer.text.replace(`<script nonce="${nonce}">`, ""), /<script/);
  assert.match(answer.text, /Order of &lt;script&gt;alert\(1\)/);
});

test("the page shows where a file does not load, and what to do after a timeout", async (t) => {
  const get = await serve(t, files, true);
  const broken = await get("/broken", html);
  assert.match(broken.text, /<h1>SyntaxError: .*<\/h1>/);
  assert.match(broken.text, /<mark>\d │ /);
  const typed = await get("/typed", html);
  assert.match(typed.text, /functions\/typed\.ts:2:\d+/);
  assert.match(plain(typed.text), /<mark>2 │ {3}const a: number = ;<\/mark>/);
  const loops = await get("/loops", html);
  assert.equal(loops.status, 504);
  assert.match(loops.text, /<p class="next">.+<\/p>/);
});

test("only clients that accept HTML get the page, and an author's own reply is not replaced", async (t) => {
  const get = await serve(t, files, true);
  for (const headers of [{}, { accept: "*/*" }, { accept: "application/json" }]) {
    const answer = await get("/order", headers);
    const { name, message, stack } = answer.json() as Record<string, string>;
    assert.equal(name, "TypeError");
    assert.match(String(message), /reading 'length'/);
    assert.match(String(stack), /functions\/order\.js:3:16/);
  }
  assert.equal((await get("/mine", html)).text, "<i>mine</i>");
});

test("with start there is no page and no detail", async (t) => {
  const get = await serve(t, files, false);
  const answer = await get("/order", html);
  assert.deepEqual(Object.keys(answer.json() as object), ["message", "name"]);
  assert.doesNotMatch((await get("/broken", html)).text, /SyntaxError|broken\.js/);
});

test("the log shows the value passed to callback(), also if it is not an Error, but not with start", async (t) => {
  const details: (string | undefined)[] = [];
  t.after(requestEnded.subscribe(({ detail }) => void details.push(detail)));
  const errors = { "functions/text.js": 'callback("oops")', "functions/long.js": 'callback("x".repeat(5_000))' };
  const get = await serve(t, errors, true);
  assert.equal((await get("/text")).text, "oops");
  assert.equal((await get("/long")).text.length, 5_000);
  await (
    await serve(t, errors, false)
  )("/text");
  assert.deepEqual(details, ["oops", `${"x".repeat(1_000)}…`, undefined]);
});
