/** Node forgets the first error of an ES module. Offhook reports it with its line at each request. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

const handler = (value: string): string => `\nexport const handler = (c, e, callback) => callback(null, ${value});`;

const modules = {
  "package.json": '{ "type": "module" }',
  "lib/value.js": 'import { doesNotExist } from "node:path";\nexport const value = doesNotExist;',
  "lib/named.js": "export const a = 1;",
  "lib/again.js": 'export { a, nothing as b } from "./named.js";',
  "lib/broken.js": "export const a = import.meta.url;\nexport default class {}\nexport const b = = 2;\n",
  "lib/throws.js": 'export const a = 1;\nthrow new Error("thrown here");',
  "lib/awaits.js": 'export const a = await Promise.resolve("awaited");',
  "lib/rejects.js": '\nawait Promise.reject(new Error("rejected here"));\nexport const a = 1;',
  "lib/cycle-a.js": 'import { b } from "./cycle-b.js";\nexport const a = 1;\nexport { b };',
  "lib/cycle-b.js": 'import { a } from "./cycle-a.js";\nexport const b = a + 1;',
  "functions/bad-name.js": `import { doesNotExist } from "node:fs";${handler("doesNotExist")}`,
  "functions/via-module.js": `import { value } from "../lib/value.js";${handler("value")}`,
  "functions/via-module-again.js": `// The same module.\nimport { value } from "../lib/value.js";${handler("value")}`,
  "functions/several-lines.js": `import {\n  a,\n  nothing,\n} from "../lib/named.js";${handler("nothing")}`,
  "functions/no-default.js": `import { a } from "../lib/named.js";\nimport named from "../lib/named.js";${handler("named")}`,
  "functions/re-export.js": `import { b } from "../lib/again.js";${handler("b")}`,
  "functions/syntax.js": `const a = import.meta.url;${handler("a")}\nconst b = ;`,
  "functions/via-syntax.js": `import { a } from "../lib/broken.js";${handler("a")}`,
  "functions/missing.js": `\nimport { a } from "../lib/nowhere.js";${handler("a")}`,
  "functions/missing-package.js": `import a from "no-such-package/part";${handler("a")}`,
  "functions/via-throws.js": `import { a } from "../lib/throws.js";${handler("a")}`,
  "functions/via-rejects.js": `import { a } from "../lib/rejects.js";${handler("a")}`,
  "functions/cycle.js": `import { b } from "../lib/cycle-a.js";${handler("b")}`,
  "functions/common.cjs": 'require("../lib/value.js");\nexports.handler = () => {};',
  "functions/common-broken.cjs": 'require("../lib/broken.js");\nexports.handler = () => {};',
  "functions/common-later.cjs":
    'exports.handler = async (c, e, callback) => { try { require("../lib/value.js"); } catch {} require("../lib/value.js"); };',
  // This failing module imports a module that works.
  "lib/good.js": 'export const good = "good";',
  "functions/bad-and-good.js": `import { good } from "../lib/good.js";\nimport { none } from "node:fs";${handler("good")}`,
  "functions/needs-good.cjs":
    'const { good } = require("../lib/good.js");\nexports.handler = (c, e, callback) => callback(null, good);',
  "functions/awaits.js": `import { a } from "../lib/awaits.js";${handler("a")}`,
  "functions/fine.js": `import { a } from "../lib/named.js";${handler("a")}`,
};

const expected: Readonly<Record<string, { text: RegExp; place?: string }>> = {
  "bad-name": { text: /'node:fs' does not provide an export named 'doesNotExist'/, place: "functions/bad-name.js:1" },
  "via-module": { text: /does not provide an export named 'doesNotExist'/, place: "lib/value.js:1" },
  "via-module-again": { text: /does not provide an export named 'doesNotExist'/, place: "lib/value.js:1" },
  "several-lines": { text: /does not provide an export named 'nothing'/, place: "functions/several-lines.js:3" },
  "no-default": { text: /does not provide an export named 'default'/, place: "functions/no-default.js:2" },
  "re-export": { text: /does not provide an export named 'nothing'/, place: "lib/again.js:1" },
  syntax: { text: /SyntaxError: Unexpected token ';'/, place: "functions/syntax.js:3" },
  "via-syntax": { text: /SyntaxError: Unexpected token '='/, place: "lib/broken.js:3" },
  missing: { text: /Cannot find module '.*nowhere\.js' imported from/, place: "functions/missing.js:2" },
  "missing-package": { text: /Cannot find package 'no-such-package'/, place: "functions/missing-package.js:1" },
  "via-throws": { text: /Error: thrown here\n.*lib\/throws\.js:2:7/ },
  "via-rejects": { text: /Error: rejected here\n.*lib\/rejects\.js:2:22/ },
  cycle: { text: /Cannot access 'a' before initialization\n.*lib\/cycle-b\.js:2:18/ },
  common: { text: /does not provide an export named 'doesNotExist'/, place: "lib/value.js:1" },
  "common-broken": { text: /SyntaxError: Unexpected token '='/, place: "lib/broken.js:3" },
};

for (const spares of [0, 1]) {
  test(`a module that fails to load reports the cause each time, with ${spares} spares`, async (t) => {
    const site = await serve(t, modules, { spares });
    for (const name of [...Object.keys(expected), ...Object.keys(expected)]) {
      const { text, place } = expected[name] ?? assert.fail();
      assert.equal((await site.call(`/${name}`)).status, 500, name);
      const detail = site.requests.at(-1)?.detail ?? "";
      assert.match(detail, text, name);
      if (place !== undefined) assert.equal(detail.split("\n")[0], `${site.folder}/${place}`, name);
      assert.doesNotMatch(detail, /package\.json|not yet fully loaded|ERR_INTERNAL_ASSERTION/, name);
    }
    assert.equal((await site.call("/common-later")).status, 500);
    assert.match(site.requests.at(-1)?.detail ?? "", /does not provide an export named 'doesNotExist'/);
    assert.equal((await site.call("/awaits")).text, "awaited", site.requests.at(-1)?.detail);
    assert.equal((await site.call("/fine")).text, "1");
    assert.equal((await site.call("/bad-and-good")).status, 500);
    assert.equal((await site.call("/needs-good")).text, "good");
  });
}

test("an ES module in a CommonJS project reports why it failed to load", async (t) => {
  const site = await serve(t, {
    "lib/bad.mjs": 'export const a = 1;\nimport { nothing } from "node:fs";',
    "functions/one.js": 'exports.handler = () => {};\nrequire("../lib/bad.mjs");',
    "functions/two.js": 'exports.handler = () => {};\nrequire("../lib/bad.mjs");',
    "functions/absent.js": 'exports.handler = () => {};\nrequire("./nowhere");',
  });
  for (const name of ["one", "two", "one", "two"]) {
    assert.equal((await site.call(`/${name}`)).status, 500);
    const detail = site.requests.at(-1)?.detail ?? "";
    assert.match(detail, /lib\/bad\.mjs:2\n[^]*'node:fs' does not provide an export named 'nothing'/);
  }
  await site.call("/absent");
  const stack = site.requests.at(-1)?.detail ?? "";
  assert.match(stack, /Cannot find module '\.\/nowhere'\nRequire stack:\n- .*functions\/absent\.js\n/);
  assert.doesNotMatch(stack, /package\.json/);
});

/** Errors that only modules can have, and imports that do not resolve: the line that fails, and Node's message. */
const faults: Readonly<Record<string, readonly [line: string, text: RegExp]>> = {
  twice: ["export const b = 1; export const b = 2;", /Identifier 'b' has already been declared/],
  "two-defaults": ["export default 1; export default 2;", /has already been declared|Duplicate export/],
  "not-there": ["export { nowhere };", /Export 'nowhere' is not defined/],
  returns: ["return 1;", /Illegal return statement/],
  "await-inside": ["function inside() { await x; }", /SyntaxError/],
  imported: ['import { sep } from "node:path"; let sep = 1;', /Identifier 'sep' has already been declared/],
  "no-end": ["const text = `abc", /SyntaxError/],
  bracket: ["}", /Unexpected token '}'/],
  folder: ['import a from "../lib";', /Directory import .* is not supported/],
  "not-exported": ['import a from "closed/inner";', /Package subpath '.\/inner' is not defined/],
  "no-main": ['import a from "closed";', /No "exports" main defined/],
  alias: ['import a from "#nowhere";', /"#nowhere" is not defined/],
};

test("an error that only modules can have names the file and the line", async (t) => {
  const site = await serve(t, {
    "package.json": '{ "type": "module", "imports": { "#a": "./lib/a.js" } }',
    "lib/a.js": "export const a = 1;",
    "node_modules/closed/package.json": '{ "name": "closed", "exports": { "./outer": "./outer.js" } }',
    ...Object.fromEntries(
      Object.entries(faults).flatMap(([name, [line]]) => [
        [`functions/${name}.js`, `import "node:fs";${handler("1")}\n${line}`],
        [`lib/${name}.js`, `import "node:fs";\nimport "./a.js";\n${line}`],
        [`functions/via-${name}.js`, `import "../lib/${name}.js";${handler("1")}`],
      ]),
    ),
  });
  for (const [name, [, text]] of Object.entries(faults)) {
    for (const [path, file] of [
      [name, `functions/${name}.js`],
      [`via-${name}`, `lib/${name}.js`],
    ] as const) {
      assert.equal((await site.call(`/${path}`)).status, 500, path);
      const detail = site.requests.at(-1)?.detail ?? "";
      assert.match(detail, text, path);
      assert.equal(detail.split("\n")[0], `${site.folder}/${file}:3`, detail);
    }
  }
});
