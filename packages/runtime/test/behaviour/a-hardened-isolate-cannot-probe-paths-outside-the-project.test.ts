/** No API with a path argument shows a hardened isolate what exists outside its folders, or writes anything there. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathQuestions } from "../path-questions.ts";
import { ask, probe } from "../probe.ts";
import { serve } from "../site.ts";

/** A folder whose file permissions let everybody read and write. */
async function makeOutside(t: TestContext): Promise<string> {
  const outside = mkdtempSync(join(tmpdir(), "offhook-outside-"));
  t.after(() => rmSync(outside, { recursive: true }));
  const folder = join(outside, "folder", "node_modules", "inner");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(outside, "folder", "package.json"), '{ "name": "outside", "exports": "./x.js" }');
  writeFileSync(join(folder, "package.json"), '{ "name": "inner", "main": "index.js" }');
  writeFileSync(join(folder, "index.js"), "");
  writeFileSync(join(outside, "module.js"), "exports.secret = 1;");
  writeFileSync(join(outside, "data.json"), "{}");
  const server = createServer((socket) => socket.destroy()).listen(join(outside, "socket"));
  t.after(() => server.close());
  await new Promise((resolve) => server.once("listening", resolve));
  for (const each of [outside, join(outside, "folder"), join(outside, "socket")]) chmodSync(each, 0o777);
  return outside;
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { encoding: "utf8", recursive: true }).toSorted((a, b) => (a < b ? -1 : 1));
}

test("a path outside gets the same answer whether it exists or not", async (t) => {
  const site = await serve(t, pathQuestions, { hardened: true, timeout: 120_000 });
  const outside = await makeOutside(t);
  const before = filesIn(outside);
  const paths = ["missing", "folder", "module.js", "data.json", "socket", "module.js/in-a-file", "no/such/folder"].map(
    (name) => join(outside, name),
  );
  const answer = await site.call("/ask-paths", { form: { paths: JSON.stringify(paths) } });
  assert.equal(answer.status, 200, site.requests.at(-1)?.detail);
  const answers = Object.entries(answer.json() as Record<string, string[]>);
  assert.ok(answers.length > 150, String(answers.length));
  assert.deepEqual(
    answers.filter(([, [first, ...others]]) => others.some((other) => other !== first)),
    [],
  );
  // None of them succeeds, either.
  assert.deepEqual(
    answers.filter(([name, codes]) => codes.includes("done") && name !== "fs.rmSync with force"),
    [],
  );
  assert.deepEqual(filesIn(outside), before, "nothing has changed there");
});

const allowed = {
  "a socket in its own folder": `await new Promise((resolve, reject) => {
      const net = require("net"), name = require("os").tmpdir() + "/own.sock";
      const server = net.createServer((socket) => socket.end("from it")).listen(name, () => {
        let text = "";
        net.connect(name).on("error", reject).on("data", (data) => (text += data)).on("end", () => { server.close(); resolve(text); });
      }).on("error", reject);
    })`,
  "realpath of its own files": `require("fs").realpathSync("functions/../.env").endsWith("/.env") && await require("fs").promises.realpath(".").then(Boolean)`,
  "glob in the project": `require("fs").globSync("functions/ask-*.js").length`,
  "import of the project": `(await import(process.cwd() + "/lib/words.mjs")).word`,
  "import of a package": `(await import("small")).default.answer`,
  "packages with a main, an export and a file": `[require("small").answer, require("small/file").name, require.resolve("small").endsWith("index.js")].join()`,
  "a module in its own folder": `(() => { require("fs").writeFileSync(require("os").tmpdir() + "/own.js", "exports.own = 7"); return require(require("os").tmpdir() + "/own.js").own; })()`,
} as const;

const files = {
  ...probe,
  ".env": "OWN=own",
  "functions/ask-async.js": `
    exports.handler = async (context, event, callback) => callback(null, { value: await eval("(async () => " + event.code + ")()") });`,
  "lib/words.mjs": "export const word = 'words';",
  "node_modules/small/package.json": '{ "name": "small", "main": "index.js" }',
  "node_modules/small/index.js": "exports.answer = 42;",
  "node_modules/small/file.js": "exports.name = 'file';",
};

const expected = ["from it", true, 1, "words", 42, "42,file,true", 7];

test("the project's own folders stay open", async (t) => {
  const site = await serve(t, files, { hardened: true });
  for (const [i, [what, code]] of Object.entries(allowed).entries()) {
    await t.test(what, async () => {
      const answer = await site.call("/ask-async", { form: { code } });
      assert.deepEqual(answer.json(), { value: expected[i] });
    });
  }
});

const denied = "ERR_ACCESS_DENIED";

test("sockets without a path, traces and snapshots of a full heap are refused", async (t) => {
  const site = await serve(t, files, { hardened: true });
  for (const socket of ["createServer().listen(name)", "connect(name)"]) {
    const code = `new Promise((resolve) => {
      const name = "\\0offhook";
      require("net").${socket}.on("error", (error) => resolve(error.code)).on("connect", resolve).on("listening", resolve);
    })`;
    const answer = await site.call("/ask-async", { form: { code } });
    assert.deepEqual(answer.json(), { value: "EACCES" }, socket);
  }
  assert.deepEqual(await ask(site, "require('trace_events').createTracing({ categories: ['node'] }).enable()"), {
    code: denied,
  });
  assert.deepEqual(await ask(site, "require('v8').setHeapSnapshotNearHeapLimit(1)"), { code: denied });
});

test("the checks still work after user code has replaced built-ins", async (t) => {
  const outside = await makeOutside(t);
  const site = await serve(t, files, { hardened: true, reuse: "never" });
  const file = JSON.stringify(join(outside, "module.js"));
  const tricks = {
    "the path module": `const path = require('path'); path.resolve = () => process.cwd() + '/.env'; path.dirname = path.resolve; require('module').syncBuiltinESMExports()`,
    "the permission": "process.permission.has = () => true",
    "a setter on arrays": `Object.defineProperty(Array.prototype, 0, { configurable: true, set() {}, get: () => ${file} })`,
    "the getters of URLs": "Object.defineProperty(URL.prototype, 'pathname', { get: () => process.cwd() + '/.env' })",
    "an object with a different text each time": "let calls = 0",
    "methods of strings": "String.prototype.startsWith = () => false; String.prototype.includes = () => false",
    "the call of functions": "Function.prototype.apply = Function.prototype.call = () => undefined",
  };
  for (const [what, trick] of Object.entries(tricks)) {
    await t.test(what, async () => {
      const path = what.startsWith("an object") ? `{ toString: () => (calls++ === 0 ? '.' : ${file}) }` : file;
      const code = `${trick}; try { require('fs').realpathSync(${path}) } catch (error) { error.code ?? error.name }`;
      const { value } = await ask(site, code);
      assert.ok(
        value === denied || value === "ERR_INVALID_ARG_TYPE" || !String(value).includes("outside"),
        String(value),
      );
      const imported = `${trick}; import(${file})`;
      const answer = await site.call("/ask-async", {
        form: { code: `(() => { ${imported.replace("; import", "; return import")} })()` },
      });
      assert.equal((answer.json() as { message?: string }).message?.includes("not allowed"), true, answer.text);
    });
  }
});
