import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { FolderStore } from "../../../src/artefacts/folder-store.ts";
import { keepHouse, type HousekeepingOptions } from "../../../src/control/housekeeping.ts";
import { storeBuild, storeService } from "../../stored-service.ts";

const dayMs = 24 * 60 * 60_000;

test("what nothing needs is removed after a day, and what is in use stays", async (t) => {
  const stored = await storeService(t);
  const { folder, store } = stored;
  const artefacts = new FolderStore(join(folder, "artefacts"), folder);
  const { sha256 } = await artefacts.put(Readable.from([Buffer.from("unused")]), 100);
  const build = await storeBuild(stored, "b");
  for (const path of [`builds/${build}-1`, `builds/ZB${"c".repeat(32)}-1`, "dependencies/unused/node_modules"]) {
    await mkdir(join(folder, path), { recursive: true });
  }
  const settings = { dataFolder: folder, logRetentionDays: 30 } as HousekeepingOptions["settings"];
  const options = { store, artefacts, settings, onWarning: assert.fail };
  const now = Date.now();
  await keepHouse(options);
  assert.equal(await artefacts.has(sha256), true);
  assert.equal((await readdir(join(folder, "builds"))).length, 2);

  t.mock.timers.enable({ apis: ["Date"], now: now + 2 * dayMs });
  for (let run = 0; run < 2; run++) await keepHouse(options);
  assert.equal(await artefacts.has(sha256), false);
  assert.deepEqual(await readdir(join(folder, "builds")), [`${build}-1`]);
  assert.deepEqual(await readdir(join(folder, "dependencies")), []);
});

test("a released host name is reserved for 30 days", async (t) => {
  const { folder, store } = await storeService(t);
  const now = Date.now();
  await store.updateTable("domain").set({ environment_sid: null, released_at: now }).execute();
  const settings = { dataFolder: folder, logRetentionDays: 30 } as HousekeepingOptions["settings"];
  const artefacts = new FolderStore(join(folder, "artefacts"), folder);
  t.mock.timers.enable({ apis: ["Date"], now: now + 29 * dayMs });
  for (const remaining of [1, 0]) {
    await keepHouse({ store, artefacts, settings, onWarning: assert.fail });
    assert.equal((await store.selectFrom("domain").select("name").execute()).length, remaining);
    t.mock.timers.setTime(now + 31 * dayMs);
  }
});
