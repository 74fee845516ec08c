/** Contract 1.3, with the decisions of 2.2: `prepareStudioFunction`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareStudioFunction, type PreparedHandler, type StudioFunctionOptions } from "@offhook/helpers";
import { callFunction, fakeContext } from "@offhook/helpers/testing";
import { installGlobalsForAll, listenToConsole } from "../surroundings.ts";

const context = fakeContext({ PATH: "/fruit" });

installGlobalsForAll();

/** Header names in their exact spelling and order. */
const corsHeaders = [
  ["Access-Control-Allow-Origin", "*"],
  ["Access-Control-Allow-Methods", "GET,POST,OPTIONS"],
  ["Content-Type", "application/json"],
  ["Access-Control-Allow-Headers", "Content-Type"],
];

interface Payload {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Runs a prepared function until its callback. */
async function payloadOf(
  handler: PreparedHandler<Record<string, string>>,
  event: object = {},
  required: readonly string[] = [],
  options?: StudioFunctionOptions,
): Promise<Payload> {
  const reply = await callFunction(prepareStudioFunction(required, handler, options), { context, event });
  assert.equal(reply.callbackCount, 1);
  return reply.payload as Payload;
}

test("the handler gets a response with headers for browsers, status 200 and no body", async () => {
  const { statusCode, headers, body } = await payloadOf((_context, _event, callback, response) =>
    callback(null, response),
  );
  assert.equal(statusCode, 200);
  assert.deepEqual(Object.entries(headers), corsHeaders);
  assert.equal(body, null);
});

test("the handler gets context, event and callback, and its return value is returned", () => {
  const event = { a: "1" };
  const given: unknown[] = [];
  const prepared = prepareStudioFunction(["a"], (...all) => {
    given.push(...all);
    return "returned";
  });
  assert.equal(
    prepared(context, event, () => assert.fail("nobody calls back")),
    "returned",
  );
  assert.equal(given.length, 5);
  assert.equal(given[0], context);
  assert.equal(given[1], event);
});

test("the handler starts in the same turn, and its promise is awaited", async () => {
  const order: string[] = [];
  const prepared = prepareStudioFunction([], async () => {
    order.push("handler");
    return "later";
  });
  const promise: unknown = prepared(context, {}, () => undefined);
  order.push("after");
  assert.deepEqual(order, ["handler", "after"]);
  assert.equal(await promise, "later");
});

test("a missing parameter is a 400, and the handler does not run", async (t) => {
  const lines = listenToConsole(t);
  const { statusCode, headers, body } = await payloadOf(() => assert.fail("not to run"), { b: "1" }, ["a", "b", "c"]);
  assert.equal(statusCode, 400);
  assert.deepEqual(Object.entries(headers), corsHeaders);
  assert.equal(JSON.stringify(body), '{"data":null,"message":"(/fruit) Missing a(/fruit) Missing c"}');
  assert.deepEqual(lines, ["error: (/fruit) invalid parameters passed"]);
});

test("the callback's return value is returned", (t) => {
  const refused = prepareStudioFunction(["a"], () => undefined);
  const handled = prepareStudioFunction([], (_context, _event, _callback, _response, handleError) => handleError("no"));
  listenToConsole(t);
  for (const prepared of [refused, handled])
    assert.equal(
      prepared(context, {}, () => "of the platform"),
      "of the platform",
    );
});

test("handleError replies with a 500 and the error's message, even if the error has another status", async (t) => {
  const lines = listenToConsole(t);
  const error = Object.assign(new TypeError("is no fruit"), { status: 404 });
  const { statusCode, headers, body } = await payloadOf((_context, _event, _callback, response, handleError) => {
    response.setStatusCode(201);
    response.setBody("half done");
    response.appendHeader("X-Fruit", "apple");
    return handleError(error);
  });
  assert.equal(statusCode, 500);
  assert.equal(JSON.stringify(body), '{"success":false,"message":"TypeError: is no fruit"}');
  assert.deepEqual(Object.entries(headers), [...corsHeaders, ["X-Fruit", "apple"]]);
  assert.deepEqual(lines, ["error: (/fruit) Unexpected error occurred: TypeError: is no fruit"]);
});

for (const [error, message] of [
  [undefined, "undefined"],
  [null, "null"],
  ["text", "text"],
  [7, "7"],
  [{}, "[object Object]"],
  [Object.create(null), "[object Object]"],
] as const) {
  test(`handleError accepts ${message} as well`, async (t) => {
    listenToConsole(t);
    const { statusCode, body } = await payloadOf((_context, _event, _callback, _response, handleError) =>
      handleError(error),
    );
    assert.equal(statusCode, 500);
    assert.deepEqual(body, { success: false, message });
  });
}

for (const [how, handler] of [
  [
    "throws",
    () => {
      throw new Error("dropped");
    },
  ],
  ["rejects", () => Promise.reject(new Error("dropped"))],
] as const) {
  test(`a handler that ${how} gets the reply of handleError, with headers for browsers`, async (t) => {
    const lines = listenToConsole(t);
    const { statusCode, headers, body } = await payloadOf(handler);
    assert.equal(statusCode, 500);
    assert.deepEqual(Object.entries(headers), corsHeaders);
    assert.deepEqual(body, { success: false, message: "Error: dropped" });
    assert.deepEqual(lines, ["error: (/fruit) Unexpected error occurred: Error: dropped"]);
  });

  test(`a handler that ${how} after its callback is logged, and calls back once`, async (t) => {
    const lines = listenToConsole(t);
    const payload: unknown = await payloadOf((_context, _event, callback) => {
      callback(null, "done");
      return handler();
    });
    assert.equal(payload, "done");
    assert.deepEqual(lines, ["error: (/fruit) Unexpected error occurred after the callback: Error: dropped"]);
  });
}

test("a callback that throws is not called again", (t) => {
  const lines = listenToConsole(t);
  let calls = 0;
  const prepared = prepareStudioFunction([], (_context, _event, callback) => callback(null, "done"));
  prepared(context, {}, () => {
    calls += 1;
    throw new Error("broken pipe");
  });
  assert.equal(calls, 1);
  assert.deepEqual(lines, ["error: (/fruit) Unexpected error occurred after the callback: Error: broken pipe"]);
});

test("only the first call of the callback counts", async () => {
  const payload: unknown = await payloadOf((_context, _event, callback) => {
    callback(null, "first");
    callback(null, "second");
  });
  assert.equal(payload, "first");
});

test("without a list of parameters each request is a 500", async (t) => {
  listenToConsole(t);
  const prepared = prepareStudioFunction(undefined as never as string[], () => assert.fail("not to run"));
  const reply = await callFunction(prepared, { context });
  assert.equal(reply.status, 500);
});

test("without the platform's globals, the error says how to install them", (t) => {
  const platform = globalThis as { Twilio?: unknown };
  const { Twilio } = platform;
  t.after(() => (platform.Twilio = Twilio));
  platform.Twilio = undefined;
  const prepared = prepareStudioFunction([], () => undefined);
  assert.throws(() => prepared(context, {}, () => undefined), /installGlobals\(\) of @offhook\/helpers\/testing/);
});
