import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutputLine } from "../../../src/link/messages.ts";
import { LogWriter, removeExcessLogs, removeOldLogs } from "../../../src/logs/log-writer.ts";
import type { Store } from "../../../src/store/store.ts";
import { environmentSid, storeService } from "../../stored-service.ts";

const dayMs = 24 * 60 * 60_000;

function makeLines(count: number, changes: Partial<OutputLine> = {}): OutputLine[] {
  const common = { environmentSid, buildSid: "ZB", deploymentSid: "ZD", functionSid: undefined, requestSid: undefined };
  return Array.from({ length: count }, (_, n) => ({ ...common, at: 1, level: "info", message: `${n}`, ...changes }));
}

async function messagesIn(store: Store): Promise<string[]> {
  const rows = await store.selectFrom("log").select("message").orderBy("at").orderBy("seq").execute();
  return rows.map(({ message }) => message);
}

test("lines of one millisecond keep their order, across batches", async (t) => {
  const { store } = await storeService(t);
  const logs = new LogWriter({ store, onWarning: assert.fail });
  logs.add(makeLines(1200));
  await logs.stop();
  assert.deepEqual(
    await messagesIn(store),
    makeLines(1200).map(({ message }) => message),
  );
});

test("lines beyond the limit are dropped, the oldest first, and counted, while others are written", async (t) => {
  const { store } = await storeService(t);
  const warnings: string[] = [];
  const logs = new LogWriter({ store, onWarning: (message) => warnings.push(message) });
  logs.add(makeLines(500, { message: "written" }));
  logs.add(makeLines(20_003));
  await logs.stop();
  const messages = await messagesIn(store);
  assert.equal(messages.length, 20_500);
  assert.deepEqual([messages[499], messages[500], messages.at(-1)], ["written", "3", "20002"]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /^3 lines/);
});

test("lines of an environment that was deleted are left out", async (t) => {
  const { store } = await storeService(t);
  const logs = new LogWriter({ store, onWarning: assert.fail });
  logs.add(makeLines(1));
  await logs.stop();
  await store.deleteFrom("environment").execute();
  logs.add(makeLines(1));
  await logs.stop();
  assert.deepEqual(await messagesIn(store), ["0"]);
});

test("lines wait while the database cannot be written, and nothing is lost", async (t) => {
  const { store } = await storeService(t);
  await store.schema.alterTable("log").renameTo("away").execute();
  const logs = new LogWriter({ store, onWarning: assert.fail });
  logs.add(makeLines(3));
  await logs.stop();
  await store.schema.alterTable("away").renameTo("log").execute();
  logs.add(makeLines(1, { message: "3" }));
  await logs.stop();
  assert.deepEqual(await messagesIn(store), ["0", "1", "2", "3"]);
});

test("old lines are removed, and the oldest lines of an environment that has too many", async (t) => {
  const { store } = await storeService(t);
  const logs = new LogWriter({ store, onWarning: assert.fail });
  logs.add([...makeLines(5, { at: Date.now() - 31 * dayMs }), ...makeLines(5, { at: Date.now() })]);
  await logs.stop();
  for (const removed of [5, 0]) assert.equal(await removeOldLogs(store, 30), removed);
  for (let run = 0; run < 2; run++) await removeExcessLogs(store, 2);
  assert.deepEqual(await messagesIn(store), ["3", "4"]);
});
