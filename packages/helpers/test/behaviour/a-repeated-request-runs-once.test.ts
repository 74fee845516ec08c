import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import twilio from "twilio";
import {
  memoryStore,
  prepareStudioFunction,
  sqliteStore,
  type IdempotencyStore,
  type PreparedHandler,
} from "@offhook/helpers";
import { callFunction, fakeContext, useFakeClock, type FunctionReply } from "@offhook/helpers/testing";
import { installGlobalsForAll, listenToConsole } from "../surroundings.ts";

const folder = mkdtempSync(join(tmpdir(), "offhook-replies-"));
installGlobalsForAll();
after(() => rmSync(folder, { recursive: true }));

const stores: Readonly<Record<string, (name: string) => IdempotencyStore>> = {
  "in memory": () => memoryStore(),
  "in a file": (name) => sqliteStore(join(folder, `${name}.sqlite`)),
};

let files = 0;

interface Counted {
  readonly call: (event?: object, context?: object) => Promise<FunctionReply>;
  calls: number;
}

/** A function that counts its calls, under the key `event.id`. */
function counted(
  handler: PreparedHandler<Record<string, string>>,
  store: IdempotencyStore,
  options: { readonly keepSeconds?: number } = {},
): Counted {
  const prepared = prepareStudioFunction<Record<string, string>>(
    [],
    (...all) => {
      counting.calls += 1;
      return handler(...all);
    },
    { idempotency: { key: (event) => event["id"], store, ...options } },
  );
  const counting: Counted = {
    calls: 0,
    call: (event = { id: "1" }, context = fakeContext()) => callFunction(prepared, { event, context }),
  };
  return counting;
}

for (const [where, makeStore] of Object.entries(stores)) {
  const store = (): IdempotencyStore => makeStore(`store-${(files += 1)}`);

  test(`${where}: a repeated request gets the first reply, marked with a header`, async () => {
    const order = counted((_context, event, callback, response) => {
      response.setStatusCode(201);
      response.appendHeader("X-Order", "a");
      response.appendHeader("X-Order", "b");
      response.setBody({ id: event["id"], made: performance.now() });
      return callback(null, response);
    }, store());
    const first = await order.call();
    const second = await order.call();
    assert.equal(order.calls, 1);
    assert.equal(second.status, 201);
    assert.equal(second.body, first.body);
    assert.deepEqual(second.headers, { ...first.headers, "idempotency-replayed": "true" });
    assert.equal(first.headers["idempotency-replayed"], undefined);
    await order.call({ id: "2" });
    assert.equal(order.calls, 2);
    await order.call({ id: "1" }, fakeContext({ PATH: "/other" }));
    assert.equal(order.calls, 3);
  });

  test(`${where}: every kind of reply can be repeated`, async () => {
    const voice = new twilio.twiml.VoiceResponse();
    voice.say("Hello");
    const kept = store();
    for (const [i, payload] of ["text", { a: [1] }, voice, undefined, null].entries()) {
      const order = counted((_context, _event, callback) => callback(null, payload), kept);
      const [first, second] = [await order.call({ id: `k${i}` }), await order.call({ id: `k${i}` })];
      assert.equal(second.body, first.body);
      assert.equal(second.headers["content-type"]?.split(";")[0], first.headers["content-type"]?.split(";")[0]);
      assert.equal(order.calls, 1);
    }
    const bytes = counted((_context, _event, callback, response) => {
      response.setBody(Buffer.from([0, 255, 128]));
      return callback(null, response);
    }, kept);
    const [first, second] = [await bytes.call({ id: "bytes" }), await bytes.call({ id: "bytes" })];
    assert.deepEqual(second.bytes, first.bytes);
    assert.equal(bytes.calls, 1);
  });

  test(`${where}: a failed request runs again`, async (t) => {
    listenToConsole(t);
    let turn = 0;
    const order = counted((_context, _event, callback, response) => {
      turn += 1;
      if (turn === 1) throw new Error("dropped");
      if (turn === 2) return callback(new Error("no"));
      response.setStatusCode(turn === 3 ? 503 : 200);
      return callback(null, response);
    }, store());
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await order.call()).status);
    assert.deepEqual(statuses, [500, 500, 503, 200, 200]);
    assert.equal(order.calls, 4);
  });

  test(`${where}: a temporary error runs again, a refusal does not`, async () => {
    for (const [status, calls] of [
      [412, 2],
      [429, 2],
      [503, 2],
      [400, 1],
      [404, 1],
    ] as const) {
      const order = counted((_context, _event, callback, response) => {
        response.setStatusCode(status);
        return callback(null, response);
      }, store());
      await order.call();
      assert.equal((await order.call()).status, status);
      assert.equal(order.calls, calls, String(status));
    }
  });

  test(`${where}: a failure releases only the lock, not a reply that was stored meanwhile`, async () => {
    const kept = store();
    await kept.claim("k", "one", 1_000);
    await kept.complete("k", "one", "reply", 1_000);
    await kept.release("k", "one");
    assert.deepEqual(await kept.claim("k", "other", 1_000), { reply: "reply" });
  });

  test(`${where}: an owner that lost its lock does not release another's, and stores no reply`, async () => {
    const clock = useFakeClock({ manual: true });
    try {
      const kept = store();
      assert.equal(await kept.claim("k", "slow", 1_000), "claimed");
      await clock.advance(1_000);
      assert.equal(await kept.claim("k", "next", 1_000), "claimed");
      await kept.release("k", "slow");
      assert.equal(await kept.claim("k", "third", 1_000), "locked");
      await kept.complete("k", "slow", "late", 1_000);
      assert.equal(await kept.claim("k", "third", 1_000), "locked");
      await kept.complete("k", "next", "reply", 1_000);
      assert.deepEqual(await kept.claim("k", "third", 1_000), { reply: "reply" });
    } finally {
      clock[Symbol.dispose]();
    }
  });

  test(`${where}: a request that arrives while the first is running waits for its reply`, async () => {
    const clock = useFakeClock({ manual: true });
    try {
      const begun = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      const order = counted(async (_context, _event, callback) => {
        begun.resolve();
        await end.promise;
        callback(null, "done");
      }, store());
      const first = order.call();
      await begun.promise;
      const second = order.call();
      await clock.advance(1_000);
      end.resolve();
      await first;
      await clock.advance(100);
      assert.equal((await second).body, "done");
      assert.equal(order.calls, 1);
    } finally {
      clock[Symbol.dispose]();
    }
  });

  test(`${where}: a request that cannot wait longer gets a 409 with Retry-After`, async () => {
    const clock = useFakeClock({ manual: true });
    try {
      const end = Promise.withResolvers<void>();
      const order = counted(async (_context, _event, callback) => {
        await end.promise;
        callback(null, "done");
      }, store());
      const first = order.call();
      const second = order.call({ id: "1" }, fakeContext({ remainingMs: 2_000 }));
      for (let i = 0; i < 20; i += 1) await clock.advance(100);
      const refused = await second;
      assert.equal(refused.status, 409);
      assert.equal(refused.headers["retry-after"], "1");
      end.resolve();
      assert.equal((await first).body, "done");
    } finally {
      clock[Symbol.dispose]();
    }
  });

  test(`${where}: a lock expires with its invocation, and a reply after keepSeconds`, async () => {
    const clock = useFakeClock({ manual: true });
    try {
      const end = Promise.withResolvers<void>();
      const slow = counted((_context, _event, callback) => end.promise.then(() => callback(null, "done")), store());
      const first = slow.call({ id: "1" }, fakeContext({ remainingMs: 5_000 }));
      await clock.advance(5_000);
      const second = slow.call({ id: "1" }, fakeContext({ remainingMs: 5_000 }));
      await clock.advance(0);
      assert.equal(slow.calls, 2);
      end.resolve();
      await Promise.all([first, second]);
      const kept = counted((_context, _event, callback) => callback(null, "done"), store(), { keepSeconds: 60 });
      await kept.call();
      await clock.advance(59_999);
      await kept.call();
      assert.equal(kept.calls, 1);
      await clock.advance(1);
      await kept.call();
      assert.equal(kept.calls, 2);
    } finally {
      clock[Symbol.dispose]();
    }
  });
}

test("a callback that throws after the reply was stored is not called again", async (t) => {
  const lines = listenToConsole(t);
  const called = Promise.withResolvers<void>();
  let calls = 0;
  const prepared = prepareStudioFunction([], (_context, _event, callback) => void callback(null, "done"), {
    idempotency: { key: () => "k", store: memoryStore() },
  });
  const returned: unknown = prepared(fakeContext(), {}, () => {
    calls += 1;
    called.resolve();
    throw new Error("broken pipe");
  });
  await Promise.all([called.promise, returned]);
  await new Promise(setImmediate);
  assert.equal(calls, 1);
  assert.deepEqual(lines, ["error: (/fake) Unexpected error occurred after the callback: Error: broken pipe"]);
});

test("processes that share a file share its replies", async () => {
  const file = join(folder, "shared.sqlite");
  const [one, other] = [sqliteStore(file), sqliteStore(file)];
  assert.equal(await one.claim("k", "one", 1_000), "claimed");
  assert.equal(await other.claim("k", "other", 1_000), "locked");
  await one.complete("k", "one", "reply", 1_000);
  assert.deepEqual(await other.claim("k", "other", 1_000), { reply: "reply" });
});

test("memory is bounded: the oldest replies are deleted, locks are not", async () => {
  const store = memoryStore(2);
  assert.equal(await store.claim("locked", "x", 1_000), "claimed");
  for (const key of ["a", "b", "c"]) {
    await store.claim(key, key, 1_000);
    await store.complete(key, key, key, 1_000);
  }
  assert.equal(await store.claim("locked", "y", 1_000), "locked");
  assert.deepEqual(await store.claim("c", "z", 1_000), { reply: "c" });
  assert.equal(await store.claim("a", "z", 1_000), "claimed");
});

test("a failing store refuses new work, and does not lose the reply of finished work", async (t) => {
  const lines = listenToConsole(t);
  const broken = (): never => {
    throw new Error("disk full");
  };
  const first = counted((_context, _event, callback) => callback(null, "done"), { ...memoryStore(), claim: broken });
  const refused = await first.call();
  assert.equal(refused.status, 503);
  assert.equal(refused.headers["retry-after"], "1");
  assert.equal(first.calls, 0);
  const later = counted((_context, _event, callback) => callback(null, "done"), { ...memoryStore(), complete: broken });
  assert.equal((await later.call()).body, "done");
  assert.deepEqual(
    lines.filter((line) => line.includes("store")),
    Array.from({ length: 2 }, () => "error: (/fake) The idempotency store failed: Error: disk full"),
  );
});

test("a store that does not answer delays neither a refusal nor a reply", async (t) => {
  const lines = listenToConsole(t);
  const clock = useFakeClock({ manual: true });
  try {
    const context = (): ReturnType<typeof fakeContext> => fakeContext({ remainingMs: 3_000 });
    const asked = Promise.withResolvers<void>();
    const silent = (): Promise<never> => {
      asked.resolve();
      return new Promise(() => {});
    };
    const first = counted(() => assert.fail("not to run"), { ...memoryStore(), claim: silent }).call(
      { id: "1" },
      context(),
    );
    await asked.promise;
    await clock.advance(2_500);
    assert.equal((await first).status, 503);
    const store = { ...memoryStore(), complete: silent };
    const later = counted((_context, _event, callback) => callback(null, "done"), store).call({ id: "1" }, context());
    await clock.advance(2_500);
    assert.equal((await later).body, "done");
    assert.deepEqual(
      lines.filter((line) => line.includes("store")),
      Array.from({ length: 2 }, () => "error: (/fake) The idempotency store failed: Error: No answer within 2500 ms"),
    );
  } finally {
    clock[Symbol.dispose]();
  }
});

test("an error after the reply does not change the reply", async (t) => {
  listenToConsole(t);
  const order = counted((_context, _event, callback, response, handleError) => {
    response.setBody("done");
    callback(null, response);
    return handleError(new Error("too late"));
  }, memoryStore());
  for (let i = 0; i < 2; i += 1) {
    const { status, body } = await order.call();
    assert.deepEqual({ status, body }, { status: 200, body: "done" });
  }
});

test("an error of the platform's callback is logged, because nobody awaits it", async (t) => {
  const lines = listenToConsole(t);
  const prepared = prepareStudioFunction(
    [],
    (_context, _event, callback) => {
      callback(null, "done");
    },
    { idempotency: { key: () => "1", store: memoryStore() } },
  );
  await prepared(fakeContext({ PATH: "/fruit" }), {}, () => {
    throw new Error("no such header");
  });
  await new Promise(setImmediate);
  assert.deepEqual(lines, ["error: (/fruit) Unexpected error occurred after the callback: Error: no such header"]);
});

test("a file that cannot be opened counts as a failing store", async (t) => {
  const lines = listenToConsole(t);
  const order = counted(() => assert.fail("not to run"), sqliteStore(join(folder, "no/such/folder.sqlite")));
  assert.equal((await order.call()).status, 503);
  assert.match(lines.join(), /unable to open database file/);
});
