import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/protected-webhook")));
after(() => offhook.stop());

const parameters = { MessageSid: "SM1", MessageStatus: "delivered" };

function post(signature?: string): Promise<Response> {
  return fetch(`${offhook.url}/webhook`, {
    method: "POST",
    body: new URLSearchParams(parameters),
    headers: signature === undefined ? {} : { "x-twilio-signature": signature },
  });
}

function sign(token: string): string {
  const signed = `${offhook.url}/webhook${Object.entries(parameters).flat().join("")}`;
  return createHmac("sha1", token).update(signed).digest("base64");
}

test("without a signature, or with a wrong one, the function does not run", async () => {
  for (const signature of [undefined, "nonsense", sign("another token")]) {
    const reply = await post(signature);
    assert.equal(reply.status, 403);
    assert.equal(reply.headers.get("x-offhook-error"), "signature-invalid");
    assert.equal(await reply.text(), "Twilio Request Validation Failed");
  }
  assert.equal(
    offhook.log.some((line) => line["event"] === "output"),
    false,
  );
});

test("a signed call is answered, and what the function prints is in the log", async () => {
  const reply = await post(sign("not-a-real-token"));
  assert.equal(reply.status, 200);
  assert.deepEqual(await reply.json(), { received: "delivered" });
  const line = await offhook.logged((one) => one["event"] === "output");
  assert.equal(line["message"], "Message SM1 is delivered");
});
