/**
 * The allowed imports. The arrows between the folders of each package are read from `ARCHITECTURE.md`, so that the
 * picture that people see is always true.
 */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { codeBlocks, pages } from "./markdown.ts";
import type { CodeBlock } from "./markdown.ts";
import { repository } from "./offhook-process.ts";

interface Import {
  readonly from: string;
  readonly specifier: string;
}

const files = globSync("packages/*/src/**/*.{ts,tsx,cts}", { cwd: repository }).toSorted();
const sources = new Map(files.map((file) => [file, readFileSync(join(repository, file), "utf8")]));
const imports = files.flatMap((from) =>
  specifiersIn(sources.get(from) ?? "").map((specifier): Import => ({ from, specifier })),
);
const runtime = "packages/runtime/src/";
const page = "packages/dashboard/src/page/";

/** Matches `import`, `export … from` and `import()`. Comments are removed first. */
function specifiersIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const statements = /^\s*(?:import|export)\s(?:[^;"']*?\sfrom\s+)?["']([^"']+)["']/gm;
  const calls = /\bimport\(\s*["']([^"']+)["']/g;
  return [statements, calls].flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1] ?? ""));
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith(".");
}

/** Hand-written declarations import each other as `.d.ts` files. */
function targetOf({ from, specifier }: Import): string {
  return normalize(join(dirname(from), specifier)).replace(/\.cjs$/, ".d.cts");
}

/** `gateway` for a file in that folder of a package, `errors` for the file `errors.ts`. */
function stageOf(file: string): string {
  const [first = ""] = pathInPackage(file).split("/");
  return first.replace(/\.[cm]?tsx?$/, "");
}

/** `gateway/routes.ts` */
function pathInPackage(file: string): string {
  return file.split("/").slice(3).join("/");
}

function packageOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

/** `@scope/name` of `@scope/name/file`. */
function packageNameOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

type Arrows = ReadonlyMap<string, readonly string[]>;

/** By package: `packages/runtime`. */
function readArrows(): ReadonlyMap<string, Arrows> {
  const blocks = pages("ARCHITECTURE.md")
    .flatMap(codeBlocks)
    .filter(({ language }) => language === "arrows");
  return new Map(blocks.map((block) => [block.file ?? "", arrowsIn(block)]));
}

/** Several folders with the same arrows share a line. */
function arrowsIn({ place, lines }: CodeBlock): Arrows {
  const namesIn = (text: string): string[] => text.split(",").map((name) => name.trim());
  const arrows = new Map<string, string[]>();
  for (const line of lines.filter((text) => text.trim() !== "")) {
    const [, from, to] = /^(.+?) ->(.*)$/.exec(line) ?? [];
    assert.ok(from !== undefined && to !== undefined, `${place}: "${line}" is no arrow`);
    for (const name of namesIn(from)) {
      arrows.set(
        name,
        namesIn(to).filter((each) => each !== ""),
      );
    }
  }
  return arrows;
}

/** Stands for every folder and file of a package that is too small for arrows. */
const anywhere = "*";

const ownPackages = new Map(
  globSync("packages/*/package.json", { cwd: repository }).map((file) => {
    const { name } = JSON.parse(readFileSync(join(repository, file), "utf8")) as { name: string };
    return [name, packageOf(file)];
  }),
);

/** The names that an arrow may have for the import. Empty if no arrow is needed. */
function arrowNamesOf(each: Import): readonly string[] {
  if (!isRelative(each.specifier)) {
    const name = packageNameOf(each.specifier);
    return ownPackages.has(name) ? [name] : [];
  }
  const target = targetOf(each);
  return stageOf(target) === stageOf(each.from) ? [] : [stageOf(target), pathInPackage(target)];
}

test("folders import only what the arrows in ARCHITECTURE.md allow", () => {
  const arrows = readArrows();
  const wrong = imports
    .filter((each) => {
      const names = arrowNamesOf(each);
      const packageArrows = arrows.get(packageOf(each.from));
      if (packageArrows?.has(anywhere) === true && isRelative(each.specifier)) return false;
      const allowed = packageArrows?.get(stageOf(each.from)) ?? packageArrows?.get(anywhere) ?? [];
      return names.length > 0 && !names.some((name) => allowed.includes(name));
    })
    .map(({ from, specifier }) => `${from} imports ${specifier}`);
  assert.deepEqual(wrong, []);
});

test("every folder of every package has its arrows, and every arrow its folder", () => {
  const arrows = readArrows();
  assert.deepEqual([...arrows.keys()].toSorted(), [...new Set(files.map(packageOf))].toSorted());
  for (const [name, own] of arrows) {
    if (own.has(anywhere)) continue;
    const stages = new Set(files.filter((file) => packageOf(file) === name).map(stageOf));
    assert.deepEqual([...own.keys()].toSorted(), [...stages].toSorted(), name);
  }
});

test("the arrows between folders and between packages have no cycles", () => {
  const between = new Map<string, string[]>();
  for (const [name, own] of readArrows()) {
    const packages = [...own.values()].flat().flatMap((each) => ownPackages.get(each) ?? []);
    between.set(name, packages);
    refuseCircles(own, name);
  }
  refuseCircles(between, "packages");
});

test("no package imports the command", () => {
  const command = [...ownPackages].find(([, folder]) => folder === "packages/cli")?.[0];
  assert.deepEqual(
    imports.filter(({ specifier }) => packageNameOf(specifier) === command),
    [],
  );
});

test("the worker imports no package except cookie, because each one slows down every start of an isolate", () => {
  const taken = imports.filter(
    ({ from }) => from.startsWith(`${runtime}worker/`) || from.startsWith(`${runtime}protocol/`),
  );
  const packages = taken.filter(({ specifier }) => !isRelative(specifier) && !isBuiltin(specifier));
  assert.deepEqual([...new Set(packages.map(({ specifier }) => specifier))], ["cookie"]);
});

test("isolates load the TypeScript transformer only when they need it", () => {
  const languageSources = [...sources].filter(([file]) => file.startsWith(`${runtime}language/`));
  const taken = languageSources.flatMap(([file, source]) => {
    const values = source.replace(/^import type .*$/gm, "");
    return specifiersIn(values)
      .filter((specifier) => !isRelative(specifier) && !isBuiltin(specifier))
      .map((each) => [file, each]);
  });
  assert.deepEqual(taken, []);
});

/** The files that a file of the runtime loads at once: without types and `import()`. */
function loadedWith(source: string): string {
  return source.replace(/^(?:import|export) type [^;]*;$/gm, "").replace(/\bimport\([^)]*\)/g, "");
}

test("code for debuggers is loaded only for debuggers", () => {
  for (const [file, source] of sources) {
    if (!file.startsWith(runtime) || stageOf(file) === "debug") continue;
    assert.doesNotMatch(loadedWith(source), /from "[^"]*\/debug\/|from "node:inspector"/, file);
  }
});

test("code for development is not loaded in production", () => {
  for (const [file, source] of sources) {
    if (!file.startsWith(runtime) || stageOf(file) === "development") continue;
    assert.doesNotMatch(loadedWith(source), /from "[^"]*\/development\//, file);
  }
});

test("the wrappers import only Node, and the testing package one more package", () => {
  const taken = imports.filter(({ from, specifier }) => {
    // Only types of `twilio`. They come from the author's own copy.
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

test("no package imports files of another package by path", () => {
  const wrong = imports.filter(
    (each) => isRelative(each.specifier) && packageOf(targetOf(each)) !== packageOf(each.from),
  );
  assert.deepEqual(wrong, []);
});

test("every imported package is declared by the package that imports it", () => {
  const wrong = imports.filter(({ from, specifier }) => {
    if (isRelative(specifier) || isBuiltin(specifier)) return false;
    const name = packageNameOf(specifier);
    const file = join(repository, packageOf(from), "package.json");
    const declared = JSON.parse(readFileSync(file, "utf8")) as Record<string, Record<string, string> | undefined>;
    // Imports of the page are bundled into it.
    const kinds = from.startsWith(page) ? ["devDependencies"] : ["dependencies", "peerDependencies"];
    return !kinds.some((kind) => Object.hasOwn(declared[kind] ?? {}, name));
  });
  assert.deepEqual(wrong, []);
});

test("no imports form a cycle", () => {
  const next = new Map<string, string[]>();
  for (const each of imports) {
    if (isRelative(each.specifier)) next.set(each.from, [...(next.get(each.from) ?? []), targetOf(each)]);
  }
  refuseCircles(next, "files");
});

function refuseCircles(next: ReadonlyMap<string, readonly string[]>, what: string): void {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    assert.ok(!path.includes(name), `${what}: ${[...path.slice(path.indexOf(name)), name].join(" → ")}`);
    if (done.has(name)) return;
    for (const target of next.get(name) ?? []) visit(target, [...path, name]);
    done.add(name);
  };
  for (const name of next.keys()) visit(name, []);
}

test("no file only re-exports others", () => {
  for (const [file, source] of sources) {
    assert.doesNotMatch(file, /\/index\.[cm]?tsx?$/);
    const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
    const own = code.replace(/export\s+(?:type\s+)?(?:\*|\{[^}]*\})\s*(?:as \w+ )?from\s+["'][^"']+["'];?/g, "");
    assert.notEqual(own.trim(), "", `${file} is a barrel`);
  }
});

test("every relative import names a file", () => {
  const wrong = imports.filter((each) => isRelative(each.specifier) && !sources.has(targetOf(each)));
  assert.deepEqual(wrong, []);
});
