/** Calls with options know the remaining time of their invocation. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  executeWithRetry,
  HttpError,
  prepareStudioFunction,
  type Attempt,
  type ExecuteOptions,
  type Failure,
} from "@offhook/helpers";
import { callFunction, fakeContext, installGlobals, useFakeClock } from "@offhook/helpers/testing";
import { listenToConsole, setVariables } from "../surroundings.ts";

interface Busy {
  readonly status?: number;
  readonly headers?: unknown;
  readonly response?: unknown;
  readonly code?: string;
}

function busy(fields: Busy = {}): Error {
  return Object.assign(new Error("busy"), { status: 429, ...fields });
}

interface Outcome {
  readonly result: Failure;
  readonly calls: number;
  readonly waits: readonly number[];
}

/** A call that fails each time. */
async function failing(
  t: TestContext,
  options: ExecuteOptions & { readonly remainingMs?: number; readonly random?: number },
  error: unknown = busy(),
): Promise<Outcome> {
  setVariables(t);
  listenToConsole(t);
  const { remainingMs = 10_000, random = 0, ...rest } = options;
  const clock = useFakeClock({ random });
  try {
    let calls = 0;
    const call = (): never => {
      calls += 1;
      throw error;
    };
    const result = (await executeWithRetry(fakeContext({ remainingMs }), call, rest)) as Failure;
    return { result, calls, waits: [...clock.waits] };
  } finally {
    clock[Symbol.dispose]();
  }
}

test("a call fails early enough to send the caller Retry-After", async (t) => {
  const { result, calls, waits } = await failing(t, { remainingMs: 800, minBackoffMs: 200, maxBackoffMs: 200 });
  assert.deepEqual(result, {
    success: false,
    message: "busy",
    status: 429,
    twilioErrorCode: undefined,
    twilioDocPage: undefined,
    retryable: true,
    retryAfterSeconds: 1,
  });
  // 500 ms are reserved for the function.
  assert.equal(calls, 2);
  assert.deepEqual(waits, [200]);
});

test("no attempt starts if earlier attempts show that it would not end in time", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock({ manual: true, random: 0 });
  try {
    let calls = 0;
    const slow = async (): Promise<never> => {
      calls += 1;
      await clock.advance(400);
      throw busy();
    };
    const result = await executeWithRetry(fakeContext({ remainingMs: 1_300 }), slow, {
      minBackoffMs: 10,
      maxBackoffMs: 10,
    });
    assert.equal(result.retryable, true);
    assert.equal(calls, 1, "400 + 10 + 400 is more than 800");
  } finally {
    clock[Symbol.dispose]();
  }
});

test("reserveMs sets the reserved time", async (t) => {
  const options = { remainingMs: 1_000, minBackoffMs: 100, maxBackoffMs: 100, retries: 50 };
  assert.equal((await failing(t, { ...options, reserveMs: 0 })).calls, 10);
  assert.equal((await failing(t, { ...options, reserveMs: 900 })).calls, 1);
});

test("the callback is not called when no time is left", async (t) => {
  const { result, calls } = await failing(t, { remainingMs: 500 });
  assert.equal(calls, 0);
  assert.equal(result.status, 504);
  assert.equal(result.twilioErrorCode, "deadline-exceeded");
  assert.equal(result.retryable, true);
});

test("a call without an answer ends in time, and its signal is aborted", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    let attempt: Attempt | undefined;
    const execution = executeWithRetry(
      fakeContext({ remainingMs: 3_000 }),
      (given) => {
        attempt = given;
        return new Promise<never>(() => undefined);
      },
      {},
    );
    await clock.advance(2_499);
    assert.equal(attempt?.signal.aborted, false);
    assert.equal(attempt.remainingMs, 1);
    await clock.advance(1);
    assert.equal(attempt.signal.aborted, true);
    assert.equal((attempt.signal.reason as Error).name, "TimeoutError");
    const result = await execution;
    assert.equal(result.status, 504);
    assert.equal(result.message, "There was no answer within the time that the invocation had left");
    assert.equal(result.retryable, true);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("without getRemainingTimeInMillis(), the hosted limit counts from the start of the function", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    const hosted = { ...fakeContext() };
    assert.equal("getRemainingTimeInMillis" in hosted, false);
    const given: number[] = [];
    const prepared = prepareStudioFunction([], async (context) => {
      await clock.advance(4_000);
      await executeWithRetry(context, ({ remainingMs }) => given.push(remainingMs), {});
    });
    const globals = installGlobals();
    try {
      await prepared(hosted, {}, () => undefined);
      assert.deepEqual(given, [10_000 - 4_000 - 500]);
    } finally {
      globals[Symbol.dispose]();
    }
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a wrapper starts a new invocation if the context is used again", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    const globals = installGlobals();
    try {
      const hosted = { ...fakeContext() };
      const given: number[] = [];
      const prepared = prepareStudioFunction([], async (context) => {
        await executeWithRetry(context, ({ remainingMs }) => given.push(remainingMs), {});
      });
      await prepared(hosted, {}, () => undefined);
      await clock.advance(60_000);
      await prepared(hosted, {}, () => undefined);
      assert.deepEqual(given, [9_500, 9_500]);
    } finally {
      globals[Symbol.dispose]();
    }
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a variable named getRemainingTimeInMillis is ignored", async (t) => {
  setVariables(t);
  const named = { ...fakeContext(), getRemainingTimeInMillis: "a minute" } as never;
  const result = await executeWithRetry(named, ({ remainingMs }) => remainingMs > 9_000, {});
  assert.equal(result.data, true);
});

test("without a time limit, a call has no limit", async (t) => {
  setVariables(t);
  const result = await executeWithRetry(fakeContext({ remainingMs: Infinity }), ({ remainingMs }) => remainingMs, {});
  assert.equal(result.data, Infinity);
});

test("attempts are numbered, and each has its own signal", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    const attempts: Attempt[] = [];
    await executeWithRetry(
      fakeContext(),
      (attempt) => {
        attempts.push(attempt);
        throw busy();
      },
      { retries: 2 },
    );
    assert.deepEqual(
      attempts.map(({ attempt }) => attempt),
      [1, 2, 3],
    );
    assert.equal(new Set(attempts.map(({ signal }) => signal)).size, 3);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a disconnected caller ends the call, and there is no retry", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const gone = new AbortController();
  let calls = 0;
  const execution = executeWithRetry(
    fakeContext({ signal: gone.signal }),
    ({ signal }) => {
      calls += 1;
      setImmediate(() => gone.abort(new Error("gone")));
      return new Promise<never>((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(Object.assign(new Error("aborted"), { code: "ECONNRESET" })));
      });
    },
    {},
  );
  const result = await execution;
  assert.equal(result.success, false);
  // The reason of the signal, not a deadline error.
  assert.equal(result.message, "gone");
  assert.equal(calls, 1);
});

test("the author's signal ends the wait for the next attempt", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    const stop = new AbortController();
    let calls = 0;
    const execution = executeWithRetry(
      fakeContext(),
      () => {
        calls += 1;
        throw busy();
      },
      { signal: stop.signal },
    );
    await clock.advance(0);
    assert.equal(clock.waits.length, 1);
    stop.abort();
    assert.equal((await execution).status, 429);
    assert.equal(calls, 1);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("an aborted signal prevents the call", async (t) => {
  const { result, calls } = await failing(t, { signal: AbortSignal.abort(new Error("not any more")) });
  assert.equal(calls, 0);
  assert.equal(result.message, "not any more");
  assert.equal(result.retryable, false);
});

for (const [name, headers] of [
  ["axios", { response: { status: 429, headers: new Map([["retry-after", "2"]]) } }],
  ["Node", { headers: { "retry-after": "2" } }],
  ["fetch", { headers: new Headers({ "Retry-After": "2" }) }],
  ["another spelling", { response: { status: 429, headers: { "Retry-After": " 2 " } } }],
] as const) {
  test(`Retry-After in the form of ${name} is obeyed`, async (t) => {
    const { waits } = await failing(t, { retries: 1 }, busy(headers));
    assert.deepEqual(waits, [2_000]);
  });
}

test("Retry-After may be a date, and an invalid value is ignored", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock({ now: Date.UTC(2030, 0, 1), random: 0 });
  try {
    for (const [value, ms] of [
      [new Date(clock.now() + 3_000).toUTCString(), 3_000],
      ["Thu, 01 Jan 1970 00:00:00 GMT", 100],
      ["soon", 100],
      ["-5", 100],
      ["", 100],
    ] as const) {
      const before = clock.waits.length;
      const call = (): never => {
        throw busy({ headers: { "retry-after": value } });
      };
      await executeWithRetry(fakeContext(), call, { retries: 1 });
      assert.deepEqual(clock.waits.slice(before), [ms], value);
    }
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a Retry-After of a day is not waited for, even without a time limit", async (t) => {
  const { result, waits } = await failing(t, { remainingMs: Infinity }, busy({ headers: { "retry-after": "86400" } }));
  assert.deepEqual(waits, []);
  assert.equal(result.retryAfterSeconds, 86_400);
});

test("a Retry-After longer than the remaining time is passed on at once", async (t) => {
  const { result, calls, waits } = await failing(t, {}, busy({ headers: { "retry-after": "30" } }));
  assert.equal(calls, 1);
  assert.deepEqual(waits, []);
  assert.equal(result.retryAfterSeconds, 30);
});

test("a fractional retry limit counts as it does without options", async (t) => {
  assert.equal((await failing(t, { retries: 2.5, minBackoffMs: 0, maxBackoffMs: 0 })).calls, 4);
});

test("the exponential backoff doubles its range, with full jitter, up to the maximum", async (t) => {
  const almostOne = 1 - Number.EPSILON;
  const options = { backoff: "exponential", retries: 7, remainingMs: 60_000 } as const;
  const longest = await failing(t, { ...options, random: almostOne });
  assert.deepEqual(longest.waits, [100, 200, 400, 800, 1_600, 3_000, 3_000]);
  const shortest = await failing(t, { ...options, random: 0 });
  assert.deepEqual(shortest.waits, [0, 0, 0, 0, 0, 0, 0]);
  const bounded = await failing(t, { ...options, random: almostOne, minBackoffMs: 10, maxBackoffMs: 50 });
  assert.deepEqual(bounded.waits, [10, 20, 40, 50, 50, 50, 50]);
});

test("a failure that must not be retried has retryable: false", async (t) => {
  const { result, calls } = await failing(t, {}, Object.assign(new Error("no"), { status: 404 }));
  assert.equal(calls, 1);
  assert.equal(result.retryable, false);
  assert.equal("retryAfterSeconds" in result, false);
});

test("the reply has Retry-After if it passes on the status of the failed call", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const globals = installGlobals();
  try {
    const prepared = (status?: number): ReturnType<typeof prepareStudioFunction> =>
      prepareStudioFunction([], async (context, _event, callback, response) => {
        const result = await executeWithRetry(
          context,
          () => {
            throw busy({ headers: { "retry-after": "30" } });
          },
          {},
        );
        response.setStatusCode(status ?? result.status);
        callback(null, response);
      });
    const passedOn = await callFunction(prepared());
    assert.equal(passedOn.status, 429);
    assert.equal(passedOn.headers["retry-after"], "30");
    assert.equal(passedOn.headers["access-control-expose-headers"], "Retry-After");
    assert.equal((await callFunction(prepared(200))).headers["retry-after"], undefined);
    const thrown = prepareStudioFunction([], async (context) => {
      const result = await executeWithRetry(context, () => Promise.reject(busy()), { retries: 0 });
      if (!result.success) throw HttpError.of(result);
    });
    const { headers } = await callFunction(thrown);
    assert.equal(headers["retry-after"], "1");
    assert.equal(headers["access-control-expose-headers"], "Retry-After");
  } finally {
    globals[Symbol.dispose]();
  }
});
