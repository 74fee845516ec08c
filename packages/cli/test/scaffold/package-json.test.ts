import assert from "node:assert/strict";
import { test } from "node:test";

import { addToPackageJson, newPackageJson, packageName, wantedOf } from "../../src/scaffold/package-json.ts";
import { languages, templateNames } from "../../src/scaffold/template-names.ts";

const wanted = {
  scripts: { dev: "offhook dev" },
  dependencies: {},
  devDependencies: { offhook: "^1.0.0" },
};

for (const [what, before, after] of [
  [
    "an empty object",
    "{}",
    '{\n  "scripts": {\n    "dev": "offhook dev"\n  },\n  "devDependencies": {\n    "offhook": "^1.0.0"\n  }\n}',
  ],
  [
    "four spaces, and Windows line ends",
    '{\r\n    "private": true\r\n}\r\n',
    '{\r\n    "private": true,\r\n    "scripts": {\r\n        "dev": "offhook dev"\r\n    },\r\n    "devDependencies": {\r\n        "offhook": "^1.0.0"\r\n    }\r\n}\r\n',
  ],
  [
    "a byte order mark, and a list on one line",
    '\uFEFF{\n  "files": ["a", "b"],\n  "scripts": {\n    "a": "b"\n  },\n  "devDependencies": { "offhook": "1" }\n}',
    '\uFEFF{\n  "files": ["a", "b"],\n  "scripts": {\n    "a": "b",\n    "dev": "offhook dev"\n  },\n  "devDependencies": { "offhook": "1" }\n}',
  ],
  [
    "a dependency elsewhere, and a script of that name",
    '{"scripts":{"dev":"x"},"dependencies":{"offhook":"*"}}',
    '{"scripts":{"dev":"x"},"dependencies":{"offhook":"*"}}',
  ],
] as const) {
  test(`additions to ${what} leave the rest unchanged`, async () => {
    assert.equal((await addToPackageJson(before, "package.json", wanted)).text, after);
  });
}

test("the result lists added and kept entries", async () => {
  const { added, kept } = await addToPackageJson('{"scripts":{"dev":"x"}}', "package.json", wanted);
  assert.deepEqual([added, kept], [["devDependencies.offhook"], ["scripts.dev"]]);
});

test("a development dependency that functions need becomes a dependency, with the same version", async () => {
  const before = '{\n  "devDependencies": {\n    "a": "1",\n    "twilio": "5.0.3"\n  }\n}';
  const needs = { scripts: {}, dependencies: { twilio: "^6.0.0" }, devDependencies: {} };
  const { text, added } = await addToPackageJson(before, "package.json", needs);
  assert.deepEqual(JSON.parse(text), { devDependencies: { a: "1" }, dependencies: { twilio: "5.0.3" } });
  assert.deepEqual(added, ["dependencies.twilio (was in devDependencies)"]);
});

test("a folder's name becomes a valid npm name", () => {
  for (const [folder, name] of [
    ["My App", "my-app"],
    ["_.x", "x"],
    ["§", "functions"],
    ["", "functions"],
    ["offhook", "offhook-functions"],
    ["node_modules", "functions"],
    ["a".repeat(300), "a".repeat(214)],
  ] as const) {
    assert.equal(packageName(folder), name);
  }
});

const published = {
  specifiers: {
    offhook: "^1.0.0",
    "@offhook/helpers": "^1.0.0",
    "@offhook/runtime": "^1.0.0",
    "@offhook/check": "^1.0.0",
  },
  areArchives: false,
};

test("a project names every package of Offhook if they are archives", () => {
  const specifiers = Object.fromEntries(
    Object.keys(published.specifiers).map((name) => [name, `file:../packed/${name}.tgz`]),
  );
  for (const template of [undefined, ...templateNames]) {
    const { dependencies, devDependencies } = wantedOf(template, "js", { specifiers, areArchives: true });
    const { twilio: _, ...own } = { ...dependencies, ...devDependencies };
    assert.deepEqual(own, specifiers, template);
    const names = Object.keys(dependencies).filter((name) => Object.hasOwn(devDependencies, name));
    assert.deepEqual(names, [], template);
  }
});

test("helpers are a dependency if functions use them, otherwise a development dependency", () => {
  for (const template of templateNames) {
    for (const language of languages) {
      const { dependencies, devDependencies } = wantedOf(template, language, published);
      const isForFunctions = template === "studio" || template === "flex";
      assert.equal(Object.hasOwn(dependencies, "@offhook/helpers"), isForFunctions, template);
      assert.equal(Object.hasOwn(devDependencies, "@offhook/helpers"), !isForFunctions, template);
      assert.equal(Object.hasOwn(devDependencies, "@offhook/runtime"), language === "ts");
      assert.match(devDependencies["offhook"] ?? "", /^\^\d/);
      const { type } = JSON.parse(newPackageJson("a", language, wantedOf(template, language, published))) as {
        type?: string;
      };
      // These are deployed to hosted Functions without a build.
      assert.equal(type, language === "js" ? undefined : "module");
    }
  }
});
