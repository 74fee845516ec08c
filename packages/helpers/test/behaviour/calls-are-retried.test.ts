/** Contract 1.5 and 1.6, with the decisions of 2.2. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { request } from "node:http";
import { test, type TestContext } from "node:test";
import { executeWithRetry, retryHandler, twilioExecute, type FunctionContext, type Result } from "@offhook/helpers";
import { fakeContext, useFakeClock } from "@offhook/helpers/testing";
import { freeUrl, listenToConsole, serveSockets, setVariables } from "../surroundings.ts";

const context = fakeContext({ PATH: "/orders" });

interface Outcome {
  readonly result: Result<unknown>;
  /** How often the callback was called. */
  readonly calls: number;
  readonly waits: readonly number[];
  readonly lines: readonly string[];
}

/** Runs a callback that throws these errors, one after the other. The last one is repeated. */
async function execute(
  t: TestContext,
  errors: readonly unknown[],
  variables: Parameters<typeof setVariables>[1] = {},
  attempts?: number,
): Promise<Outcome> {
  setVariables(t, variables);
  const lines = listenToConsole(t);
  const clock = useFakeClock({ random: 0.5 });
  try {
    let calls = 0;
    const call = async (): Promise<unknown> => {
      const error = errors[Math.min(calls, errors.length - 1)];
      calls += 1;
      if (error === "fine") return "data";
      throw error;
    };
    const result = await executeWithRetry(context, call, attempts);
    return { result, calls, waits: [...clock.waits], lines };
  } finally {
    clock[Symbol.dispose]();
  }
}

function withStatus(status: number): Error {
  return Object.assign(new Error(`status ${status}`), { status });
}

function withCode(code: string): Error {
  return Object.assign(new Error(`code ${code}`), { code });
}

test("a successful call returns the callback's result as data", async (t) => {
  setVariables(t);
  for (const data of ["text", undefined, null, 0, false, { a: 1 }]) {
    for (const callback of [() => data, async () => data]) {
      const result = await executeWithRetry(context, callback);
      assert.deepEqual(Object.entries(result), Object.entries({ success: true, data, status: 200 }));
    }
  }
});

test("without options, the callback gets no argument, or only a client", async (t) => {
  setVariables(t);
  const given: unknown[][] = [];
  await executeWithRetry(context, (...all: unknown[]) => void given.push(all));
  const client = { name: "client" };
  const asked: unknown[][] = [];
  const withClient: FunctionContext = {
    ...context,
    getTwilioClient: (...all: unknown[]) => (asked.push(all), client) as never,
  };
  await twilioExecute(withClient, (...all: unknown[]) => void given.push(all));
  assert.deepEqual(given, [[], [client]]);
  assert.deepEqual(asked, [[]]);
});

test("each attempt gets a new client", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    let made = 0;
    const counting: FunctionContext = { ...context, getTwilioClient: () => ({ number: (made += 1) }) as never };
    const seen: unknown[] = [];
    await twilioExecute(counting, (client: unknown) => {
      seen.push((client as { number: number }).number);
      if (seen.length < 3) throw withStatus(429);
    });
    assert.deepEqual(seen, [1, 2, 3]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("an error in getTwilioClient() becomes a failure", async (t) => {
  setVariables(t);
  const result = await twilioExecute(
    {
      getTwilioClient: () => {
        throw new Error("no credentials");
      },
    },
    () => assert.fail("never called"),
  );
  assert.equal(result.success, false);
  assert.equal(result.message, "no credentials");
});

for (const status of [412, 429, 503]) {
  test(`status ${status} is retried, whether it is in the error or in its response`, async (t) => {
    const inResponse = Object.assign(new Error("axios"), { response: { status } });
    const { result, calls } = await execute(t, [withStatus(status), inResponse, "fine"]);
    assert.deepEqual(result, { success: true, data: "data", status: 200 });
    assert.equal(calls, 3);
  });
}

for (const code of [
  "ECONNRESET",
  "ETIMEDOUT",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "ECONNABORTED",
  "ERR_NETWORK",
  "UND_ERR_SOCKET",
]) {
  test(`${code} is retried: alone, with a status, and as the cause of an error from fetch`, async (t) => {
    const both = Object.assign(withStatus(404), { code });
    const cause = new TypeError("fetch failed", { cause: withCode(code) });
    const { calls } = await execute(t, [withCode(code), both, cause, "fine"]);
    assert.equal(calls, 4);
  });
}

test("no other error is retried", async (t) => {
  for (const error of [
    withStatus(400),
    withStatus(404),
    withStatus(500),
    withStatus(502),
    withStatus(504),
    Object.assign(new Error("as text"), { status: "429" }),
    Object.assign(new Error("answered"), { status: 404, response: { status: 429 } }),
    withCode("ECONNWHAT"),
    new Error("plain"),
    "text",
  ]) {
    const { calls, result } = await execute(t, [error]);
    assert.equal(calls, 1);
    assert.equal(result.success, false);
  }
});

test("a failure has its fields in a fixed order, and no data", async (t) => {
  const error = Object.assign(new Error("Not found"), {
    status: 404,
    code: 20404,
    moreInfo: "https://twil.io/20404",
    details: { a: 1 },
  });
  const { result } = await execute(t, [error]);
  assert.deepEqual(Object.entries(result), [
    ["success", false],
    ["message", "Not found"],
    ["status", 404],
    ["twilioErrorCode", 20404],
    ["twilioDocPage", "https://twil.io/20404"],
  ]);
});

test("status and message come from the error or from its response", async (t) => {
  const object = { some: "object" };
  for (const [error, status, message] of [
    [Object.assign(new Error("a"), { status: 404, response: { status: 500 } }), 404, "a"],
    [Object.assign(new Error("b"), { status: 0, response: { status: 418 } }), 418, "b"],
    [Object.assign(new Error("c"), { response: {} }), 500, "c"],
    [new Error("d"), 500, "d"],
    ["text", 500, "text"],
    [object, 500, object],
    [null, 500, "null"],
    [undefined, 500, "undefined"],
    [7, 500, 7],
  ] as const) {
    const { result } = await execute(t, [error]);
    assert.equal(result.status, status);
    assert.equal(result.message, message);
  }
});

test("TWILIO_SERVICE_RETRY_LIMIT sets the number of retries, five by default", async (t) => {
  for (const [limit, calls] of [
    [undefined, 6],
    ["3", 4],
    ["0", 1],
    ["", 1],
    ["-1", 1],
    ["many", 1],
    ["2.5", 4],
  ] as const) {
    const variables = limit === undefined ? {} : { TWILIO_SERVICE_RETRY_LIMIT: limit };
    const outcome = await execute(t, [withStatus(503)], variables);
    assert.equal(outcome.calls, calls, `limit ${limit}`);
    assert.equal(outcome.result.status, 503);
  }
});

test("earlier attempts count, and a number of attempts that is not a number ends the retries", async (t) => {
  assert.equal((await execute(t, [withStatus(503)], {}, 3)).calls, 3);
  assert.equal((await execute(t, [withStatus(503)], {}, 5)).calls, 1);
  assert.equal((await execute(t, [withStatus(503)], {}, "0" as never)).calls, 1);
  assert.equal((await execute(t, [withStatus(503)], {}, null as never)).calls, 1);
});

test("executeWithRetry and twilioExecute never reject", async (t) => {
  setVariables(t, { ENABLE_LOCAL_LOGGING: "1" });
  listenToConsole(t);
  for (const execution of [
    executeWithRetry(undefined as never, () => Promise.reject(new Error("a"))),
    executeWithRetry(context, undefined as never),
    executeWithRetry(context, undefined as never, {}),
    executeWithRetry(null as never, () => Promise.reject(new Error("a")), {}),
    twilioExecute(context, undefined as never, {}),
    twilioExecute(undefined as never, () => 1),
    twilioExecute(context, undefined as never),
    executeWithRetry(context, () => {
      // oxlint-disable-next-line typescript/only-throw-error -- authors throw such values
      throw Object.create(null);
    }),
  ]) {
    assert.equal((await execution).success, false);
  }
});

/** HTTP clients that run into real connection errors. */
const clients: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  "node:http": (url) =>
    new Promise((resolve, reject) => {
      const outgoing = request(url, resolve);
      outgoing.on("error", reject);
      outgoing.end();
    }),
  fetch: (url) => fetch(url),
  axios: (url) => {
    const { require: fromTwilio } = { require: createRequire(createRequire(import.meta.url).resolve("twilio")) };
    const axios = fromTwilio("axios") as { get(url: string, options: object): Promise<unknown> };
    return axios.get(url, { timeout: 500, proxy: false });
  },
};

for (const [name, get] of Object.entries(clients)) {
  test(`${name}: a refused connection, a broken one and an unknown host are retried`, async (t) => {
    setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "1" });
    const lines = listenToConsole(t);
    const clock = useFakeClock();
    try {
      for (const url of [
        await freeUrl(),
        await serveSockets(t, (socket) => socket.resetAndDestroy()),
        await serveSockets(t, (socket) => socket.once("data", () => socket.destroy())),
        "http://nobody.invalid",
      ]) {
        lines.length = 0;
        let calls = 0;
        const result = await executeWithRetry(context, () => {
          calls += 1;
          return get(url);
        });
        assert.equal(result.success, false);
        assert.equal(calls, 2, `${url}: ${result.twilioErrorCode} ${String(result.message)}`);
        assert.deepEqual(lines, ["warn: retrying /orders.() after 0 retry attempts, http-status-code: 500"]);
      }
    } finally {
      clock[Symbol.dispose]();
    }
  });
}

test("axios: a timeout is retried", async (t) => {
  setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "1" });
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    let connections = 0;
    const url = await serveSockets(t, () => (connections += 1));
    const result = await executeWithRetry(context, () => clients["axios"]?.(url));
    assert.equal(result.twilioErrorCode, "ECONNABORTED");
    assert.equal(connections, 2);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("retryHandler calls the wrapper with attempts + 1", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    const callback = (): string => "called";
    const given: unknown[] = [];
    const result = await retryHandler(withStatus(429), context, callback, (...all: unknown[]) => given.push(...all), 2);
    assert.equal(result, 3);
    assert.deepEqual(given, [context, callback, 3]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("retryHandler in its older form passes the parameters with attempts + 1", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    const given: unknown[] = [];
    const call = (parameters: object): string => (given.push(parameters), "again");
    assert.equal(await retryHandler(withStatus(429), { context, attempts: 1, sid: "WT1" }, call), "again");
    assert.equal(await retryHandler(withStatus(429), { context, sid: "WT2" }, call), "again");
    assert.deepEqual(given, [
      { context, attempts: 2, sid: "WT1" },
      { context, attempts: 1, sid: "WT2" },
    ]);
    const failed = await retryHandler(withStatus(404), { context, attempts: 0 }, call);
    assert.deepEqual(failed, {
      success: false,
      message: "status 404",
      status: 404,
      twilioErrorCode: undefined,
      twilioDocPage: undefined,
    });
  } finally {
    clock[Symbol.dispose]();
  }
});

test("retryHandler with a callback in its parameters calls it like the newer form", async (t) => {
  setVariables(t);
  listenToConsole(t);
  const clock = useFakeClock();
  try {
    const inner = (): number => 1;
    const given: unknown[] = [];
    const wrapper = (...all: unknown[]): unknown[] => (given.push(...all), all);
    await retryHandler(withStatus(503), { context, attempts: 1, callback: inner }, wrapper as never);
    assert.deepEqual(given, [context, inner, 2]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a failure of fetch has a message with the cause", async (t) => {
  setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "0" });
  listenToConsole(t);
  const url = await freeUrl();
  const refused = await executeWithRetry(fakeContext(), () => fetch(url));
  assert.match(String(refused.message), /^fetch failed: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
  assert.equal(refused.twilioErrorCode, "ECONNREFUSED");
  const unknownHost = await executeWithRetry(fakeContext(), () => fetch("http://no-such-host.invalid/"));
  assert.match(String(unknownHost.message), /^fetch failed: .*no-such-host\.invalid/);
  const badUrl = await executeWithRetry(fakeContext(), () => fetch("no url"));
  assert.match(String(badUrl.message), /no url/);
  const silent = await serveSockets(t, () => undefined);
  const aborted = await executeWithRetry(fakeContext(), () => fetch(silent, { signal: AbortSignal.abort() }));
  assert.match(String(aborted.message), /aborted/);
  const broken = await serveSockets(t, (socket) => void socket.end("no HTTP\r\n\r\n"));
  const garbled = await executeWithRetry(fakeContext(), () => fetch(broken));
  assert.match(String(garbled.message), /^fetch failed: .+/);
});

test("errors without a message use the messages of the errors behind them", async (t) => {
  setVariables(t, { TWILIO_SERVICE_RETRY_LIMIT: "0" });
  listenToConsole(t);
  const messageFor = async (error: unknown): Promise<unknown> => {
    const result = await executeWithRetry(fakeContext(), () => {
      // oxlint-disable-next-line typescript/only-throw-error -- user code can throw any value
      throw error;
    });
    return result.message;
  };
  const attempts = [new Error("connect ECONNREFUSED ::1:1"), new Error("connect ECONNREFUSED 127.0.0.1:1")];
  const both = "connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1";
  assert.equal(await messageFor(new AggregateError(attempts)), both);
  assert.equal(
    await messageFor(new TypeError("fetch failed", { cause: new AggregateError(attempts) })),
    `fetch failed: ${both}`,
  );
  assert.equal(await messageFor(Object.assign(new Error(), { code: "ECONNRESET" })), "ECONNRESET");
  assert.equal(await messageFor(new TypeError()), "TypeError");
  assert.equal(
    await messageFor(new Response("", { status: 503, statusText: "Busy" })),
    "The service answered with status 503 Busy",
  );
  assert.equal(await messageFor(new Response("", { status: 404 })), "The service answered with status 404");
});
