/** A program can change the platform's objects. Each change makes them differ from the snapshot. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import Module, { builtinModules } from "node:module";
import { test } from "node:test";
import { isLoaded, lazyNames, noticeLoaded } from "../../../src/worker/lazy-properties.ts";
import { revertChange } from "../../../src/worker/realm-change.ts";
import { lazyGetters, listRoots, snapshotRules } from "../../../src/worker/realm-roots.ts";
import { RealmSnapshot } from "../../../src/worker/realm-snapshot.ts";

const { ownKeys, getOwnPropertyDescriptor, defineProperty, deleteProperty } = Reflect;

/**
 * Deprecated or experimental modules, which print a warning when loaded. `node:test` is left out because it runs this
 * test.
 */
const modules = builtinModules.filter((name) => !/^(?:_|sys$|wasi$|punycode$|node:test|test)/.test(name));

function loadAll(): void {
  for (const name of modules) process.getBuiltinModule(name);
  for (const owner of [globalThis, process.getBuiltinModule("util")]) {
    for (const name of lazyNames) getOwnPropertyDescriptor(owner, name);
  }
  noticeLoaded();
}

function takeSnapshot(): RealmSnapshot {
  const snapshot = new RealmSnapshot(snapshotRules());
  for (const [name, object] of listRoots()) snapshot.add(object, name);
  for (const name of modules) snapshot.add(process.getBuiltinModule(name) as unknown as object, name);
  for (const name of ["performance", "crypto", "navigator"] as const) snapshot.add(globalThis[name], name);
  return snapshot;
}

/** Paths that are compared elsewhere, or that do not matter. */
const notCompared = [
  /^process\.(?:_events|_eventsCount|_exiting|ppid|exitCode|moduleLoadList|allowedNodeEnvironmentFlags|env|mainModule)\b/,
  /^module\._(?:cache|pathCache)\b/,
  /\.globalAgent\.(?:requests|sockets|freeSockets|totalSocketCount|_sessionCache)\b/,
  // The loop below itself uses these.
  /^globalThis\.(?:globalThis|global|process)$/,
];

interface Property {
  readonly object: object;
  readonly key: PropertyKey;
  readonly path: string;
}

/** Lists properties without the snapshot's own walk. */
function listProperties(): Property[] {
  const seen = new Set<object>([process.env]);
  const pending: [object, string][] = [[globalThis, "globalThis"]];
  for (const name of modules) pending.push([process.getBuiltinModule(name) as unknown as object, name]);
  const properties: Property[] = [];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [object, path] = next;
    if (seen.has(object) || object instanceof Module || ArrayBuffer.isView(object)) continue;
    seen.add(object);
    const prototype = Object.getPrototypeOf(object) as object | null;
    if (prototype !== null) pending.push([prototype, `${path}.__proto__`]);
    for (const key of ownKeys(object)) {
      const descriptor = getOwnPropertyDescriptor(object, key) as PropertyDescriptor;
      if (descriptor.configurable || descriptor.writable)
        properties.push({ object, key, path: `${path}.${String(key)}` });
      const value: unknown = descriptor.value;
      if ((typeof value === "object" || typeof value === "function") && value !== null) {
        pending.push([value, `${path}.${String(key)}`]);
      }
    }
  }
  return properties;
}

/** Properties that cannot be read, or not changed without others. */
function isOrdinary({ object, key }: Property): boolean {
  if (Array.isArray(object)) return key === "length";
  return typeof object === "function" && (key === "arguments" || key === "caller");
}

test("each property that can be written or redefined is compared", () => {
  loadAll();
  const snapshot = takeSnapshot();
  assert.equal(snapshot.compare(), undefined);
  const tried = listProperties().filter(
    (property) => !isOrdinary(property) && !notCompared.some((pattern) => pattern.test(property.path)),
  );
  const missed: string[] = [];
  for (let from = 0; from < tried.length; from += atOnce)
    missed.push(...missedOf(snapshot, tried.slice(from, from + atOnce)));
  assert.deepEqual(missed, []);
  assert.ok(tried.length > 10_000, `${tried.length} properties were tried`);
});

/** The number of properties changed at once, because a comparison takes some milliseconds. */
const atOnce = 100;

/** Changes all these properties. @returns those that a comparison does not find */
function missedOf(snapshot: RealmSnapshot, properties: readonly Property[]): string[] {
  const before = properties.map(({ object, key }) => getOwnPropertyDescriptor(object, key) as PropertyDescriptor);
  const value = (): string => "changed";
  const plain = properties.map((_, i) =>
    Object.setPrototypeOf(before[i]?.configurable ? { value, writable: true, configurable: true } : { value }, null),
  ) as PropertyDescriptor[];
  for (const descriptor of before) Object.setPrototypeOf(descriptor, null);
  // Until all properties are restored, this code may not use anything that can be replaced.
  for (let i = 0; i < properties.length; i++) {
    const { object, key } = properties[i] as Property;
    defineProperty(object, key, plain[i] as PropertyDescriptor);
  }
  const changes = snapshot.compare();
  for (let i = properties.length - 1; i >= 0; i--) {
    const { object, key } = properties[i] as Property;
    defineProperty(object, key, before[i] as PropertyDescriptor);
  }
  const found = Array.from(changes ?? { length: 0 });
  const isFound = (object: unknown, key: PropertyKey): boolean =>
    found.some((change) => change.object === object && change.key === key);
  return properties
    .filter(({ object, key }, i) => {
      // A function whose prototype has nothing else is reported itself.
      const isOfPrototype = key === "constructor" && isFound(before[i]?.value, "prototype");
      return !isOfPrototype && !isFound(object, key);
    })
    .map(({ path }) => path);
}

test("an addition to an object or a function is found and undone, also if it is a symbol or not enumerable", () => {
  const snapshot = takeSnapshot();
  for (const object of [
    Object.prototype,
    Map,
    fetch,
    setTimeout,
    process.getBuiltinModule("fs").readFile,
    Intl,
    console,
  ]) {
    for (const key of ["added", Symbol("added")]) {
      defineProperty(object, key, { value: 1, configurable: true });
      const changes = snapshot.compare();
      assert.equal(changes?.length, 1);
      assert.ok(changes[0] !== undefined && revertChange(changes[0]));
      assert.equal(snapshot.compare(), undefined);
      assert.equal(deleteProperty(object, key), true);
    }
  }
});

test("reading a global loads no module, except for the listed ones", (t) => {
  const script = `
    const found = [];
    for (const key of Reflect.ownKeys(globalThis)) {
      const before = process.moduleLoadList.length;
      Reflect.getOwnPropertyDescriptor(globalThis, key);
      if (process.moduleLoadList.slice(before).some((name) => name.startsWith('NativeModule'))) found.push(String(key));
    }
    process._rawDebug(JSON.stringify(found));`;
  const child = spawnSync(process.execPath, ["-e", `performance.now(); ${script}`], { encoding: "utf8" });
  const found = JSON.parse(child.stderr) as string[];
  t.diagnostic(found.join());
  // The worker itself loads these at each start.
  const early = new Set(["Object", "process", "Buffer", "AbortController", "performance", "Performance"]);
  assert.deepEqual(
    found.filter((name) => !lazyNames.includes(name) && !early.has(name)),
    [],
  );
  assert.equal(isLoaded("Array"), true);
});

test("reading one of the listed globals loads its module", () => {
  const script = `
    const { isLoaded, noticeLoaded } = await import(${JSON.stringify(new URL("../../../src/worker/lazy-properties.ts", import.meta.url).href)});
    void globalThis[process.argv[1]];
    noticeLoaded();
    process.exitCode = isLoaded(process.argv[1]) ? 0 : 1;`;
  // One name of each group would do, but this test does not know the groups.
  for (const name of [
    "Headers",
    "ReadableStream",
    "WritableStream",
    "TransformStream",
    "CountQueuingStrategy",
    "File",
  ]) {
    const { status } = spawnSync(process.execPath, ["--input-type=module", "-e", script, name]);
    assert.equal(status, 0, name);
  }
});

/** Getters of Node's modules that do not need to be followed, and the reason. */
const notFollowed: Readonly<Record<string, string>> = {
  "crypto.getRandomValues": "a function without properties, which cannot be replaced",
  "tls.rootCertificates": "frozen",
  "util.aborted": "a function without properties",
  "util.transferableAbortController": "a function without properties",
  "util.transferableAbortSignal": "a function without properties",
};

test("each getter of a module that returns an object or a class is followed", () => {
  const missed = modules.flatMap((name) => {
    const exports = process.getBuiltinModule(name) as unknown as Record<string, unknown>;
    return ownKeys(exports).flatMap((key) => {
      const { get, set } = getOwnPropertyDescriptor(exports, key) ?? {};
      if (get === undefined || set !== undefined || typeof key !== "string") return [];
      const value = exports[key];
      const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
      const path = `${name}.${key}`;
      const isKnown = path in notFollowed || name === "process" || lazyGetters[name]?.includes(key) === true;
      return isObject && !isKnown ? [path] : [];
    });
  });
  assert.deepEqual(missed, []);
});
