import assert from "node:assert/strict";
import { test } from "node:test";
import { fakeContext, startTokenService, useFakeClock, type TokenService } from "@offhook/helpers/testing";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function validate(
  service: TokenService,
  token: unknown,
  { accountSid = "", authToken = "", init = {} }: { accountSid?: string; authToken?: string; init?: RequestInit } = {},
): Promise<Answer> {
  const { ACCOUNT_SID, AUTH_TOKEN, OFFHOOK_TOKEN_SERVICE_URL } = service.variables();
  const credentials = Buffer.from(`${accountSid || ACCOUNT_SID}:${authToken || AUTH_TOKEN}`).toString("base64");
  const response = await fetch(`${OFFHOOK_TOKEN_SERVICE_URL}/v1/Accounts/${ACCOUNT_SID}/Tokens/validate`, {
    method: "POST",
    headers: { authorization: `Basic ${credentials}`, "content-type": "application/json" },
    body: JSON.stringify({ token }),
    ...init,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("an issued token is valid, and the answer has its user", async () => {
  const clock = useFakeClock({ now: 0 });
  try {
    const service = await startTokenService();
    try {
      const workerSid = `WK${"0".repeat(32)}`;
      const token = service.issue({
        identity: "ann",
        roles: ["admin"],
        workerSid,
        realmUserId: "US1",
        expiresInSeconds: 60,
      });
      assert.deepEqual(await validate(service, token), {
        status: 200,
        body: {
          valid: true,
          code: 0,
          message: null,
          expiration: "1970-01-01T00:01:00.000Z",
          realm_user_id: "US1",
          identity: "ann",
          roles: ["admin"],
          worker_sid: workerSid,
        },
      });
    } finally {
      await service[Symbol.asyncDispose]();
    }
  } finally {
    clock[Symbol.dispose]();
  }
});

test("tokens differ, and missing properties get defaults", async () => {
  const service = await startTokenService();
  try {
    const [one, other] = [service.issue(), service.issue()];
    assert.notEqual(one, other);
    const { body } = await validate(service, one);
    assert.deepEqual(body["roles"], ["agent"]);
    assert.match(String(body["worker_sid"]), /^WK[0-9a-f]{32}$/);
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("an unknown or an expired token is not valid, with a message", async () => {
  const clock = useFakeClock();
  try {
    const service = await startTokenService();
    try {
      const token = service.issue({ expiresInSeconds: 10 });
      for (const bad of ["unknown", undefined, service.issue({ expiresInSeconds: -1 })]) {
        const { status, body } = await validate(service, bad);
        assert.equal(status, 200);
        assert.equal(body["valid"], false);
        assert.equal(typeof body["message"], "string");
        assert.notEqual(body["code"], 0);
      }
      assert.equal((await validate(service, token)).body["valid"], true);
      await clock.advance(10_000);
      assert.equal((await validate(service, token)).body["valid"], false);
    } finally {
      await service[Symbol.asyncDispose]();
    }
  } finally {
    clock[Symbol.dispose]();
  }
});

test("wrong credentials are refused, even with a valid token", async () => {
  const service = await startTokenService({ accountSid: "AC1", authToken: "secret" });
  try {
    const token = service.issue();
    const { status, body } = await validate(service, token, { authToken: "wrong" });
    assert.deepEqual([status, body["message"]], [401, "Authenticate"]);
    assert.equal((await validate(service, token)).status, 200);
    assert.equal(service.variables().ACCOUNT_SID, "AC1");
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("an API key is accepted if the service has one, and missing credentials are refused", async () => {
  const service = await startTokenService({ apiKey: "SK1", apiSecret: "secret" });
  try {
    const token = service.issue();
    const status = async (user: string, password: string): Promise<number> =>
      (await validate(service, token, { accountSid: user, authToken: password })).status;
    assert.deepEqual(
      [await status("SK1", "secret"), await status("SK1", "wrong"), await status("", "")],
      [200, 401, 200],
    );
    const keyless = await startTokenService();
    try {
      assert.equal((await validate(keyless, token, { init: { headers: {} } })).status, 401);
    } finally {
      await keyless[Symbol.asyncDispose]();
    }
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("any other URL or method is not found", async () => {
  const service = await startTokenService();
  try {
    assert.equal((await fetch(`${service.url}/v1/Accounts/AC0/Tokens/validate`, { method: "POST" })).status, 404);
    assert.equal((await validate(service, "x", { init: { method: "GET", body: null } })).status, 404);
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("the service's variables match a fake context", async () => {
  const service = await startTokenService();
  try {
    const context = fakeContext({ ...service.variables() });
    assert.deepEqual([context.ACCOUNT_SID, context.AUTH_TOKEN], [fakeContext().ACCOUNT_SID, fakeContext().AUTH_TOKEN]);
    assert.equal(context["OFFHOOK_TOKEN_SERVICE_URL"], service.url);
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("received requests are recorded", async () => {
  const service = await startTokenService();
  try {
    await validate(service, "é");
    const [request] = service.requests;
    assert.equal(service.requests.length, 1);
    assert.equal(request?.method, "POST");
    assert.match(request?.path ?? "", /\/Tokens\/validate$/);
    assert.equal(request?.headers["content-type"], "application/json");
    assert.equal(request?.body, '{"token":"é"}');
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("the test can set the answer to the next requests", async () => {
  const service = await startTokenService();
  try {
    service.answerWith(503, { message: "later" }, 2);
    service.answerWith(200, "<html>");
    const token = service.issue();
    assert.deepEqual(await validate(service, token), { status: 503, body: { message: "later" } });
    assert.equal((await validate(service, token)).status, 503);
    await assert.rejects(validate(service, token), SyntaxError);
    assert.equal((await validate(service, token)).body["valid"], true);
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("the service can close connections, and answers the request after that", async () => {
  const service = await startTokenService();
  try {
    const token = service.issue();
    service.hangUp();
    await assert.rejects(validate(service, token), TypeError);
    assert.equal((await validate(service, token)).body["valid"], true);
    assert.equal(service.requests.length, 2);
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

test("a stalled request ends with the service, which can be closed twice", async () => {
  const service = await startTokenService();
  service.stall();
  const stalled = validate(service, service.issue());
  const other = await validate(service, "x");
  assert.equal(other.body["valid"], false);
  await Promise.all([assert.rejects(stalled, TypeError), service.close()]);
  await service.close();
});
