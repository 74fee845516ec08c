/** The log of calls with options. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { executeWithRetry, type AttemptLine } from "@offhook/helpers";
import { fakeContext, useFakeClock } from "@offhook/helpers/testing";
import { listenToConsole, setVariables } from "../surroundings.ts";

function busy(): Error {
  return Object.assign(new Error("busy"), { status: 429 });
}

test("each attempt logs a line with its outcome", async (t) => {
  setVariables(t);
  const lines = listenToConsole(t);
  const clock = useFakeClock({ random: 0, now: 0 });
  try {
    const context = fakeContext({ PATH: "/orders" });
    let calls = 0;
    const call = (): string => {
      calls += 1;
      if (calls === 1) throw Object.assign(busy(), { code: 20429 });
      return "data";
    };
    await executeWithRetry(context, call, { log: true, name: "fetch order" });
    await executeWithRetry(context, () => Promise.reject(new Error("no")), { log: true });
    const told = lines.map((line) => [line.split(": ")[0], JSON.parse(line.slice(line.indexOf("{"))) as AttemptLine]);
    const base = { event: "attempt", path: "/orders", tookMs: 0 };
    assert.deepEqual(told, [
      [
        "warn",
        {
          ...base,
          name: "fetch order",
          attempt: 1,
          outcome: "retry",
          status: 429,
          code: 20429,
          message: "busy",
          waitMs: 100,
          remainingMs: 9_500,
        },
      ],
      ["info", { ...base, name: "fetch order", attempt: 2, outcome: "success", status: 200, remainingMs: 9_400 }],
      ["error", { ...base, name: "", attempt: 1, outcome: "failure", status: 500, message: "no", remainingMs: 9_400 }],
    ]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("lines can go to a function", async (t) => {
  setVariables(t);
  const console = listenToConsole(t);
  const lines: AttemptLine[] = [];
  await executeWithRetry(fakeContext({ remainingMs: Infinity }), () => 1, { log: (line) => lines.push(line) });
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.remainingMs, null);
  assert.deepEqual(console, []);
});

test("a failing log function does not change the call's result", async (t) => {
  setVariables(t);
  const console = listenToConsole(t);
  const broken = Object.assign(new Error("disk full"), { code: "ECONNRESET" });
  let calls = 0;
  const call = (): number => (calls += 1);
  const logs = [
    (): never => {
      throw broken;
    },
    () => Promise.reject(broken),
  ];
  for (const log of logs) {
    const result = await executeWithRetry(fakeContext({ PATH: "/orders" }), call, { log });
    assert.equal(result.success, true);
    const failed = await executeWithRetry(fakeContext({ PATH: "/orders" }), () => Promise.reject(new Error("no")), {
      log,
    });
    assert.equal(failed.message, "no");
  }
  assert.equal(calls, 2);
  const told = "error: (/orders) The log function failed: Error: disk full";
  assert.deepEqual(console, [told, told, told, told]);
});

test("without `log`, the console output is the same as without options", async (t) => {
  setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "1" });
  const lines = listenToConsole(t);
  const clock = useFakeClock();
  try {
    await executeWithRetry(fakeContext({ PATH: "/orders" }), () => Promise.reject(busy()), { name: "order" });
    assert.deepEqual(lines, ["warn: retrying /orders.order() after 0 retry attempts, http-status-code: 429"]);
  } finally {
    clock[Symbol.dispose]();
  }
});
