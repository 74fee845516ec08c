import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { callFunction, fakeContext, TwilioResponse } from "@offhook/helpers/testing";
import type { FunctionCallback } from "@offhook/helpers/testing";

const { twiml } = createRequire(import.meta.url)("twilio") as {
  twiml: { VoiceResponse: new () => { say(text: string): void; toString(): string } };
};

/** A function that calls back with this payload. */
function answering(payload?: unknown, error: unknown = null) {
  return (_context: unknown, _event: unknown, callback: FunctionCallback) => void callback(error, payload);
}

const voice = new twiml.VoiceResponse();
voice.say("Hello");

for (const [what, payload, type, body] of [
  ["a string", "Grüße", "text/plain; charset=utf8", "Grüße"],
  ["a string that looks like XML", "<Response/>", "text/plain; charset=utf8", "<Response/>"],
  ["an empty string", "", "text/plain; charset=utf8", ""],
  ["an object", { a: [1] }, "application/json", '{"a":[1]}'],
  ["a list", [1, 2], "application/json", "[1,2]"],
  ["a boolean", true, "application/json", "true"],
  ["a number", 42, "application/json", "42"],
  ["TwiML", voice, "text/xml; charset=utf-8", String(voice)],
  ["nothing", undefined, undefined, ""],
  ["null", null, undefined, ""],
] as const) {
  test(`${what} gets the same reply as on the platform`, async () => {
    const reply = await callFunction(answering(payload));
    assert.equal(reply.status, 200);
    assert.equal(reply.headers["content-type"], type);
    assert.equal(reply.body, body);
    assert.equal(reply.payload, payload);
    assert.equal(reply.error, undefined);
    assert.equal(reply.callbackCount, 1);
  });
}

test("a Twilio.Response sets the reply", async () => {
  const response = new TwilioResponse().setStatusCode(418).setBody({ a: 1 });
  response.appendHeader("X-List", "a").appendHeader("X-List", "b").appendHeader("Content-Type", "application/json");
  const reply = await callFunction(answering(response));
  assert.equal(reply.status, 418);
  assert.deepEqual(reply.headers, { "x-list": ["a", "b"], "content-type": "application/json" });
  assert.deepEqual(reply.json(), { a: 1 });
  assert.equal(reply.payload, response);
});

for (const [what, body, type, text] of [
  ["text", "x", "application/octet-stream", "x"],
  ["an object", { a: 1 }, "application/json", '{"a":1}'],
  ["nothing", null, undefined, ""],
] as const) {
  test(`a Twilio.Response with ${what} and no content type gets the platform's default`, async () => {
    const reply = await callFunction(answering(new TwilioResponse().setBody(body)));
    assert.equal(reply.headers["content-type"], type);
    assert.equal(reply.body, text);
  });
}

test("bytes stay unchanged", async () => {
  const audio = Buffer.from([0, 255, 128]);
  const response = new TwilioResponse({ body: audio, headers: { "content-type": "audio/mpeg" } });
  const reply = await callFunction(answering(response));
  assert.deepEqual([...reply.bytes], [0, 255, 128]);
  assert.equal(reply.headers["content-type"], "audio/mpeg");
});

test("cookies are sent as the platform sends them", async () => {
  const response = new TwilioResponse();
  response.setCookie("a", "1", ["SameSite=Lax", "Domain=example.com", "Max-Age=86400"]).setCookie("b", "2");
  const reply = await callFunction(answering(response));
  assert.deepEqual(reply.headers["set-cookie"], [
    "a=1;SameSite=Lax;Max-Age=86400;HttpOnly;Secure",
    "b=2;HttpOnly;Secure",
  ]);
  const tooOld = await callFunction(answering(new TwilioResponse().setCookie("a", "1", ["Max-Age=86401"])));
  assert.equal(tooOld.status, 400);
  assert.equal(tooOld.body, "Cookies max-age cannot be greater than a day");
});

test("an error that is passed to callback is a 500 with that error", async () => {
  const error = new TypeError("no such worker");
  const reply = await callFunction(answering("unused", error));
  assert.equal(reply.status, 500);
  assert.equal(reply.error, error);
  assert.deepEqual(reply.json(), { name: "TypeError", message: "no such worker" });
  const text = await callFunction(answering(undefined, "broken"));
  assert.deepEqual([text.status, text.body, text.error], [500, "broken", "broken"]);
  assert.equal((await callFunction(answering("fine", ""))).status, 200);
});

test("a payload that cannot be sent is a 500 with the reason", async () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  for (const payload of [circular, 1n, () => {}, new TwilioResponse().setStatusCode(99)]) {
    const reply = await callFunction(answering(payload));
    assert.equal(reply.status, 500);
    assert.ok(reply.error instanceof Error);
  }
});

test("json() shows a body that is not JSON", async () => {
  const reply = await callFunction(answering("<html>"));
  assert.throws(() => reply.json(), /not JSON: <html>/);
});

test("an error that the handler throws before callback rejects callFunction()", async () => {
  const error = new Error("mine");
  const throwing = () => {
    throw error;
  };
  for (const handler of [throwing, () => Promise.reject(error)]) {
    await assert.rejects(callFunction(handler), (thrown) => thrown === error);
  }
});

test("an error after callback does not change the reply, and is in errorAfterCallback", async () => {
  const error = new Error("late");
  const reply = await callFunction(async (_context, _event, callback: FunctionCallback) => {
    callback(null, "first");
    callback(null, "second");
    throw error;
  });
  assert.equal(reply.body, "first");
  assert.equal(reply.callbackCount, 2);
  assert.equal(reply.errorAfterCallback, error);
});

test("a function that never calls back is an error that says what the handler did", async () => {
  const timeoutMs = 1;
  await assert.rejects(
    callFunction(async () => "data", { timeoutMs }),
    /within 1 ms: its handler has ended with a string, which platforms ignore/,
  );
  await assert.rejects(
    callFunction(() => new Promise(() => {}), { timeoutMs }),
    /its handler is still waiting/,
  );
  await assert.rejects(
    callFunction(() => undefined, { timeoutMs }),
    /its handler has returned$/,
  );
});

test("the time limit uses real time, even if the test's timers are fake", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "setImmediate"] });
  await assert.rejects(
    callFunction(() => undefined, { timeoutMs: 1 }),
    /did not call back/,
  );
  assert.equal((await callFunction(answering("x"))).body, "x");
});

test("the handler gets the given context and event", async () => {
  const context = fakeContext({ A: "1" });
  const event = { request: { headers: {}, cookies: {} } };
  let got: unknown[] = [];
  const handler = (...args: [unknown, unknown, FunctionCallback]) => {
    got = args;
    args[2]();
  };
  await callFunction(handler, { context, event });
  assert.equal(got[0], context);
  assert.equal(got[1], event);
  await callFunction(handler, { context: { A: "2" }, event: { b: "3" } });
  assert.equal((got[0] as Record<string, unknown>)["A"], "2");
  assert.equal(typeof (got[0] as { getTwilioClient: unknown }).getTwilioClient, "function");
  assert.deepEqual(got[1], { request: { headers: {}, cookies: {} }, b: "3" });
});

test("callFunction() accepts a module, and one without a handler is an error", async () => {
  const handler = answering("x");
  assert.equal((await callFunction({ handler })).body, "x");
  assert.equal((await callFunction({ default: { handler } })).body, "x");
  await assert.rejects(callFunction({ default: {} } as never), /Missing handler/);
});
