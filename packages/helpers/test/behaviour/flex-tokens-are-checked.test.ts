/** Contract 1.4, with the decisions of 2.2: the checks of `prepareFlexFunction`. */
import assert from "node:assert/strict";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { after, before, test, type TestContext } from "node:test";
import { prepareFlexFunction, type FlexFunctionOptions } from "@offhook/helpers";
import {
  callFunction,
  fakeContext,
  startTokenService,
  useFakeClock,
  type FunctionReply,
  type TokenService,
} from "@offhook/helpers/testing";
import { installGlobalsForAll, listen, listenToConsole, freeUrl, serveSockets } from "../surroundings.ts";

installGlobalsForAll();
let service: TokenService;
before(async () => void (service = await startTokenService()));
after(() => service.close());

const identity = { identity: "ada", roles: ["agent"], workerSid: `WK${"1".repeat(32)}` };

interface Call {
  readonly event?: object;
  readonly context?: object;
  readonly required?: readonly string[];
  readonly options?: FlexFunctionOptions;
}

/** A function that replies with the caller's data. */
async function call({ event, context, required = [], options }: Call): Promise<FunctionReply> {
  const prepared = prepareFlexFunction(
    required,
    (_context, { TokenResult }, callback, response) => {
      response.setBody({ TokenResult });
      return callback(null, response);
    },
    options,
  );
  const reply = await callFunction(prepared, {
    context: fakeContext({ PATH: "/fruit", ...service.variables(), ...context }),
    event: { ...event },
  });
  assert.equal(reply.callbackCount, 1);
  return reply;
}

/** Byte for byte, because code in browsers depends on it. */
function assertDenied(reply: FunctionReply, body: unknown): void {
  const { statusCode, headers, body: given } = reply.payload as Record<string, unknown>;
  assert.equal(statusCode, 403);
  assert.deepEqual(Object.entries(headers as object), [
    ["Access-Control-Allow-Origin", "*"],
    ["Access-Control-Allow-Methods", "OPTIONS, POST, GET"],
    ["Access-Control-Allow-Headers", "Content-Type"],
    ["Content-Type", "plain/text"],
  ]);
  assert.equal(given, body);
}

/** A token service that always sends this answer. @returns the variables for it. */
async function serviceThat(t: TestContext, answer: RequestListener): Promise<Record<string, string>> {
  const server = createHttpServer(answer);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { OFFHOOK_TOKEN_SERVICE_URL: await listen(server) };
}

function answering(status: number, body: string): RequestListener {
  return (_request, response) => response.writeHead(status).end(body);
}

test("a valid token is accepted, and event.TokenResult has the caller's data", async () => {
  const Token = service.issue(identity);
  const reply = await call({ event: { Token, TokenResult: "made up" } });
  assert.equal(reply.status, 200);
  const { TokenResult } = reply.json() as { TokenResult: Record<string, unknown> };
  assert.equal(TokenResult["valid"], true);
  assert.equal(TokenResult["identity"], "ada");
  assert.deepEqual(TokenResult["roles"], ["agent"]);
  assert.equal(TokenResult["worker_sid"], identity.workerSid);
  assert.equal(reply.headers["access-control-allow-methods"], "GET,POST,OPTIONS");
});

test("the request to the token service has the documented form", async (t) => {
  const asked: unknown[] = [];
  const variables = await serviceThat(t, (request, response) => {
    const { method, url, headers } = request;
    request.setEncoding("utf8").on("data", (body: string) => {
      asked.push({ method, url, body, length: headers["content-length"], type: headers["content-type"] });
      asked.push(headers["authorization"], headers["cache-control"]);
      response.end('{"valid":true}');
    });
  });
  const context = { ...variables, ACCOUNT_SID: "AC1", AUTH_TOKEN: "secret" };
  assert.equal((await call({ event: { Token: "grüße" }, context })).status, 200);
  assert.deepEqual(asked, [
    {
      method: "POST",
      url: "/v1/Accounts/AC1/Tokens/validate",
      body: '{"token":"grüße"}',
      length: String(Buffer.byteLength('{"token":"grüße"}')),
      type: "application/json",
    },
    `Basic ${Buffer.from("AC1:secret").toString("base64")}`,
    "no-cache",
  ]);
});

test("without the account's credentials, every request is refused and the service is not called", () => {
  for (const missing of [{ ACCOUNT_SID: undefined }, { AUTH_TOKEN: undefined }, { AUTH_TOKEN: "", API_KEY: "SK1" }]) {
    const prepared = prepareFlexFunction([], () => assert.fail("not to run"));
    let payload: unknown;
    const context = fakeContext({ ...service.variables(), ...missing });
    const asked = service.requests.length;
    // Synchronously, without a promise.
    assert.equal(
      prepared(context, { Token: "t" }, (_error, given) => (payload = given)),
      undefined,
    );
    assertDenied(
      { payload } as FunctionReply,
      "Unauthorized: AccountSid or AuthToken was not provided. For more information, please visit https://twilio.com/console/runtime/functions/configure",
    );
    assert.equal(service.requests.length, asked);
  }
});

test("an API key is used if there is no auth token", async (t) => {
  let authorization: string | undefined;
  const variables = await serviceThat(t, (request, response) => {
    ({ authorization } = request.headers);
    response.end('{"valid":true}');
  });
  const context = { ...variables, AUTH_TOKEN: undefined, API_KEY: "SK1", API_SECRET: "secret" };
  assert.equal((await call({ event: { Token: "t" }, context })).status, 200);
  assert.equal(authorization, `Basic ${Buffer.from("SK1:secret").toString("base64")}`);
});

test("without a token, the reply is a 403 and the service is not called", async () => {
  const asked = service.requests.length;
  for (const event of [{}, { Token: "" }, { token: "t" }, { request: { headers: { authorization: "Bearer t" } } }]) {
    assertDenied(await call({ event, required: ["fruit"] }), "Unauthorized: Token was not provided");
  }
  assert.equal(service.requests.length, asked);
});

test("an invalid token is a 403 with the service's message, before parameters are checked", async (t) => {
  for (const [status, body, told] of [
    [200, '{"valid":false,"message":"expired"}', "expired"],
    [200, '{"valid":false}', undefined],
    [200, '{"valid":false,"message":null}', null],
    [200, "{}", undefined],
    [401, '{"message":"Authenticate","code":20003}', "Authenticate"],
    [403, '{"valid":true,"message":"Forbidden"}', "The token service answered with status 403"],
    [500, '{"valid":true}', "The token service answered with status 500"],
    [302, '{"valid":true}', "The token service answered with status 302"],
  ] as const) {
    const context = await serviceThat(t, answering(status, body));
    assertDenied(await call({ event: { Token: "t" }, context, required: ["fruit"] }), told);
  }
});

test("an unusable answer of the service is a 403", async (t) => {
  for (const body of ["<html>", "", '{"valid":', "null"]) {
    const context = await serviceThat(t, answering(200, body));
    let told: string | undefined;
    try {
      JSON.parse(body);
    } catch (error) {
      told = (error as Error).message;
    }
    assertDenied(await call({ event: { Token: "t" }, context }), told);
  }
});

test("an unreachable service is a 403, and is called once", async (t) => {
  let asked = 0;
  const hangsUp = await serviceThat(t, (request) => {
    asked += 1;
    request.socket.destroy();
  });
  assertDenied(await call({ event: { Token: "t" }, context: hangsUp }), "socket hang up");
  assert.equal(asked, 1);
  const url = await freeUrl();
  const reply = await call({ event: { Token: "t" }, context: { OFFHOOK_TOKEN_SERVICE_URL: url } });
  assertDenied(reply, `connect ECONNREFUSED ${new URL(url).host}`);
});

test("a connection that was closed while idle is not a reason to refuse", async (t) => {
  const sockets = new Set<object>();
  const variables = await serviceThat(t, (request, response) => {
    // The second request uses a connection that the service is closing.
    if (sockets.has(request.socket)) request.socket.resetAndDestroy();
    else response.end('{"valid":true}');
    sockets.add(request.socket);
  });
  for (let i = 0; i < 2; i += 1) assert.equal((await call({ event: { Token: "t" }, context: variables })).status, 200);
  assert.equal(sockets.size, 2);
});

test("waiting for a silent service ends within the invocation's time", async (t) => {
  const clock = useFakeClock({ manual: true });
  try {
    const arrived = Promise.withResolvers<void>();
    const variables = await serviceThat(t, () => arrived.resolve());
    const context = { ...variables, remainingMs: 3_000 };
    const reply = call({ event: { Token: "t" }, context });
    await arrived.promise;
    await clock.advance(2_499);
    let hasAnswered = false;
    void reply.then(() => (hasAnswered = true));
    await clock.advance(0);
    assert.equal(hasAnswered, false);
    await clock.advance(1);
    assertDenied(await reply, "The token service did not answer within 2500 ms");
  } finally {
    clock[Symbol.dispose]();
  }
});

test("waiting for a service that sends no HTTP answer ends in time, too", async (t) => {
  const clock = useFakeClock({ manual: true });
  try {
    const left = Promise.withResolvers<void>();
    const url = await serveSockets(t, (socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 101 Over\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n"));
      socket.once("close", () => left.resolve());
    });
    const reply = call({ event: { Token: "t" }, context: { OFFHOOK_TOKEN_SERVICE_URL: url, remainingMs: 3_000 } });
    await left.promise;
    await clock.advance(2_500);
    assertDenied(await reply, "The token service did not answer within 2500 ms");
  } finally {
    clock[Symbol.dispose]();
  }
});

test("an endless answer is cut off", async (t) => {
  const variables = await serviceThat(t, (_request, response) => {
    const more = (): void => {
      while (response.write("x".repeat(100_000)));
      response.once("drain", more);
    };
    more();
  });
  assertDenied(await call({ event: { Token: "t" }, context: variables }), "The token service's answer is too long");
});

test("after the token, parameters are checked, then the handler runs", async (t) => {
  const lines = listenToConsole(t);
  const Token = service.issue(identity);
  const reply = await call({ event: { Token }, required: ["fruit"] });
  assert.equal(reply.status, 400);
  assert.deepEqual(reply.json(), { data: null, message: "(/fruit) Missing fruit" });
  assert.deepEqual(lines, ["error: (/fruit) invalid parameters passed"]);
});

test("a handler that fails is a 500 that browsers can read, not a 403", async (t) => {
  const lines = listenToConsole(t);
  const Token = service.issue(identity);
  const context = fakeContext({ PATH: "/fruit", ...service.variables() });
  for (const handler of [
    () => Promise.reject(new Error("dropped")),
    () => {
      throw new Error("dropped");
    },
  ]) {
    const reply = await callFunction(prepareFlexFunction([], handler), { context, event: { Token } });
    assert.equal(reply.status, 500);
    assert.equal(reply.headers["access-control-allow-origin"], "*");
    assert.deepEqual(reply.json(), { success: false, message: "Error: dropped" });
    assert.equal(reply.callbackCount, 1);
  }
  assert.equal(lines.length, 2);
});

test("the token is checked for every request", async () => {
  const Token = service.issue(identity);
  const asked = service.requests.length;
  for (let i = 0; i < 3; i += 1) await call({ event: { Token } });
  assert.equal(service.requests.length, asked + 3);
});

for (const [region, host] of [
  [undefined, "iam.twilio.com"],
  ["ie1", "iam.ie1.twilio.com"],
  ["au1-sydney", "iam.au1.twilio.com"],
] as const) {
  test(`the service of the region ${region ?? "(none)"} is ${host}`, async () => {
    const https = await import("node:https");
    const asked: string[] = [];
    const original = https.default.request;
    https.default.request = ((target: URL) => {
      asked.push(target.href);
      throw new Error("not in a test");
    }) as never;
    try {
      const context = { OFFHOOK_TOKEN_SERVICE_URL: undefined, TWILIO_REGION: region, ACCOUNT_SID: "AC1" };
      assertDenied(await call({ event: { Token: "t" }, context }), "not in a test");
    } finally {
      https.default.request = original;
    }
    assert.deepEqual(asked, [`https://${host}/v1/Accounts/AC1/Tokens/validate`]);
  });
}

test("denyFormat json sends JSON instead of plain text", async () => {
  const reply = await call({ options: { denyFormat: "json" } });
  assert.equal(reply.status, 403);
  assert.equal(reply.headers["content-type"], "application/json");
  assert.deepEqual(reply.json(), { success: false, message: "Unauthorized: Token was not provided" });
});

test("bearer: true accepts the token in the Authorization header", async () => {
  const request = { headers: { authorization: `Bearer ${service.issue(identity)}` }, cookies: {} };
  const reply = await call({ event: { request }, options: { bearer: true } });
  assert.equal(reply.status, 200);
  // Browsers send a preflight request first.
  assert.equal(reply.headers["access-control-allow-headers"], "Content-Type, Authorization");
  for (const authorization of ["", "Bearer ", "Basic abc", "Bearer a b", "bearertoken"]) {
    const refused = await call({ event: { request: { headers: { authorization } } }, options: { bearer: true } });
    assert.equal(refused.body, "Unauthorized: Token was not provided");
  }
  for (const parameter of ["1", null, { headers: null }]) {
    const refused = await call({ event: { request: parameter }, options: { bearer: true } });
    assert.equal(refused.body, "Unauthorized: Token was not provided");
  }
  const first = await call({ event: { request, Token: "unknown" }, options: { bearer: true } });
  assert.equal(first.status, 403, "the parameter comes first");
});

test("one of the roles is enough, and without any the reply is a 403", async () => {
  const options = { roles: ["admin", "supervisor"] };
  const supervisor = service.issue({ ...identity, roles: ["agent", "supervisor"] });
  assert.equal((await call({ event: { Token: supervisor }, options })).status, 200);
  const agent = service.issue(identity);
  assertDenied(
    await call({ event: { Token: agent }, options }),
    "Forbidden: this requires the role admin or supervisor",
  );
  assertDenied(
    await call({ event: { Token: supervisor }, options: { roles: [] } }),
    "Forbidden: this requires the role ",
  );
});

test("a token whose answer has no roles is refused", async (t) => {
  for (const roles of ["", ',"roles":null', ',"roles":"admin"', ',"roles":{"0":"admin"}']) {
    const context = await serviceThat(t, answering(200, `{"valid":true${roles}}`));
    const reply = await call({ event: { Token: "t" }, context, options: { roles: ["admin"] } });
    assertDenied(reply, "Forbidden: this requires the role admin");
  }
});

test("the log has the reason of a refusal, and never the token", async (t) => {
  const lines = listenToConsole(t);
  await call({ event: { Token: "secret-token" } });
  await call({ event: {} });
  await call({ event: { Token: service.issue(identity) }, options: { roles: ["admin"] } });
  const unreachable = { OFFHOOK_TOKEN_SERVICE_URL: await freeUrl() };
  await call({ event: { Token: "secret-token" }, context: unreachable });
  await call({ event: { Token: "secret-token" }, context: await serviceThat(t, answering(200, '{"valid":false}')) });
  await call({ event: { Token: "secret-token" }, context: { ACCOUNT_SID: undefined } });
  const expected = [
    /^warn: \(\/fruit\) Flex token refused: .+/,
    /^warn: \(\/fruit\) Flex token refused: Unauthorized: Token was not provided$/,
    /^warn: \(\/fruit\) Flex token refused: Forbidden: .+ admin$/,
    /^warn: \(\/fruit\) Flex token refused: .*ECONNREFUSED/,
    /^warn: \(\/fruit\) Flex token refused: the token service gave no reason$/,
    /^warn: \(\/fruit\) Flex token refused: Unauthorized: AccountSid or AuthToken was not provided/,
  ];
  assert.equal(lines.length, expected.length, lines.join("\n"));
  expected.forEach((pattern, i) => assert.match(lines[i] ?? "", pattern));
  assert.doesNotMatch(lines.join("\n"), /secret-token/);
});
