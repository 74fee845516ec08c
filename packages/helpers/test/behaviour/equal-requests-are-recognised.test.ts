/** Keys of `idempotency`: which requests count as the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryStore, prepareFlexFunction, prepareStudioFunction, twilioEventKey } from "@offhook/helpers";
import {
  callFunction,
  callStatus,
  fakeContext,
  incomingCall,
  incomingMessage,
  messageStatus,
  startTokenService,
} from "@offhook/helpers/testing";
import { installGlobalsForAll } from "../surroundings.ts";

installGlobalsForAll();

test("by default, Twilio's parameters make the key of a webhook", () => {
  const token = { headers: { "i-twilio-idempotency-token": "t1" }, cookies: {} };
  assert.equal(twilioEventKey(incomingMessage({ request: token })), "token t1");
  const message = incomingMessage();
  assert.equal(twilioEventKey(message), `message ${message.MessageSid} received`);
  const [sent, delivered] = ["sent", "delivered"].map((MessageStatus) =>
    twilioEventKey(messageStatus({ MessageSid: message.MessageSid, MessageStatus })),
  );
  assert.notEqual(sent, delivered);
  const call = callStatus();
  assert.equal(twilioEventKey(call), `call ${call.CallSid} completed 3`);
  // The same caller may press the same key twice.
  assert.equal(twilioEventKey(incomingCall()), undefined);
  assert.equal(twilioEventKey({}), undefined);
  // On twilio-run, a parameter named `request` replaces the request.
  for (const request of ["1", null, { headers: null }]) {
    assert.equal(twilioEventKey({ request, MessageSid: "SM1" } as never), "message SM1 ");
  }
});

test("a request without a key always runs", async () => {
  let calls = 0;
  const prepared = prepareStudioFunction(
    [],
    (_context, _event, callback) => {
      calls += 1;
      callback(null, "done");
    },
    { idempotency: true },
  );
  await callFunction(prepared, { event: incomingCall() });
  await callFunction(prepared, { event: incomingCall() });
  assert.equal(calls, 2);
  const message = incomingMessage();
  await callFunction(prepared, { event: message });
  await callFunction(prepared, { event: message });
  assert.equal(calls, 3);
});

test("workers do not share replies", async () => {
  const tokens = await startTokenService();
  try {
    const context = fakeContext(tokens.variables());
    const prepared = prepareFlexFunction(
      [],
      (_context, event, callback) => callback(null, `${event.TokenResult.identity} ${event.TokenResult.worker_sid}`),
      { idempotency: { key: () => "same", store: memoryStore() } },
    );
    // The service's answer identifies the worker.
    for (const worker_sid of ["WK1", "WK2"]) {
      tokens.answerWith(200, { valid: true, worker_sid });
      const reply = await callFunction(prepared, { context, event: { Token: "t" } });
      assert.equal(reply.body, `undefined ${worker_sid}`);
    }
    for (const identity of ["ada", "ben"]) {
      const reply = await callFunction(prepared, {
        context,
        event: { Token: tokens.issue({ identity, workerSid: "WK3" }) },
      });
      assert.equal(reply.body, `${identity} WK3`);
    }
  } finally {
    await tokens[Symbol.asyncDispose]();
  }
});
