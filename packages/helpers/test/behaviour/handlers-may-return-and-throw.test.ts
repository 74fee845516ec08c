import assert from "node:assert/strict";
import { test } from "node:test";
import twilio from "twilio";
import { HttpError, memoryStore, prepareStudioFunction, type Failure, type PreparedHandler } from "@offhook/helpers";
import { callFunction, fakeContext, TwilioResponse, type FunctionReply } from "@offhook/helpers/testing";
import { installGlobalsForAll, listenToConsole } from "../surroundings.ts";

installGlobalsForAll();

async function call(handler: PreparedHandler<object>, returnsData = true): Promise<FunctionReply> {
  const reply = await callFunction(prepareStudioFunction([], handler, { returnsData }), {
    context: fakeContext({ PATH: "/fruit" }),
  });
  assert.equal(reply.callbackCount, 1);
  return reply;
}

for (const [what, data, body] of [
  ["an object", { a: 1 }, '{"a":1}'],
  ["a list", [1, 2], "[1,2]"],
  ["a text", "hello", '"hello"'],
  ["a number", 0, "0"],
  ["false", false, "false"],
  ["null", null, "null"],
] as const) {
  test(`${what} that a handler returns is the reply, as JSON`, async () => {
    for (const handler of [() => data, async () => data]) {
      const reply = await call(handler);
      assert.equal(reply.status, 200);
      assert.equal(reply.headers["content-type"], "application/json");
      assert.equal(reply.headers["access-control-allow-origin"], "*");
      assert.equal(reply.body, body);
    }
  });
}

test("returned data is JSON on platforms that parse text, too, and when the reply is repeated", async () => {
  for (const data of ["hello", 0, false, null, { a: 1 }]) {
    const idempotency = { key: () => "same", store: memoryStore() };
    const prepared = prepareStudioFunction([], () => data, { returnsData: true, idempotency });
    for (let i = 0; i < 2; i += 1) {
      const { payload, body } = await callFunction(prepared, {});
      assert.equal(body, JSON.stringify(data));
      // twilio-run does this if the content type is JSON, whatever the body is.
      assert.equal(JSON.stringify((payload as TwilioResponse).body), JSON.stringify(data));
    }
  }
});

test("a handler that returns nothing replies with an empty 204", async () => {
  const reply = await call(async () => undefined);
  assert.equal(reply.status, 204);
  assert.equal(reply.body, "");
});

test("a returned response or TwiML is sent as it is", async () => {
  const own = await call((_context, _event, _callback, response) => {
    response.setStatusCode(201);
    return response;
  });
  assert.equal(own.status, 201);
  const other = await call(() => new TwilioResponse({ statusCode: 302, headers: { Location: "/a" } }));
  assert.equal(other.headers["location"], "/a");
  const twiml = await call(() => {
    return new twilio.twiml.MessagingResponse();
  });
  assert.match(twiml.headers["content-type"] ?? "", /^text\/xml/);
});

test("the callback may be called instead", async () => {
  assert.equal((await call((_context, _event, callback) => callback(null, "called"))).body, "called");
  const late = await call(async (_context, _event, callback) => {
    await new Promise(setImmediate);
    callback(null, "called");
    return "returned";
  });
  assert.equal(late.body, "called");
});

test("without returnsData, the return value is ignored", async () => {
  const reply = await call((_context, _event, callback) => {
    setImmediate(() => callback(null, "called"));
    return "returned";
  }, false);
  assert.equal(reply.body, "called");
});

test("an HttpError becomes the reply that it describes", async (t) => {
  const lines = listenToConsole(t);
  const reply = await call(async () => {
    throw new HttpError(404, "no such fruit", { headers: { "X-Fruit": "none" } });
  });
  assert.equal(reply.status, 404);
  assert.equal(reply.headers["x-fruit"], "none");
  assert.equal(reply.headers["access-control-allow-origin"], "*");
  assert.deepEqual(reply.json(), { success: false, message: "no such fruit" });
  // A 4xx is a normal reply and is not logged. A 5xx is logged.
  assert.deepEqual(lines, []);
  const own = await call((_context, _event, _callback, _response, handleError) =>
    handleError(new HttpError(502, "shop is closed", { body: { reason: "holiday" } })),
  );
  assert.equal(own.status, 502);
  assert.deepEqual(own.json(), { reason: "holiday" });
  assert.deepEqual(lines, ["error: (/fruit) HttpError: shop is closed"]);
});

test("headers of an HttpError replace existing headers, except cookies", async (t) => {
  listenToConsole(t);
  const reply = await call((_context, _event, _callback, response) => {
    response.appendHeader("x-fruit", "pear");
    response.appendHeader("Set-Cookie", "a=1");
    throw new HttpError(404, "none", {
      body: "no such fruit",
      headers: { "Content-Type": "text/plain", "X-Fruit": "none", "Set-Cookie": "b=2" },
    });
  });
  assert.equal(reply.headers["content-type"], "text/plain");
  assert.equal(reply.headers["x-fruit"], "none");
  assert.deepEqual(reply.headers["set-cookie"], ["a=1;HttpOnly;Secure", "b=2;HttpOnly;Secure"]);
  assert.equal(reply.headers["access-control-allow-origin"], "*");
});

test("HttpError.of() makes the function fail like the call", async () => {
  const failure: Failure = {
    success: false,
    message: "Too many",
    status: 429,
    twilioErrorCode: 20429,
    twilioDocPage: "https://twil.io/20429",
    retryable: true,
    retryAfterSeconds: 7,
  };
  const reply = await call(() => {
    throw HttpError.of(failure);
  });
  assert.equal(reply.status, 429);
  assert.equal(reply.headers["retry-after"], "7");
  assert.deepEqual(reply.json(), {
    success: false,
    message: "Too many",
    twilioDocPage: "https://twil.io/20429",
    twilioErrorCode: 20429,
  });
  assert.equal(HttpError.of({ ...failure, status: 200 }).status, 500);
});

test("HttpError refuses a status outside 400 to 599", () => {
  for (const status of [200, 399, 600, 404.5, Number.NaN]) {
    assert.throws(() => new HttpError(status, "no"), RangeError);
  }
  assert.equal(new HttpError(400, "no", { cause: "why" }).cause, "why");
});
