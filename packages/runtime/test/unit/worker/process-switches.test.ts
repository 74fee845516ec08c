/** A new version of Node may have a switch that Offhook does not watch. This test then fails and names it. */
import assert from "node:assert/strict";
import { builtinModules } from "node:module";
import { test } from "node:test";
import { ProcessSwitches } from "../../../src/worker/process-switches.ts";
import { watchSwitches } from "../../../src/worker/switch-watchers.ts";

const modules = builtinModules.filter((name) => !/^(?:_|sys$|wasi$|punycode$|test|node:test)/.test(name));

/** Names of functions that may switch something on for the whole process. */
const switchName =
  /^(?:set|enable|disable|load|register|subscribe|unsubscribe|bind|observe|install|open|start|add|sync|mock|create\w*(?:Hook|Tracing))/;

/** Functions that are not watched, and the reason. */
const harmless: Readonly<Record<string, string>> = {
  "async_hooks.createHook": "makes an object; its `enable` is watched",
  "child_process.*": "any use of it ends the isolate",
  "cluster.setupPrimary": "changes `cluster.settings`, which is compared",
  "cluster.setupMaster": "changes `cluster.settings`, which is compared",
  "crypto.setFips": "a setting",
  "diagnostics_channel.subscribe": "calls the method of a channel, which is watched",
  "diagnostics_channel.unsubscribe": "calls the method of a channel, which is watched",
  "dns.setServers": "puts other functions into `dns`, which is compared",
  "dns/promises.setServers": "puts other functions into `dns`, which is compared",
  "events.addAbortListener": "belongs to one signal",
  "events.setMaxListeners": "changes what is given, or the default, which is a setting",
  "fs.open": "a file that stays open is looked for elsewhere",
  "fs.openAsBlob": "a file",
  "fs.openSync": "a file that stays open is looked for elsewhere",
  "fs.opendir": "a folder",
  "fs.opendirSync": "a folder",
  "fs/promises.open": "a file",
  "fs/promises.opendir": "a folder",
  "globalThis.setImmediate": "what is left of it is looked for elsewhere",
  "globalThis.setInterval": "what is left of it is looked for elsewhere",
  "globalThis.setTimeout": "what is left of it is looked for elsewhere",
  "module.enableCompileCache": "is on already; it changes how fast a module loads",
  "module.setSourceMapsSupport": "a setting",
  "os.setPriority": "watched",
  "os.loadavg": "reads",
  "process.binding": "deprecated, and for Node itself",
  "process.loadEnvFile": "changes the environment, which is put back",
  "process.openStdin": "what is left of it is looked for elsewhere",
  "process.setSourceMapsEnabled": "a setting",
  "process.setUncaughtExceptionCaptureCallback": "looked for with the listeners",
  "repl.start": "a console of its own",
  "stream.addAbortSignal": "belongs to one stream",
  "stream.setDefaultHighWaterMark": "a setting",
  "timers.setImmediate": "what is left of it is looked for elsewhere",
  "timers.setInterval": "what is left of it is looked for elsewhere",
  "timers.setTimeout": "what is left of it is looked for elsewhere",
  "timers/promises.setImmediate": "what is left of it is looked for elsewhere",
  "timers/promises.setInterval": "what is left of it is looked for elsewhere",
  "timers/promises.setTimeout": "what is left of it is looked for elsewhere",
};

type Exports = Record<string, unknown>;

test("each function that may be a switch of the process is watched, or known to be harmless", () => {
  const switches = new ProcessSwitches({ isKept: () => false });
  const unknown: string[] = [];
  const owners: [string, Exports][] = [
    ["process", process as unknown as Exports],
    ["globalThis", globalThis],
    ...modules.map((name): [string, Exports] => [name, process.getBuiltinModule(name) as unknown as Exports]),
  ];
  for (const [name, owner] of owners) {
    const before = new Map(functionsOf(owner));
    watchSwitches(name, owner, switches);
    const settings = new Set(switches.settingNames);
    for (const [key, original] of before) {
      const path = `${name}.${key}`;
      const isWatched = owner[key] !== original || settings.has(`${path}()`);
      if (!isWatched && !(path in harmless) && !(`${name}.*` in harmless)) unknown.push(path);
      if (owner[key] !== original) owner[key] = original;
    }
  }
  assert.deepEqual(unknown, []);
});

function functionsOf(owner: Exports): [string, unknown][] {
  return Object.getOwnPropertyNames(owner).flatMap((key): [string, unknown][] => {
    if (!switchName.test(key)) return [];
    const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
    return typeof value === "function" ? [[key, value]] : [];
  });
}

test("a switch that is used in a handler is undone or recorded, and one of module scope stays", () => {
  let isKept = true;
  const switches = new ProcessSwitches({ isKept: () => isKept });
  let value = 1;
  let isOn = false;
  const owner: Exports = { on: () => (isOn = true), off: () => (isOn = false), forEver: () => 1 };
  switches.setting(
    "value",
    () => value,
    (next) => (value = next),
  );
  switches.pair(owner, "on", "off");
  switches.last(owner, "forEver");
  const { on, forEver } = owner as Record<"on" | "forEver", () => void>;
  on();
  forEver();
  assert.equal(switches.isTouched, false);
  assert.equal(switches.restore(), "");
  assert.equal(isOn, true);
  isOn = false;
  isKept = false;
  on();
  value = 2;
  assert.equal(switches.restore(), "");
  assert.equal(switches.restoreSettings(), true);
  assert.deepEqual([isOn, value], [false, 1]);
  forEver();
  assert.equal(switches.restore(), "forEver() was called");
});
