import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { prepareFlexFunction, type FlexFunctionOptions } from "@offhook/helpers";
import {
  callFunction,
  fakeContext,
  startTokenService,
  useFakeClock,
  type TokenService,
} from "@offhook/helpers/testing";
import { resetTokenCache } from "../../src/token-cache.ts";
import { installGlobalsForAll } from "../surroundings.ts";

installGlobalsForAll();
let service: TokenService;
before(async () => void (service = await startTokenService()));
after(() => service.close());
beforeEach(resetTokenCache);

/** @returns the status, and how often the service has been called so far. */
async function call(
  Token: string,
  options: FlexFunctionOptions = { cacheTokens: true },
  variables = {},
): Promise<number[]> {
  const prepared = prepareFlexFunction(
    [],
    (_context, { TokenResult }, callback) => {
      // A handler's change must not reach the next one.
      (TokenResult.roles as string[]).push("admin");
      callback(null, TokenResult.roles?.join());
    },
    options,
  );
  const asked = service.requests.length;
  const context = fakeContext({ ...service.variables(), ...variables });
  const reply = await callFunction(prepared, { context, event: { Token } });
  if (reply.status === 200) assert.equal(reply.body, "agent,admin");
  return [reply.status, service.requests.length - asked];
}

test("a valid token is checked once a minute", async () => {
  const clock = useFakeClock({ manual: true });
  try {
    const token = service.issue();
    assert.deepEqual(await call(token), [200, 1]);
    assert.deepEqual(await call(token), [200, 0]);
    await clock.advance(59_999);
    assert.deepEqual(await call(token), [200, 0]);
    await clock.advance(1);
    assert.deepEqual(await call(token), [200, 1]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a token is cached at most until it expires, for a minute, or as long as the author says", async () => {
  const clock = useFakeClock({ manual: true });
  try {
    const short = service.issue({ expiresInSeconds: 10 });
    await call(short);
    await clock.advance(10_000);
    assert.deepEqual(await call(short), [403, 1]);
    const long = service.issue();
    await call(long, { cacheTokens: { seconds: 3_600 } });
    await clock.advance(60_000);
    assert.deepEqual(await call(long, { cacheTokens: { seconds: 3_600 } }), [200, 1]);
    const own = service.issue();
    await call(own, { cacheTokens: { seconds: 5 } });
    await clock.advance(5_000);
    assert.deepEqual(await call(own), [200, 1]);
  } finally {
    clock[Symbol.dispose]();
  }
});

test("a refused token and one without an expiration are checked each time", async () => {
  assert.deepEqual(await call("unknown"), [403, 1]);
  assert.deepEqual(await call("unknown"), [403, 1]);
  service.answerWith(200, { valid: true, roles: ["agent"] }, 2);
  assert.deepEqual(await call("endless"), [200, 1]);
  assert.deepEqual(await call("endless"), [200, 1]);
});

test("tokens are cached per account, and roles are checked each time", async () => {
  const token = service.issue();
  await call(token);
  assert.deepEqual(await call(token, { cacheTokens: true }, { AUTH_TOKEN: "wrong" }), [403, 1]);
  assert.deepEqual(await call(token, { cacheTokens: true, roles: ["admin"] }), [403, 0]);
  assert.deepEqual(await call(token, {}), [200, 1]);
});
