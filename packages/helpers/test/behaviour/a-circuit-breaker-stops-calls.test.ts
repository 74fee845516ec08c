import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { executeWithRetry, twilioExecute, type ExecuteOptions, type Result } from "@offhook/helpers";
import { fakeContext, useFakeClock } from "@offhook/helpers/testing";
import { resetCircuits } from "../../src/circuit-breaker.ts";
import { listenToConsole } from "../surroundings.ts";

beforeEach(resetCircuits);

const options = { retries: 0, breaker: { host: "shop", failures: 3, cooldownMs: 1_000 } } satisfies ExecuteOptions;

/** Makes one call for each error, which throws it. @returns the results. */
async function callEach(errors: readonly unknown[], with_: ExecuteOptions = options): Promise<Result<unknown>[]> {
  const results: Result<unknown>[] = [];
  for (const error of errors) {
    results.push(
      await executeWithRetry(
        fakeContext(),
        () => {
          if (error !== "fine") throw error;
        },
        with_,
      ),
    );
  }
  return results;
}

const down = Object.assign(new Error("down"), { status: 503 });
const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
const missing = Object.assign(new Error("missing"), { status: 404 });

test("after failures in a row the host is not called until the cooldown is over", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    await callEach([down, refused, down]);
    let calls = 0;
    const call = (): Promise<Result<unknown>> => executeWithRetry(fakeContext(), () => (calls += 1), options);
    const open = await call();
    assert.deepEqual(open, {
      success: false,
      message: "shop has failed repeatedly and is not called for another 1 s",
      status: 503,
      twilioErrorCode: "circuit-open",
      twilioDocPage: undefined,
      retryable: true,
      retryAfterSeconds: 1,
    });
    await clock.advance(999);
    assert.equal((await call()).success, false);
    assert.equal(calls, 0);
    await clock.advance(1);
    assert.equal((await call()).success, true);
    assert.equal((await call()).success, true);
    assert.equal(calls, 2);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("answers of the host, and errors of the author, do not count as failures", async (t) => {
  listenToConsole(t);
  await callEach([down, down, missing, down, down, "fine", down, down]);
  assert.equal((await callEach(["fine"]))[0]?.success, true);
  // The author's own error says nothing about the host.
  await callEach([down, down, new TypeError("typo"), new TypeError("typo")]);
  assert.equal((await callEach(["fine"]))[0]?.success, true);
});

test("after the cooldown, one call probes the host, and the others are refused meanwhile", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    await callEach([down, down, down]);
    await clock.advance(1_000);
    const latch = Promise.withResolvers<never>();
    const trial = executeWithRetry(fakeContext(), () => latch.promise, options);
    assert.equal((await callEach(["fine"]))[0]?.twilioErrorCode, "circuit-open");
    latch.reject(down);
    assert.equal((await trial).status, 503);
    // One failure opens the circuit again.
    assert.equal((await callEach(["fine"]))[0]?.twilioErrorCode, "circuit-open");
    await clock.advance(1_000);
    assert.equal((await callEach(["fine"]))[0]?.success, true);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a call that timed out counts as a failure", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    for (let i = 0; i < 3; i += 1) {
      const execution = executeWithRetry(
        fakeContext({ remainingMs: 2_000 }),
        () => new Promise(() => undefined),
        options,
      );
      await clock.advance(1_500);
      assert.equal((await execution).status, 504);
    }
    assert.equal((await callEach(["fine"]))[0]?.twilioErrorCode, "circuit-open");
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a call that had too little time does not count", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    for (let i = 0; i < 5; i += 1) {
      const execution = executeWithRetry(
        fakeContext({ remainingMs: 600 }),
        () => new Promise(() => undefined),
        options,
      );
      await clock.advance(100);
      assert.equal((await execution).status, 504);
    }
    assert.equal((await callEach(["fine"]))[0]?.success, true);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a request to Twilio that had too little time does not count", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    const client = clientThat(({ timeout }) => {
      throw Object.assign(new Error(`timeout of ${timeout}ms exceeded`), { code: "ECONNABORTED" });
    });
    const call = async (remainingMs: number): Promise<Result<number>> =>
      await twilioExecute(
        fakeContext({ client, remainingMs }),
        (given: unknown) => (given as FakeClient).fetch("https://api.twilio.com/"),
        { breaker: { failures: 2 }, retries: 0 },
      );
    for (let i = 0; i < 4; i += 1) assert.equal((await call(1_000)).twilioErrorCode, "ECONNABORTED");
    for (let i = 0; i < 2; i += 1) assert.equal((await call(5_000)).twilioErrorCode, "ECONNABORTED");
    assert.equal((await call(5_000)).twilioErrorCode, "circuit-open");
  } finally {
    clock[Symbol.dispose]();
  }
});

test("each host has its own circuit, and a name alone is enough", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    await callEach([down, down, down, down, down], { retries: 0, breaker: "one" });
    assert.equal((await callEach(["fine"], { breaker: "two" }))[0]?.success, true);
    assert.equal((await callEach(["fine"], { retries: 0, breaker: "one" }))[0]?.twilioErrorCode, "circuit-open");
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a call waits for an open circuit if there is time", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    await callEach([down, down, down]);
    const [result] = await callEach(["fine"], { ...options, retries: 1 });
    assert.equal(result?.success, true);
    assert.deepEqual(clock.waits, [1_000]);
  } finally {
    clock[Symbol.dispose]();
  }
});

/** The HTTP client of a Twilio client, like the package's own. */
function clientThat(answer: (request: { uri: string; timeout?: number }) => object): unknown {
  const httpClient = {
    defaultTimeout: 30_000,
    request: (request: { uri: string; timeout?: number }) => Promise.resolve().then(() => answer(request)),
  };
  return {
    httpClient,
    /** As in the package: an answer that is not a success becomes an error without headers. */
    async fetch(uri: string) {
      const { statusCode } = (await httpClient.request({ uri })) as { statusCode: number };
      if (statusCode >= 400) throw Object.assign(new Error("failed"), { status: statusCode });
      return statusCode;
    },
  };
}

interface FakeClient {
  fetch(uri: string): Promise<number>;
}

test("twilioExecute uses the circuit of the host that the request goes to", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    const asked: string[] = [];
    const client = clientThat(({ uri }) => {
      asked.push(uri);
      return { statusCode: uri.includes("api") ? 500 : 200, headers: {} };
    });
    const context = fakeContext({ client });
    const call = (uri: string): Promise<Result<number>> =>
      twilioExecute(context, (given: unknown) => (given as FakeClient).fetch(uri), {
        breaker: { failures: 2 },
        retries: 0,
      });
    const statuses: number[] = [];
    for (const host of ["api", "api", "api", "conversations"])
      statuses.push((await call(`https://${host}.twilio.com/`)).status);
    assert.deepEqual(statuses, [500, 500, 503, 200]);
    assert.equal(asked.length, 3);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("requests to Twilio end within the remaining time, and the headers of its answers are used", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock({ random: 0 });
  try {
    const timeouts: unknown[] = [];
    const client = clientThat(({ timeout }) => {
      timeouts.push(timeout);
      return { statusCode: 429, headers: { "retry-after": "2", "twilio-request-id": "RQ1" } };
    });
    let made = 0;
    const context = fakeContext({ getTwilioClient: () => ((made += 1), client), remainingMs: 6_000 });
    const lines: object[] = [];
    const execute = (): Promise<Result<number>> =>
      twilioExecute(context, (given: unknown) => (given as FakeClient).fetch("https://api.twilio.com/"), {
        retries: 1,
        log: (line) => lines.push(line),
      });
    const result = await execute();
    assert.equal(result.retryAfterSeconds, 2);
    assert.deepEqual(timeouts, [5_500, 3_500]);
    assert.deepEqual(clock.waits, [2_000]);
    assert.deepEqual(
      lines.map((line) => (line as { twilioRequestId?: string }).twilioRequestId),
      ["RQ1", "RQ1"],
    );
    // One client for the whole invocation.
    await execute();
    assert.equal(made, 1);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("concurrent calls on one client keep their answers apart", async (t) => {
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    const client = clientThat(({ uri }) => ({ statusCode: 429, headers: { "retry-after": uri.at(-1) ?? "" } }));
    const context = fakeContext({ client });
    const results = await Promise.all(
      ["3", "7"].map((seconds) =>
        twilioExecute(context, (given: unknown) => (given as FakeClient).fetch(`https://api.twilio.com/${seconds}`), {
          retries: 0,
        }),
      ),
    );
    assert.deepEqual(
      results.map(({ retryAfterSeconds }) => retryAfterSeconds),
      [3, 7],
    );
  } finally {
    clock[Symbol.dispose]();
  }
});
