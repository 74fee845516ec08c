/**
 * Who may import whom. The arrows between the folders of the runtime are read from `ARCHITECTURE.md`, so that the
 * picture people look at is the one that holds.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { codeBlocks, pages } from "./markdown.ts";
import { repository } from "./offhook-process.ts";

interface Import {
  readonly from: string;
  readonly specifier: string;
}

const files = globSync("packages/*/src/**/*.{ts,cts}", { cwd: repository }).toSorted();
const sources = new Map(files.map((file) => [file, readFileSync(join(repository, file), "utf8")]));
const imports = files.flatMap((from) =>
  specifiersIn(sources.get(from) ?? "").map((specifier): Import => ({ from, specifier })),
);
const runtime = "packages/runtime/src/";
const page = "packages/dashboard/src/page/";

/** Of `import`, `export … from` and `import()`, but not in comments: those are taken out first. */
function specifiersIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statements = /^\s*(?:import|export)\s(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/gm;
  const calls = /\bimport\(\s*["']([^"']+)["']/g;
  return [statements, calls].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith(".");
}

/** Declarations that are published as they are name each other as what they declare. */
function targetOf({ from, specifier }: Import): string {
  return normalize(join(dirname(from), specifier)).replace(/\.cjs$/, ".d.cts");
}

/** `gateway` for a file in that folder, `errors` for the file of that name. */
function stageOf(file: string): string {
  const [first = ""] = file.slice(runtime.length).split("/");
  return first.replace(/\.ts$/, "");
}

function packageOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

function readArrows(): Map<string, string[]> {
  const blocks = pages("ARCHITECTURE.md").flatMap(codeBlocks);
  const [block] = blocks.filter(({ language }) => language === "arrows");
  assert.ok(block !== undefined, "ARCHITECTURE.md has no block fenced with ```arrows");
  const arrows = new Map<string, string[]>();
  for (const line of block.lines.filter((text) => text.trim() !== "")) {
    const [, from, to] = /^(\S+) ->(.*)$/.exec(line) ?? [];
    assert.ok(from !== undefined && to !== undefined, `${block.place}: "${line}" is no arrow`);
    arrows.set(
      from,
      to
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    );
  }
  return arrows;
}

test("the runtime's folders import only what the arrows in ARCHITECTURE.md allow", () => {
  const arrows = readArrows();
  const wrong = imports
    .filter(({ from, specifier }) => from.startsWith(runtime) && isRelative(specifier))
    .filter((each) => {
      const stage = stageOf(each.from);
      const target = targetOf(each);
      if (stageOf(target) === stage) return false;
      const allowed = arrows.get(stage) ?? [];
      return !allowed.includes(stageOf(target)) && !allowed.includes(target.slice(runtime.length));
    })
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
  assert.deepEqual(wrong, []);
});

test("every folder of the runtime has its arrows, and every arrow its folder", () => {
  const stages = [...new Set(files.filter((file) => file.startsWith(runtime)).map(stageOf))];
  assert.deepEqual([...readArrows().keys()].toSorted(), stages.toSorted());
});

test("the worker takes no package but cookie: each is paid for at every start of an isolate", () => {
  const taken = imports.filter(
    ({ from }) => from.startsWith(`${runtime}worker/`) || from.startsWith(`${runtime}protocol/`),
  );
  const packages = taken.filter(({ specifier }) => !isRelative(specifier) && !isBuiltin(specifier));
  assert.deepEqual([...new Set(packages.map(({ specifier }) => specifier))], ["cookie"]);
});

test("what isolates load for TypeScript names the transformer by its types only: it is loaded when it is needed", () => {
  const own = [...sources].filter(([file]) => file.startsWith(`${runtime}language/`));
  const taken = own.flatMap(([file, source]) => {
    const values = source.replace(/^import type .*$/gm, "");
    return specifiersIn(values)
      .filter((specifier) => !isRelative(specifier) && !isBuiltin(specifier))
      .map((each) => [file, each]);
  });
  assert.deepEqual(taken, []);
});

/** What a file of the runtime loads as soon as it is loaded itself: no types, and no `import()`. */
function loadedWith(source: string): string {
  return source.replace(/^(?:import|export) type [^;]*;$/gm, "").replace(/\bimport\([^)]*\)/g, "");
}

test("what debuggers need is loaded for them alone: named by its types, or imported when one is asked for", () => {
  for (const [file, source] of sources) {
    if (!file.startsWith(runtime) || stageOf(file) === "debug") continue;
    assert.doesNotMatch(loadedWith(source), /from "[^"]*\/debug\/|from "node:inspector"/, file);
  }
});

test("what only an author sees is not loaded in production", () => {
  for (const [file, source] of sources) {
    if (!file.startsWith(runtime) || stageOf(file) === "development") continue;
    assert.doesNotMatch(loadedWith(source), /from "[^"]*\/development\//, file);
  }
});

test("the wrappers take nothing but Node; what tests are made with takes one package more", () => {
  const taken = imports.filter(({ from, specifier }) => {
    // Of `twilio` only the types, which the author's own copy has.
    return (
      from.startsWith("packages/helpers/") && !isRelative(specifier) && !isBuiltin(specifier) && specifier !== "twilio"
    );
  });
  assert.deepEqual([...new Set(taken.map(({ specifier }) => specifier))], ["@rgrove/parse-xml"]);
  for (const { from } of taken) assert.match(from, /^packages\/helpers\/src\/testing\//);
  for (const [file, source] of sources) {
    if (file.startsWith("packages/helpers/")) assert.doesNotMatch(source, /^import (?!type).*from "twilio"/m, file);
  }
});

test("no package reaches into another by its files", () => {
  const wrong = imports.filter(
    (each) => isRelative(each.specifier) && packageOf(targetOf(each)) !== packageOf(each.from),
  );
  assert.deepEqual(wrong, []);
});

test("every package imported is declared by the package that imports it", () => {
  const wrong = imports.filter(({ from, specifier }) => {
    if (isRelative(specifier) || isBuiltin(specifier)) return false;
    const name = specifier
      .split("/")
      .slice(0, specifier.startsWith("@") ? 2 : 1)
      .join("/");
    const file = join(repository, packageOf(from), "package.json");
    const declared = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string> | undefined>;
    // What the page imports is published as a part of it.
    const kinds = from.startsWith(page) ? ["devDependencies"] : ["dependencies", "peerDependencies"];
    return !kinds.some((kind) => Object.hasOwn(declared[kind] ?? {}, name));
  });
  assert.deepEqual(wrong, []);
});

test("no imports go round in a circle", () => {
  const next = new Map<string, string[]>();
  for (const each of imports) {
    if (isRelative(each.specifier)) next.set(each.from, [...(next.get(each.from) ?? []), targetOf(each)]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    assert.ok(!path.includes(file), [...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file)) return;
    for (const target of next.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
});

test("no file only passes on what others define", () => {
  for (const [file, source] of sources) {
    assert.doesNotMatch(file, /\/index\.ts$/);
    const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
    const own = code.replace(/export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*(?:as \w+ )?from\s+["'][^"']+["'];?/g, "");
    assert.notEqual(own.trim(), "", `${file} is a barrel`);
  }
});

test("every relative import names a file", () => {
  const wrong = imports.filter((each) => isRelative(each.specifier) && !sources.has(targetOf(each)));
  assert.deepEqual(wrong, []);
});
