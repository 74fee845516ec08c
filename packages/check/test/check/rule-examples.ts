/** For each rule: a project with findings, the places of these findings, and a project without any. */
import { handler } from "./check-fixture.ts";
import type { Files } from "./check-fixture.ts";
import { manifest, packageRuleExamples, type RuleExample } from "./package-rule-examples.ts";

const a = "functions/a.js";
const fine = { [a]: handler("") };
const many = (count: number, name: (index: number) => string): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), handler("")]));
const requires = (specifier: string): Files => ({ [a]: handler("", `const x = require("${specifier}");`) });

export const ruleExamples: Readonly<Record<string, RuleExample>> = {
  syntax: {
    bad: { [a]: "exports.handler = (context, event, callback => {\n};\n" },
    at: [`${a}:2:2`],
    good: { [a]: `#!/usr/bin/env node\n${handler("with (event) {}")}return;` },
  },
  "source-unread": {
    bad: { [a]: `${handler("")}//${"x".repeat(1_000_000)}` },
    at: [a],
    good: { [a]: `${handler("")}//${"x".repeat(900_000)}` },
  },
  typescript: { bad: { "functions/a.ts": handler("") }, at: ["functions/a.ts"], good: fine },
  "typescript-served": {
    bad: { "functions/a.ts": handler(""), "package.json": '{ "scripts": { "start": "offhook start" } }' },
    at: ["package.json:1:1"],
    good: {
      "functions/a.ts": handler(""),
      "package.json": '{ "scripts": { "start": "offhook start", "deploy": "twilio serverless:deploy" } }',
    },
  },
  "build-output": {
    bad: {
      "src/functions/a.ts": handler(""),
      "package.json":
        '{ "scripts": { "build": "tsc", "deploy": "twilio-run deploy --functions-folder dist/functions" } }',
    },
    at: ["dist/functions"],
    good: {
      "src/functions/a.ts": handler(""),
      "dist/functions/a.js": handler(""),
      "tsconfig.json": '{ "compilerOptions": { "outDir": "dist" } }',
    },
  },
  "es-module": {
    bad: {
      [a]: "\nimport fs from 'node:fs';\nexport const handler = (context, event, callback) => callback(null, fs.constants);",
      "functions/b.mjs": "export default (context, event, callback) => callback()",
    },
    at: [`${a}:2:1`, "functions/b.mjs:1:1"],
    good: { [a]: handler("import('node:fs').then(() => callback());") },
  },
  "handler-missing": {
    bad: { [a]: "exports.handle = () => {};", "functions/b.js": "module.exports = { other() {} };" },
    at: [`${a}:1:1`, "functions/b.js"],
    good: {
      "functions/lib.private.js": "exports.x = 1;",
      "functions/b.js": `module.exports = { handler: (context, event, callback) => callback() };`,
      "functions/c.js": `module.exports = require(Runtime.getFunctions().lib.path);`,
      "functions/d.js": `const make = () => (context, event, callback) => callback(); exports.handler = make();`,
      "functions/e.js": `Object.assign(exports, { handler: 1 });`,
    },
  },
  "callback-unused": {
    bad: {
      [a]: "exports.handler = async (context, event) => event;",
      "functions/b.js": "const handler = function (context, event, done) {};\nexports.handler = handler;",
    },
    at: [`${a}:1:19`, "functions/b.js:1:17"],
    good: {
      [a]: "exports.handler = (c, e, done) => setTimeout(done, 5);",
      "functions/b.js": "exports.handler = (...all) => all[2]();",
      "functions/c.js": "exports.handler = function () { arguments[2](); };",
      "functions/d.js":
        "const w = require('@offhook/helpers'); exports.handler = w.prepareStudioFunction([], (c, e) => e);",
    },
  },
  "work-after-callback": {
    bad: { [a]: "exports.handler = async (c, e, done) => {\n  done(null, 1);\n  await fetch(e.url);\n};" },
    at: [`${a}:3:3`],
    good: {
      [a]: handler("if (!event.a) {\n callback(null, 1);\n return;\n}\n setTimeout(() => {}, 5);"),
      "functions/b.js": "exports.handler = (c, e, done) => {\n  done(null, 1);\n  console.log('done');\n};",
    },
  },
  "falsy-error": {
    bad: { [a]: handler('if (event.a) return callback("");\n  if (event.b) return callback(0);') },
    at: [`${a}:3:23`, `${a}:4:23`],
    good: { [a]: handler('if (event.a) return callback("no");\n  if (event.b) return callback(event.b);') },
  },
  "xml-as-text": {
    bad: { [a]: handler('if (event.a) return callback(null, "<Response/>");') },
    at: [`${a}:3:23`],
    good: { [a]: handler('if (event.a) return callback(null, "<b>no</b>");') },
  },
  "dependency-missing": {
    bad: requires("left-pad/x"),
    at: [`${a}:1:11`],
    good: {
      ...requires("left-pad/x"),
      "package.json": '{ "dependencies": { "left-pad": "1.0.0" } }',
      "functions/b.js": handler(
        "try { require('perhaps'); } catch {}",
        "require('twilio'); require('fs'); require(name);",
      ),
      "functions/c.js": handler("const require = (x) => x; require('mine');"),
      "functions/d.private.ts": "import { Type } from 'types'; export const f = (x: Type) => x;",
    },
  },
  "dependency-dev": {
    bad: { ...requires("left-pad"), "package.json": '{ "devDependencies": { "left-pad": "1.0.0" } }' },
    at: [`${a}:1:11`],
    good: { ...requires("left-pad"), "package.json": '{ "dependencies": { "left-pad": "1.0.0" } }' },
  },
  "file-missing": {
    bad: requires("../src/gone"),
    at: [`${a}:1:11`],
    good: { ...requires("../src/there"), "src/there.js": "" },
  },
  "relative-require": {
    bad: { ...requires("../src/there"), "src/there.js": "require('./more')", "src/more.js": "" },
    at: [`${a}:1:11`],
    good: { [a]: handler("", 'require(Runtime.getFunctions()["b"].path);'), "functions/b.private.js": "" },
  },
  "native-addon": {
    bad: {
      ...requires("./addon.node"),
      "functions/addon.node": "",
      "package.json": '{\n "dependencies": {\n  "native": "1.0.0"\n }\n}',
      "node_modules/native/binding.gyp": "",
    },
    at: [`${a}:1:11`, "package.json:3:1"],
    good: { ...manifest({ dependencies: { plain: "1.0.0" } }), "node_modules/plain/package.json": "{}" },
  },
  "child-process": {
    bad: requires("child_process"),
    at: [`${a}:1:11`],
    good: requires("node:process"),
  },
  ...packageRuleExamples,
  "path-duplicate": {
    bad: { ...fine, "functions/a.protected.js": handler("") },
    at: ["functions/a.protected.js"],
    good: { ...fine, "functions/b.protected.js": handler("") },
  },
  "path-refused": {
    bad: { "functions/a+b.js": handler(""), [`assets/${"x/".repeat(130)}y.txt`]: "" },
    at: [`assets/${"x/".repeat(130)}y.txt`, "functions/a+b.js"],
    good: { "functions/a-b_c.js": handler(""), "assets/d e.txt": "" },
  },
  "file-remark": {
    bad: { ...fine, "assets/a.PRIVATE.txt": "" },
    at: ["assets/a.PRIVATE.txt"],
    good: { ...fine, "assets/a.private.txt": "" },
  },
  "no-function": {
    bad: { ...fine, "functions/lib/data.json": "{}" },
    at: ["functions/lib/data.json"],
    good: {
      ...fine,
      "functions/a.d.ts": "",
      "functions/a.js.map": "{}",
      "functions/.keep": "",
      "assets/data.json": "{}",
    },
  },
  "asset-too-large": {
    bad: { "assets/a.private.bin": "x".repeat(10_485_761) },
    at: ["assets/a.private.bin"],
    good: { "assets/a.bin": "x".repeat(10_485_761) },
  },
  "asset-count": {
    bad: many(51, (index) => `assets/a${index}.private.txt`),
    at: ["."],
    good: many(50, (index) => `assets/a${index}.private.txt`),
  },
  "function-count": {
    bad: many(51, (index) => `functions/a${index}.js`),
    at: ["."],
    good: many(50, (index) => `functions/a${index}.js`),
  },
  "function-key": {
    bad: {
      [a]: handler(
        'fns["sms/reply"].path',
        "const fns = Runtime.getFunctions();\nconst { words } = Runtime.getFunctions();",
      ),
    },
    at: [`${a}:2:9`, `${a}:4:7`],
    good: {
      [a]: handler(
        "Runtime.getFunctions()[event.name].path; Object.keys(fns); fns.perhaps?.path",
        "const fns = Runtime.getFunctions(); fns.a.path",
      ),
    },
  },
  "asset-key": {
    bad: {
      [a]: handler('Runtime.getAssets()["/b.txt"].open(); Runtime.getAssets()["/c.txt"];'),
      "assets/b.txt": "",
      // The compiled project has no key of this name.
      "functions/d.js": handler('require(Runtime.getAssets()["/d.ts"].path);'),
      "assets/d.private.ts": "export const d = 1;",
    },
    at: [`${a}:3:23`, `${a}:3:61`, "functions/d.js:3:31"],
    good: {
      [a]: handler('Runtime.getAssets()["/b.txt"].open(); require(Runtime.getAssets()["/d.mjs"].path);'),
      "assets/b.private.txt": "",
      "assets/d.private.mts": "export const d = 1;",
    },
  },
  "asset-typescript": {
    bad: { ...fine, "assets/client.ts": "", "assets/signed.protected.mts": "" },
    at: ["assets/client.ts", "assets/signed.protected.mts"],
    good: { ...fine, "assets/client.js": "", "assets/lib.private.ts": "", "assets/types.d.ts": "" },
  },
  "asset-binary": {
    bad: { [a]: handler('Runtime.getAssets()["/b.png"].open();'), "assets/b.private.png": "" },
    at: [`${a}:3:33`],
    good: { [a]: handler('Runtime.getAssets()["/b.png"].path;'), "assets/b.private.png": "" },
  },
  "variable-unset": {
    bad: {
      [a]: handler(
        "const { SENDER } = context;\n  process.env.OTHER.trim(); helper(context);",
        "const helper = (context) => context.THIRD;",
      ),
      ".env": "SENDRE=1",
    },
    at: [`${a}:1:37`, `${a}:3:11`, `${a}:4:15`],
    good: {
      [a]: handler(
        "const { SENDER, B = 'b' } = context; context.C ?? 1; if (context.D) use(context.D); context[event.x]; context.ACCOUNT_SID; process.env.NODE_ENV; event.X; context.signal",
      ),
      "functions/b.js":
        "exports.handler = (context, event, callback) => [1].map((x) => { const context = x; callback(context.E); });",
      ".env": "SENDER=1",
    },
  },
  "credentials-missing": {
    bad: { [a]: handler("context.getTwilioClient();") },
    at: [`${a}:3:11`],
    good: { [a]: handler("context.getTwilioClient();"), ".env": "ACCOUNT_SID=AC1\nAUTH_TOKEN=1" },
  },
  "variable-too-long": {
    bad: { ...fine, ".env": `A=${"é".repeat(226)}\n${"B".repeat(129)}=1` },
    at: [".env", ".env"],
    good: { ...fine, ".env": `A=${"é".repeat(225)}\n${"B".repeat(128)}=1` },
  },
  "variables-too-large": {
    bad: { ...fine, ".env": Array.from({ length: 8 }, (_, index) => `A${index}=${"x".repeat(400)}`).join("\n") },
    at: [".env"],
    good: { ...fine, ".env": Array.from({ length: 7 }, (_, index) => `A${index}=${"x".repeat(400)}`).join("\n") },
  },
  "variable-reserved": {
    bad: { ...fine, ".env": "PATH=/x" },
    at: [".env"],
    good: { ...fine, ".env": "MY_PATH=/x" },
  },
  "env-line": {
    bad: { ...fine, ".env": "A=1\nB: 2\n# c\nsk_live_secret\n" },
    at: [".env:2:1", ".env:4:1"],
    good: { ...fine, ".env": 'A=1\n\n# c\nexport B="2\n3: x\n4"\r\nC=\n  D = 5 # six\n' },
  },
  "env-value": {
    bad: { ...fine, ".env": 'A=1 # one\nB="2\nexport C=3\nD="4\n5"\nE=`6`\n' },
    at: [".env:1:1", ".env:2:1", ".env:3:1", ".env:4:1", ".env:6:1"],
    good: { ...fine, ".env": '# one\nA=#1\nB="2 # two"\nC={"a": "# b"}\nstray\n' },
  },
  "context-signal": {
    bad: { [a]: handler("context.signal.aborted;") },
    at: [`${a}:3:11`],
    good: {
      [a]: handler("context.signal?.aborted; fetch(event.url, { signal: context.signal });"),
      "functions/b.js": handler("if (context.signal) context.signal.aborted;"),
    },
  },
  "context-remaining-time": {
    bad: { [a]: handler("context.getRemainingTimeInMillis();") },
    at: [`${a}:3:11`],
    good: {
      [a]: handler("context.getRemainingTimeInMillis?.();"),
      "functions/b.js": handler("const t = context.getRemainingTimeInMillis ? context.getRemainingTimeInMillis() : 1;"),
    },
  },
  "request-property": {
    bad: { [a]: handler("if (event.request.method === 'PUT') return;\n  const { url } = event.request;") },
    at: [`${a}:3:21`, `${a}:4:11`],
    good: { [a]: handler("event.request.headers; event.method; const { cookies } = event.request;") },
  },
  "other-method": {
    bad: {
      [a]: handler('const r = new Twilio.Response();\n  r.appendHeader("Access-Control-Allow-Methods", "GET, PUT");'),
    },
    at: [`${a}:4:5`],
    good: {
      [a]: handler(
        'const r = new Twilio.Response(); r.setHeaders({ "Access-Control-Allow-Methods": "GET, POST, OPTIONS" });',
      ),
    },
  },
  "hidden-header": {
    bad: { [a]: handler('event.request.headers["x-forwarded-for"];\n  const { host } = event.request.headers;') },
    at: [`${a}:3:25`, `${a}:4:11`],
    good: { [a]: handler("event.request.headers['user-agent']; event.host;") },
  },
  "cookie-too-old": {
    bad: { [a]: handler('const r = new Twilio.Response();\n  r.setCookie("a", "1", ["Max-Age=86401"]);') },
    at: [`${a}:4:5`],
    good: { [a]: handler('new Twilio.Response().setCookie("a", "1", ["Max-Age=86400", "SameSite=Lax"]);') },
  },
  "json-text-body": {
    bad: {
      [a]: handler(
        'const r = new Twilio.Response();\n  r.appendHeader("Content-Type", "application/json");\n  r.setBody(JSON.stringify({}));',
      ),
    },
    at: [`${a}:5:5`],
    good: {
      [a]: handler(
        'const r = new Twilio.Response(); r.appendHeader("Content-Type", "application/json"); r.setBody({}); const s = new Twilio.Response(); s.setBody(JSON.stringify({}));',
      ),
    },
  },
  "limit-raised": {
    bad: { ...fine, "offhook.json": '{ "timeout": "11s", "memory": "256mb" }' },
    at: ["."],
    good: { ...fine, "offhook.json": '{ "timeout": "5s" }' },
  },
  "file-write": {
    bad: {
      [a]: handler(
        'fs.writeFileSync("data.json", "");\n  fs.promises.mkdir(join(__dirname, "x"));\n  fs.appendFileSync(`${__dirname}/y`, "");',
        'const fs = require("fs"); const { join } = require("path");',
      ),
    },
    at: [`${a}:3:6`, `${a}:4:15`, `${a}:5:6`],
    good: {
      [a]: handler(
        'fs.writeFileSync("/tmp/a", ""); fs.writeFileSync(event.path, ""); fs.writeFileSync(join(tmpdir(), "b"), ""); fs.readFileSync("x");',
        'const fs = require("fs"); const { join } = require("path"); const { tmpdir } = require("os");',
      ),
    },
  },
  "global-write": {
    bad: { [a]: handler("globalThis.x = 1;\n  process.env.TZ = 'Europe/Oslo';") },
    at: [`${a}:3:3`, `${a}:4:3`],
    good: { [a]: handler("const global = {}; global.x = 1; event.x = 2;", "process.env.A = 1;") },
  },
  "process-exit": {
    bad: { [a]: handler("process.exit(1);") },
    at: [`${a}:3:11`],
    good: { [a]: handler("process.exitCode;") },
  },
  "log-alert": {
    bad: { [a]: handler("console.warn('a');\n  console.error('b');") },
    at: [`${a}:3:11`],
    good: { [a]: handler("console.log('a');") },
  },
  "module-state": {
    bad: { [a]: handler("count++;", "let count = 0;") },
    at: [`${a}:3:3`],
    good: { [a]: handler("let count = 1; count++; other.x = 1;", "const other = {}; let started = 0; started = 1;") },
  },
  "domain-name": {
    bad: { [a]: handler("context.DOMAIN_NAME;") },
    at: [`${a}:3:11`],
    good: { [a]: handler("context.DOMAIN_NAME;"), "offhook.json": '{ "publicUrl": "https://example.org" }' },
  },
};
