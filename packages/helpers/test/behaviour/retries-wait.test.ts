/** Contract 1.6 and 1.7: waits between retries, and their log. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { executeWithRetry } from "@offhook/helpers";
import { fakeContext, useFakeClock } from "@offhook/helpers/testing";
import { listenToConsole, setVariables } from "../surroundings.ts";

const context = fakeContext({ PATH: "/orders" });

/** The waits of one call that fails each time. */
async function waits(
  t: TestContext,
  variables: Parameters<typeof setVariables>[1],
  random: number | (() => number),
  status = 503,
): Promise<readonly number[]> {
  setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "1", ...variables });
  listenToConsole(t);
  const clock = useFakeClock({ random });
  try {
    await executeWithRetry(context, () => Promise.reject(Object.assign(new Error("busy"), { status })));
    return [...clock.waits];
  } finally {
    clock[Symbol.dispose]();
  }
}

const almostOne = 1 - Number.EPSILON;

for (const [what, min, max, lowest, highest] of [
  ["both unset: 100 to 300", undefined, undefined, 100, 300],
  ["both set", "20", "40", 20, 40],
  ["the minimum alone is the maximum", "50", undefined, 0, 50],
  ["the maximum alone", undefined, "50", 0, 50],
  ["swapped where the minimum is the larger", "40", "20", 20, 40],
  ["alike", "30", "30", 30, 30],
  ["no numbers", "soon", "later", 0, 0],
  ["empty", "", "", 0, 0],
  ["below zero", "-5", "-1", 0, 0],
] as const) {
  test(`waits: ${what}`, async (t) => {
    const variables = {
      ...(min !== undefined && { TWILIO_SERVICE_MIN_BACKOFF: min }),
      ...(max !== undefined && { TWILIO_SERVICE_MAX_BACKOFF: max }),
    };
    assert.deepEqual(await waits(t, variables, 0), [lowest]);
    assert.deepEqual(await waits(t, variables, almostOne), [highest]);
  });
}

test("waits are integers, unless a bound is not", async (t) => {
  const drawn = await waits(t, { TWILIO_SERVICE_MIN_BACKOFF: "1", TWILIO_SERVICE_MAX_BACKOFF: "10" }, 0.123);
  assert.deepEqual(drawn, [2]);
  const between = await waits(t, { TWILIO_SERVICE_MIN_BACKOFF: "1.5", TWILIO_SERVICE_MAX_BACKOFF: "2" }, 0.5);
  assert.deepEqual(between, [1.75]);
});

test("each integer between the bounds is equally likely", async (t) => {
  setVariables(t, {
    TWILIO_SERVICE_RETRY_LIMIT: "3000",
    TWILIO_SERVICE_MIN_BACKOFF: "1",
    TWILIO_SERVICE_MAX_BACKOFF: "3",
  });
  listenToConsole(t);
  let turn = 0;
  const clock = useFakeClock({ random: () => ((turn += 1) % 3000) / 3000 });
  try {
    await executeWithRetry(context, () => Promise.reject(Object.assign(new Error("busy"), { status: 429 })));
    const counts = [1, 2, 3].map((ms) => clock.waits.filter((one) => one === ms).length);
    assert.deepEqual(counts, [1000, 1000, 1000]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("the range stays the same with every attempt", async (t) => {
  assert.deepEqual(await waits(t, { TWILIO_SERVICE_RETRY_LIMIT: "5" }, 0.5), [200, 200, 200, 200, 200]);
});

test("there is no wait after a 412", async (t) => {
  assert.deepEqual(await waits(t, { TWILIO_SERVICE_RETRY_LIMIT: "3" }, 0.5, 412), []);
});

test("variables are read when they are needed", async (t) => {
  setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "1" });
  listenToConsole(t);
  const clock = useFakeClock({ random: 0 });
  try {
    let calls = 0;
    await executeWithRetry(context, () => {
      calls += 1;
      process.env["TWILIO_SERVICE_RETRY_LIMIT"] = "2";
      process.env["TWILIO_SERVICE_MIN_BACKOFF"] = String(calls * 7);
      process.env["TWILIO_SERVICE_MAX_BACKOFF"] = "1000";
      return Promise.reject(Object.assign(new Error("busy"), { status: 503 }));
    });
    assert.equal(calls, 3);
    assert.deepEqual(clock.waits, [7, 14]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("each retry is logged, with the name of the callback and the number of earlier retries", async (t) => {
  setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "3" });
  const lines = listenToConsole(t);
  const clock = useFakeClock();
  try {
    await executeWithRetry(context, async function fetchOrder() {
      throw Object.assign(new Error("busy"), { status: 429 });
    });
    assert.deepEqual(lines, [
      "warn: retrying /orders.fetchOrder() after 0 retry attempts, http-status-code: 429",
      "warn: retrying /orders.fetchOrder() after 1 retry attempt, http-status-code: 429",
      "warn: retrying /orders.fetchOrder() after 2 retry attempts, http-status-code: 429",
    ]);
  } finally {
    clock[Symbol.dispose]();
  }
});

for (const [value, isOn] of [
  [undefined, false],
  ["", false],
  ["false", false],
  ["False", false],
  ["0", false],
  ["no", false],
  ["off", false],
  ["true", true],
  ["1", true],
  ["yes", true],
] as const) {
  test(`ENABLE_LOCAL_LOGGING=${value ?? "(unset)"} ${isOn ? "logs" : "does not log"} failures`, async (t) => {
    setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "1", ...(value !== undefined && { ENABLE_LOCAL_LOGGING: value }) });
    const lines = listenToConsole(t);
    const clock = useFakeClock();
    try {
      const error = Object.assign(new Error("Too many"), {
        status: 429,
        code: 20429,
        moreInfo: "https://twil.io/20429",
      });
      await executeWithRetry(context, () => Promise.reject(error));
      assert.deepEqual(lines.slice(1), isOn ? [`error: ${failureText}`] : []);
    } finally {
      clock[Symbol.dispose]();
    }
  });
}

const failureText =
  "\n\n/orders.() failed after 1 retry attempt,\n http-status-code\t: 429,\n twilio-error-code\t: 20429,\n twilio-doc-page\t: https://twil.io/20429,\n error-message\t\t: Too many";
