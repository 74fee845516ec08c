import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

import { notices } from "@offhook/runtime/observe";

import { makeProject } from "../../runtime/test/unit/project/temp-project.ts";
import { describeChange, watchVariables } from "../src/variable-watch.ts";
import type { Variables } from "../src/variable-watch.ts";
import { keepAlive } from "./keep-alive.ts";

/** Collects values. `next()` returns the oldest unread one, or waits for one. */
function inbox<T>(): { put(item: T): void; next(): Promise<T> } {
  const items: T[] = [];
  let wake = (): void => undefined;
  return {
    put(item) {
      items.push(item);
      wake();
    },
    async next() {
      while (items.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return items.shift() as T;
    },
  };
}

function watched(t: TestContext, file: string, initial: Variables) {
  const changes = inbox<Variables>();
  const messages = inbox<string>();
  keepAlive(t);
  t.after(
    notices.subscribe((notice) => {
      assert.equal(notice.service, "ZS");
      messages.put(notice.message);
    }),
  );
  t.after(watchVariables(file, { sid: "ZS", variables: initial }, (variables) => changes.put(variables)));
  return { changes, messages };
}

test("a file that appears, changes and changes again is read each time", { timeout: 20_000 }, async (t) => {
  const file = join(makeProject(t), ".env");
  const { changes, messages } = watched(t, file, {});
  writeFileSync(file, "A=1");
  assert.deepEqual({ ...(await changes.next()) }, { A: "1" });
  assert.match(await messages.next(), /added A$/);
  writeFileSync(file, "A=2");
  assert.deepEqual({ ...(await changes.next()) }, { A: "2" });
  assert.match(await messages.next(), /changed A$/);
});

test("a deleted file leaves the variables unchanged", { timeout: 20_000 }, async (t) => {
  const file = join(makeProject(t, { ".env": "A=1" }), ".env");
  const { changes, messages } = watched(t, file, { A: "1" });
  rmSync(file);
  assert.match(await messages.next(), /^Could not reload the variables: .*\.env does not exist$/);
  writeFileSync(file, "B=1");
  assert.deepEqual({ ...(await changes.next()) }, { B: "1" }, "the first change is the next good read");
});

test("a change is described by names only", () => {
  const before = { A: "1", B: "2", C: "3" };
  const after = { B: "2", C: "secret", E: "secret", D: "secret" };
  assert.equal(describeChange(before, after), "added D, E; changed C; removed A");
  assert.equal(describeChange(before, { ...before }), undefined);
});
