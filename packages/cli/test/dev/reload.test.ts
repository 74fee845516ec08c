import assert from "node:assert/strict";
import { appendFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { notices } from "@offhook/runtime/observe";
import type { Notice } from "@offhook/runtime/observe";
import { loadProject } from "@offhook/runtime/project";
import type { Service } from "@offhook/runtime/service";
import { loadSettings, resolveSettings } from "@offhook/runtime/settings";
import type { Settings } from "@offhook/runtime/settings";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { Reload } from "../../src/dev/reload.ts";

interface Watched {
  readonly folder: string;
  readonly reload: Reload;
  readonly updates: Service[];
  readonly notices: Notice[];
  /** The number of pending holds on requests. */
  held: number;
  /** Resolves when requests are released. */
  letGo(): Promise<void>;
}

async function watching(
  t: TestContext,
  files: Record<string, string>,
  readSettings?: (folder: string) => Promise<Settings>,
): Promise<Watched> {
  const folder = makeProject(t, files);
  let onLetGo: (() => void) | undefined;
  const heard: Notice[] = [];
  const unsubscribe = notices.subscribe((notice) => void heard.push(notice));
  const settings = resolveSettings();
  const server = {
    update: (service: Service) => void watched.updates.push(service),
    hold: () => {
      watched.held += 1;
      return () => {
        watched.held -= 1;
        onLetGo?.();
      };
    },
  };
  const watched: Watched = {
    folder,
    reload: new Reload(server, await loadProject(folder, settings), settings, async () => {
      return (await readSettings?.(folder)) ?? settings;
    }),
    updates: [],
    notices: heard,
    held: 0,
    letGo: () => new Promise((resolve) => (onLetGo = resolve)),
  };
  t.after(() => {
    watched.reload.stop();
    unsubscribe();
  });
  return watched;
}

test("requests wait from the first event of a change until it is read", async (t) => {
  const watched = await watching(t, { "functions/a.js": "", "functions/b.js": "" });
  const file = join(watched.folder, "functions/c.js");
  writeFileSync(file, "// c");
  const letGo = watched.letGo();
  watched.reload.onChange(file);
  watched.reload.onChange(join(watched.folder, "functions/a.js"));
  assert.equal(watched.held, 1);
  await letGo;
  assert.equal(watched.held, 0);
  assert.deepEqual(
    watched.updates.map(({ functions }) => functions.map(({ name }) => name)),
    [["a", "b", "c"]],
  );
  assert.match(watched.notices.at(-1)?.message ?? "", /^Reloaded in \d+ ms: functions\/a\.js, functions\/c\.js$/);
  assert.match(watched.notices.at(-1)?.service ?? "", /^ZS[0-9a-f]{32}$/);
});

test("a reload waits for a file that still grows, or was just emptied", async (t) => {
  const watched = await watching(t, { "functions/a.js": "// a" });
  const file = join(watched.folder, "functions/a.js");
  truncateSync(file);
  // It counts as just emptied, even on a slow machine.
  const soon = new Date(Date.now() + 3_600_000);
  utimesSync(file, soon, soon);
  const letGo = watched.letGo();
  watched.reload.onChange(file);
  // A complete file is read, even if it changes again later.
  const whole = await watching(t, { "functions/a.js": "// a" });
  const isRead = whole.letGo();
  whole.reload.onChange(join(whole.folder, "functions/a.js"));
  await isRead;
  assert.equal(watched.updates.length, 0);
  appendFileSync(file, "// whole");
  watched.reload.onChange(file);
  await letGo;
  assert.equal(watched.updates.length, 1);
});

test("a file that stays empty is read after a while", async (t) => {
  const watched = await watching(t, { "functions/a.js": "// a" });
  const file = join(watched.folder, "functions/a.js");
  truncateSync(file);
  const letGo = watched.letGo();
  watched.reload.onChange(file);
  await letGo;
  assert.equal(watched.updates.length, 1);
});

test("a project that cannot be read changes nothing, and the log says why", async (t) => {
  const watched = await watching(t, { "functions/a.js": "// a" });
  const file = join(watched.folder, "functions/a.js");
  rmSync(file);
  const letGo = watched.letGo();
  watched.reload.onChange(file);
  await letGo;
  assert.equal(watched.updates.length, 0);
  const last = watched.notices.at(-1);
  assert.equal(last?.code, "project-empty");
  assert.match(last.message, /^Could not reload, so the last version is still served: /);
});

test("the log names changed variables, but not their values", async (t) => {
  const watched = await watching(t, { "functions/a.js": "", ".env": "A=1\nB=2" });
  const file = join(watched.folder, ".env");
  writeFileSync(file, "A=hunter2\nC=3");
  const letGo = watched.letGo();
  watched.reload.onChange(file);
  await letGo;
  assert.deepEqual(watched.updates[0]?.variables, { A: "hunter2", C: "3" });
  assert.match(watched.notices.at(-1)?.message ?? "", /: \.env; variables added C; changed A; removed B$/);
});

test("stop() releases the requests, and ends reading", async (t) => {
  const watched = await watching(t, { "functions/a.js": "" });
  watched.reload.onChange(join(watched.folder, "functions/a.js"));
  watched.reload.stop();
  assert.equal(watched.held, 0);
  watched.reload.onChange(join(watched.folder, "functions/a.js"));
  assert.equal(watched.held, 0);
  assert.equal(watched.updates.length, 0);
});

test("a restart reads everything again although nothing has changed, and the log says so", async (t) => {
  const watched = await watching(t, { "functions/a.js": "" });
  const letGo = watched.letGo();
  watched.reload.restart();
  watched.reload.restart();
  assert.equal(watched.held, 1);
  await letGo;
  assert.equal(watched.held, 0);
  assert.equal(watched.updates.length, 1);
  assert.match(watched.notices.at(-1)?.message ?? "", /^Restarted in \d+ ms$/);
});

test("folders in offhook.json apply at once, and the log names other settings that do not", async (t) => {
  const watched = await watching(t, { "functions/a.js": "", "other/b.js": "" }, (folder) => loadSettings(folder));
  const file = join(watched.folder, "offhook.json");
  const change = async (text: string): Promise<string[]> => {
    const before = watched.notices.length;
    writeFileSync(file, text);
    const letGo = watched.letGo();
    watched.reload.onChange(file);
    await letGo;
    return watched.notices.slice(before).map(({ message }) => message);
  };
  const [moved, ...rest] = await change('{ "functionsFolder": "other" }');
  assert.match(moved ?? "", /^Reloaded in \d+ ms: offhook\.json$/);
  assert.deepEqual(rest, []);
  assert.deepEqual(
    watched.updates.at(-1)?.functions.map(({ name }) => name),
    ["b"],
  );

  const [notYet, reloaded] = await change('{ "functionsFolder": "other", "timeout": "5s", "port": 4000 }');
  assert.match(notYet ?? "", /^Changed settings: port, timeout\. .*stop the server and start it again/);
  assert.match(reloaded ?? "", /^Reloaded/);

  const updates = watched.updates.length;
  const [wrong] = await change('{ "tiemout": 1 }');
  assert.match(wrong ?? "", /^Could not reload, so the last version is still served: .*tiemout.*did you mean timeout/);
  assert.equal(watched.updates.length, updates);
});
