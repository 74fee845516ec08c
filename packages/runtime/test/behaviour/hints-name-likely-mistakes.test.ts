/** In development, common mistakes get a hint with the likely cause and its line. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GivenHint } from "../../src/observe/channels.ts";
import { serve, until, type CallOptions } from "../site.ts";

interface Mistake {
  /** The file, whose name gives the path of the URL. */
  readonly file?: string;
  readonly source: string;
  readonly query?: string;
  readonly call?: CallOptions;
  readonly hint: RegExp;
  readonly line: number | undefined;
}

const start = "exports.handler = async (context, event, callback) => {\n";

/** These fail, and the reply has an error with a hint. */
const failures: Readonly<Record<string, Mistake>> = {
  "a variable that is not set": {
    source: `${start}  callback(null, context.API_KEY.length);\n};`,
    hint: /^API_KEY is not set in \.env\. Did you mean API_KEYS, which is set\?$/,
    line: 2,
  },
  "a variable that is not set, kept first": {
    source: `${start}  const { BASE_URL: base } = process.env;\n  await fetch(base + "/x");\n};`,
    hint: /^BASE_URL is not set in \.env\.$/,
    line: 3,
  },
  "a variable that is not set, in TypeScript": {
    file: "functions/typed.ts",
    source:
      "interface Env {\n  FROM_NUMBER?: string;\n}\n" +
      "export const handler = (context: Env, event: unknown, callback: Function) => {\n" +
      "  callback(null, context.FROM_NUMBER!.trim());\n};",
    hint: /^FROM_NUMBER is not set in \.env\.$/,
    line: 5,
  },
  "no credentials": {
    source: `${start}  const client = context.getTwilioClient();\n  callback(null, client.toString());\n};`,
    hint: /ACCOUNT_SID is not set in \.env\. AUTH_TOKEN is not set in \.env/,
    line: 2,
  },
  "a header on callback": {
    source: `${start}  callback.setHeader("a", "b");\n};`,
    hint: /^There is no callback\.setHeader\(\)\. .*new Twilio\.Response\(\)/,
    line: 2,
  },
  "a header on the context": {
    source: `${start}\n  context.setHeader("a", "b");\n};`,
    hint: /^There is no context\.setHeader\(\)\. .*response\.appendHeader/,
    line: 3,
  },
  "a header on event.response": {
    source: `${start}  event.response.setHeader("a", "b");\n};`,
    hint: /^There is no event\.response\.setHeader\(\)\./,
    line: 2,
  },
  "a header on TwiML": {
    source: `${start}  const reply = new Twilio.twiml.MessagingResponse();\n  reply.appendHeader("a", "b");\n};`,
    hint: /TwiML has no headers/,
    line: 3,
  },
  "a method of Express": {
    source: `${start}  const r = new Twilio.Response();\n  r.status(200).json({});\n};`,
    hint: /^There is no r\.status\(\)\. Instead: response\.setStatusCode\(code\)/,
    line: 3,
  },
  "a method of Express, in a chain": {
    source: `${start}  const r = new Twilio.Response();\n  r.setStatusCode(200).json({});\n};`,
    hint: /\.json\(\)\. Instead: response\.setBody\(body\)/,
    line: 3,
  },
  "a parameter that was not sent": {
    source: `${start}  callback(null, event.Body.trim());\n};`,
    query: "Bodi=hunter2",
    hint: /^The request has no parameter Body\. Did you mean Bodi\? This was a GET request/,
    line: 2,
  },
  "a parameter that was not sent in JSON": {
    source: `${start}  callback(null, event.Body.trim());\n};`,
    call: { json: { text: "hunter2", other: 1 } },
    hint: /^The request has no parameter Body\. It has text, other\.$/,
    line: 2,
  },
  "a handler with another name": {
    source: "\nexports.handle = () => {};",
    hint: /^This exports handle\. The name must be exports\.handler\.$/,
    line: 2,
  },
  "a handler that is not exported": {
    source: "export.handler = () => {}; // should be exports",
    hint: /^export is not an exports object in Node/,
    line: 1,
  },
  "a variable in a text of module scope": {
    source:
      "const base = `${process.env.BASE_URL}/v1`;\nconst orders = base + '/orders';\n" +
      `${start}  await fetch(orders, {\n    headers: { key: process.env.OTHER_KEY },\n  });\n};`,
    hint: /^BASE_URL is not set in \.env\.$/,
    line: 4,
  },
  "an asset that is not private": {
    source: `${start}  callback(null, Runtime.getAssets()["/open.json"].open());\n};`,
    hint: /^The asset "\/open\.json" is not private, so it is not in Runtime\.getAssets\(\)\. Rename the file to open\.private\.json\.$/,
    line: 2,
  },
  "a missing private asset": {
    source: `const key = "/secert.json";\n${start}  const asset = Runtime.getAssets()[key];\n  callback(null, asset.path);\n};`,
    hint: /^There is no private asset "\/secert\.json"; did you mean "\/secret\.json"\?$/,
    line: 3,
  },
  "an asset without its slash": {
    source: `const { path } = Runtime.getAssets()["secret.private.json"];\nexports.handler = () => path;`,
    hint: /^There is no private asset "secret\.private\.json"; did you mean "\/secret\.json"\?$/,
    line: 1,
  },
  "a missing function": {
    source: `${start}  const { help } = require(Runtime.getFunctions()["lib/helpers"].path);\n};`,
    hint: /^There is no function "lib\/helpers"; did you mean "lib\/helper"\?$/,
    line: 2,
  },
  "a function with its extension": {
    source: `exports.handler = () => require(Runtime.getFunctions()["/lib/helper.private.js"]?.path);`,
    hint: /^There is no function "\/lib\/helper\.private\.js"; did you mean "lib\/helper"\?$/,
    line: 1,
  },
  "a multipart body": {
    source: `${start}  callback(null, event.sender.trim());\n};`,
    call: {
      method: "POST",
      headers: { "content-type": "multipart/form-data; boundary=x" },
      body: '--x\r\ncontent-disposition: form-data; name="sender"\r\n\r\nhunter2\r\n--x--\r\n',
    },
    hint: /^event has no sender\. Multipart bodies are not parsed\. Only application\/x-www-form-urlencoded and/,
    line: 2,
  },
  "a body of a type that is not parsed": {
    source: `${start}  callback(null, event.id.trim());\n};`,
    call: { method: "POST", headers: { "content-type": "application/vnd.api+json" }, body: '{"id":"hunter2"}' },
    hint: /^event has no id\. Bodies of the type application\/vnd\.api\+json are not parsed\. Only/,
    line: 2,
  },
  "a plain body": {
    source: `${start}  callback(null, event.id.trim());\n};`,
    call: { method: "POST", headers: { "content-type": "text/plain;charset=UTF-8" }, body: "id=hunter2" },
    hint: /^event has no id\. Bodies of the type text\/plain are not parsed\. Only/,
    line: 2,
  },
  "the namespace of an ES module": {
    source: `const shout = require("only-esm");\n${start}  callback(null, shout("x"));\n};`,
    hint: /^only-esm is an ES module, .* The default export is require\("only-esm"\)\.default\.$/,
    line: 1,
  },
  "the namespace of the project's own ES module": {
    source: `const Shout = require("../lib/shout.mjs");\n${start}  callback(null, new Shout());\n};`,
    hint: /^\.\.\/lib\/shout\.mjs is an ES module, .* The default export is require\("\.\.\/lib\/shout\.mjs"\)\.default\.$/,
    line: 1,
  },
  "a package that is not installed": {
    source: 'const x = require("@nobody/nothing/x");\nexports.handler = () => {};',
    hint: /Run `npm install @nobody\/nothing`/,
    line: 1,
  },
};

test("an error has a hint in the reply and in the log", async (t) => {
  const entries = Object.entries(failures);
  const files = Object.fromEntries(
    entries.map(([, { file, source }], index) => [file ?? `functions/f${index}.js`, source]),
  );
  const site = await serve(t, { ...files, ...besides, ".env": "API_KEYS=hunter2\nSECRET=hunter2\n" }, {}, true);
  for (const [index, [name, { file = `functions/f${index}.js`, query = "", call, hint, line }]] of entries.entries()) {
    await t.test(name, async () => {
      const path = file.replace(/^functions|\.\w+$/g, "");
      const answer = await site.call(`${path}?${query}`, call);
      assert.equal(answer.status, 500, answer.text);
      const { hints = [] } = answer.json() as { hints?: GivenHint[] };
      assert.match(hints[0]?.text ?? "(no hint)", hint);
      assert.deepEqual([hints[0]?.file, hints[0]?.line], [file, line]);
      assert.doesNotMatch(answer.text, /hunter2/);
      const id = answer.headers["x-offhook-request-id"];
      assert.deepEqual(site.requests.find(({ requestId }) => requestId === id)?.hints, hints);
    });
  }
});

/** Files that some of these functions look for. */
const besides = {
  "assets/open.json": "{}",
  "assets/secret.private.json": "{}",
  "functions/lib/helper.private.js": "exports.help = () => {};",
  "lib/shout.mjs": "export default class Shout {}",
  "node_modules/only-esm/package.json": '{ "name": "only-esm", "type": "module", "exports": "./index.js" }',
  "node_modules/only-esm/index.js": "export default function shout(text) { return text.toUpperCase(); }",
};

test("a 404 of / in a project with an index.html explains what / serves", async (t) => {
  const files = { "assets/index.html": "<p>", "functions/a.js": "callback()" };
  const site = await serve(t, files, {}, true);
  const answer = await site.call("/");
  assert.equal(answer.status, 404);
  assert.match(answer.text, /\n\/ serves assets\/assets\/index\.html, .* This page is at \/index\.html\.$/);
  assert.match(site.requests.at(-1)?.hints?.[0]?.text ?? "", /^\/ serves/);
  assert.doesNotMatch((await site.call("/nowhere")).text, /serves/);
  const other = await serve(t, files);
  assert.doesNotMatch((await other.call("/")).text, /serves/);
  const right = await serve(t, { "assets/assets/index.html": "page", "assets/index.html": "other" }, {}, true);
  assert.equal((await right.call("/")).text, "page");
});

test("a 404 of a mistyped path names the nearest one in the log, and callers get the reply of production", async (t) => {
  const site = await serve(t, { "functions/a-name.js": "callback()" }, {}, true);
  const answer = await site.call("/functions/a-nam.js");
  assert.equal(answer.text, "Could not find requested resource");
  assert.match(site.requests.at(-1)?.hints?.[0]?.text ?? "", /^Did you mean \/a-name\?/);
  await site.call("/elsewhere");
  assert.equal(site.requests.at(-1)?.hints, undefined);
});

/** These reply, or run until their time is over. The log has the hint at once. */
const diagnosed: Readonly<Record<string, Mistake>> = {
  "a callback forgotten after an await": {
    source: `${start}  if (event.never) callback(null, "x");\n  await new Promise((resolve) => setTimeout(resolve, 1));\n};`,
    hint: /^The handler continued after this await and ended without calling callback\(\)\.$/,
    line: 3,
  },
  "a branch without a callback": {
    source: "exports.handler = (context, event, done) => {\n  if (event.a) return done(null, 1);\n};",
    hint: /^The handler ended without calling done\(\), and nothing is left that could call it\.$/,
    line: 1,
  },
  "a value that is returned": {
    source: `${start}  return { hunter2: 1 };\n};`,
    hint: /^The handler returned an object and did not call callback\(\)\./,
    line: 1,
  },
  "a callback called twice": {
    source: `${start}  if (!event.a) callback(null, "first");\n  callback(null, "second");\n};`,
    hint: /^This second call of callback\(\) does nothing/,
    line: 3,
  },
  "an error in place of the reply": {
    source: `${start}  callback(null, new Error("hunter2"));\n};`,
    hint: /^callback\(\) gets an error as its second argument here/,
    line: 2,
  },
  "a promise in place of the reply": {
    source: `const find = async () => "Ada";\n${start}  callback(null, find());\n};`,
    hint: /^callback\(\) gets a promise as its second argument here/,
    line: 3,
  },
  "a promise that is not awaited": {
    source: `const save = async () => {\n  await new Promise((resolve) => setTimeout(resolve, 60_000));\n};\n${start}  save();\n  callback(null, "x");\n};`,
    hint: /^This work was still pending when you called callback\(\), so it was cancelled\. It had reached f6\.js:2\./,
    line: 5,
  },
};

test("a mistake that does not end its invocation at once has a hint in the log at once", async (t) => {
  const entries = Object.entries(diagnosed);
  const files = Object.fromEntries(entries.map(([, { source }], index) => [`functions/f${index}.js`, source]));
  const site = await serve(t, files, { timeout: 60_000 }, true);
  for (const [index, [name, { hint, line }]] of entries.entries()) {
    await t.test(name, async () => {
      // Some reply only when their time is over. The test does not wait for these.
      site.call(`/f${index}`).catch(() => {});
      const published = () => site.hints.find((each) => each.function === `f${index}`);
      await until("the hint is published", () => published() !== undefined);
      const [first] = published()?.hints ?? [];
      assert.match(first?.text ?? "", hint);
      assert.deepEqual([first?.file, first?.line], [`functions/f${index}.js`, line]);
      assert.doesNotMatch(JSON.stringify(published()), /hunter2/);
    });
  }
});

test("a reply that contains undefined gets a hint that names the unset variable", async (t) => {
  const texts = (text: string): string => `${start}  callback(null, ${text});\n};`;
  const files = {
    ".env": "SUPPORT_MAIL=a@example.org",
    "functions/unset.js": texts("`Call us: ${context.SUPPORT_NUMBER}`"),
    "functions/expected.js": texts("`Call us: ${context.SUPPORT_NUMBER || undefined}`"),
    "functions/set.js": texts("`undefined behaviour: ${context.SUPPORT_MAIL}`"),
  };
  const site = await serve(t, files, {}, true);
  for (const path of ["/expected", "/set", "/unset"]) assert.equal((await site.call(path)).status, 200);
  await until("the hint is published", () => site.hints.length > 0);
  const text = 'The reply contains "undefined". SUPPORT_NUMBER is not set in .env.';
  assert.deepEqual(
    site.hints.map(({ function: name, hints }) => [name, hints]),
    [["unset", [{ text, file: "functions/unset.js", line: 2, column: 1 }]]],
  );
});

test("a hint lists the calls of callback() that were not reached", async (t) => {
  const source =
    "exports.handler = (context, event, callback) => {\n  // callback() in a comment\n" +
    "  if (event.a) return callback(null, 1);\n  if (event.b) {\n    callback(null, 2);\n  }\n};";
  const site = await serve(t, { "functions/f.js": source }, { timeout: 500 }, true);
  const answer = await site.call("/f");
  const { hints } = answer.json() as { hints: GivenHint[] };
  assert.equal(hints[1]?.text, "No call of callback() was reached (lines 3, 5).");
  assert.equal(answer.status, 504);
});

test("a handler that still waits gets no hint that it ended", async (t) => {
  const source = `exports.handler = (context, event, callback) => {\n  setTimeout(() => callback(null, "x"), 300);\n};`;
  const site = await serve(t, { "functions/f.js": source }, {}, true);
  assert.equal((await site.call("/f")).text, "x");
  assert.deepEqual(site.hints, []);
});

test("the page shows a hint as text only", async (t) => {
  const source = `exports.handler = (context, event) => event["<b>"].x + event.Body.trim();`;
  const broken = "exports.handler = () => { require('<script>alert(1)</script>'); };";
  const site = await serve(t, { "functions/f.js": source, "functions/g.js": broken }, {}, true);
  const { text } = await site.call("/g", { headers: { accept: "text/html" } });
  assert.match(text, /<p class="hint">&lt;script&gt;alert/);
  assert.doesNotMatch(text, /<script(?! nonce=)/);
});

test("with start there are no hints", async (t) => {
  const files = Object.fromEntries(
    Object.values({ ...failures, ...diagnosed }).map(({ source }, index) => [`functions/f${index}.js`, source]),
  );
  const site = await serve(t, files, { timeout: 300 });
  for (const name of Object.keys(files)) {
    const { text } = await site.call(name.replace(/^functions|\.js$/g, ""), { headers: { accept: "text/html" } });
    assert.doesNotMatch(text, /hint|functions\/f/);
  }
  assert.deepEqual(site.hints, []);
});
