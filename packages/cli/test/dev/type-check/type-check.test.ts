import assert from "node:assert/strict";
import { test } from "node:test";

import { TypeCheck, type Check, type CheckEnd } from "../../../src/dev/type-check/type-check.ts";
import { until } from "../../../../runtime/test/site.ts";

interface FakeCheck extends Check {
  readonly end: (end: CheckEnd) => void;
  readonly isKilled: boolean;
}

function fakeCheck(): FakeCheck {
  const { promise, resolve } = Promise.withResolvers<CheckEnd>();
  let isKilled = false;
  return {
    ended: promise,
    end: resolve,
    kill() {
      isKilled = true;
      resolve({ failure: "killed" });
    },
    get isKilled() {
      return isKilled;
    },
  };
}

function started(hasCompiler = true): {
  types: TypeCheck;
  checks: FakeCheck[];
  messages: string[];
  starts: () => number;
} {
  const checks: FakeCheck[] = [];
  const messages: string[] = [];
  let starts = 0;
  const types = new TypeCheck({
    start: async () => {
      starts++;
      if (!hasCompiler) return undefined;
      const check = fakeCheck();
      checks.push(check);
      return check;
    },
    command: async () => "npm run check",
    report: (_level, message) => void messages.push(message),
    settleMs: 0,
  });
  return { types, checks, messages, starts: () => starts };
}

/** Checks once, with this end. */
async function checked({ types, checks }: ReturnType<typeof started>, end: CheckEnd): Promise<void> {
  const before = checks.length;
  types.request();
  await until("a check starts", async () => checks.length > before);
  checks.at(-1)?.end(end);
  await new Promise(setImmediate);
}

test("the count of type errors is reported when it changes", async () => {
  const made = started();
  for (const errors of [0, 3, 3, 1, 0, 0]) await checked(made, { errors });
  assert.deepEqual(made.messages, [
    "3 type errors. Run npm run check.",
    "1 type error. Run npm run check.",
    "No type errors.",
  ]);
});

test("a change during a check ends it, and only the files as they are now are reported", async () => {
  const { types, checks, messages } = started();
  types.request();
  await until("a check starts", async () => checks.length === 1);
  types.request();
  assert.equal(checks[0]?.isKilled, true);
  await until("another check starts", async () => checks.length === 2);
  checks[1]?.end({ errors: 2 });
  await until("the count is reported", async () => messages.length > 0);
  assert.deepEqual(messages, ["2 type errors. Run npm run check."]);
});

test("several changes at once are one check", async () => {
  const { types, checks } = started();
  for (let times = 0; times < 5; times++) types.request();
  await until("a check starts", async () => checks.length > 0);
  await new Promise(setImmediate);
  assert.equal(checks.length, 1);
  types.stop();
  assert.equal(checks[0]?.isKilled, true);
});

test("a missing compiler is reported once", async () => {
  const { types, messages, starts } = started(false);
  for (const times of [1, 2]) {
    types.request();
    await until("the compiler is looked for", async () => starts() === times);
  }
  assert.equal(messages.length, 1);
  assert.match(messages[0] ?? "", /npm install --save-dev typescript/);
});

test("a compiler that fails is reported once, and is no error count", async () => {
  const made = started();
  await checked(made, { failure: "the compiler exited (SIGABRT)" });
  await checked(made, { failure: "the compiler exited (SIGABRT)" });
  assert.deepEqual(made.messages, ["Could not check types: the compiler exited (SIGABRT)"]);
});

test("after stop, nothing starts and nothing is reported", async () => {
  const { types, checks, messages } = started();
  types.request();
  await until("a check starts", async () => checks.length === 1);
  types.stop();
  types.request();
  await new Promise(setImmediate);
  assert.equal(checks.length, 1);
  assert.deepEqual(messages, []);
});
