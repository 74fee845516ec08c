import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/cookies")));
after(() => offhook.stop());

/** Sends a message as Twilio does, with the cookies that the last reply set. */
async function send(cookie: string): Promise<{ text: string; cookie: string }> {
  const reply = await fetch(`${offhook.url}/count`, {
    method: "POST",
    body: new URLSearchParams({ Body: "hi" }),
    headers: cookie === "" ? {} : { cookie },
  });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("content-type"), "text/xml");
  const [set = ""] = reply.headers.getSetCookie();
  assert.match(set, /;HttpOnly;Secure$/);
  return { text: await reply.text(), cookie: set.split(";")[0] ?? "" };
}

test("a conversation is counted, and each has its own count", async () => {
  const first = await send("");
  assert.match(first.text, /Hello, stranger/);
  const second = await send(first.cookie);
  assert.match(second.text, /message number 2/);
  const third = await send(second.cookie);
  assert.match(third.text, /message number 3/);
  assert.match((await send("")).text, /Hello, stranger/);
});

test("the count can be forgotten", async () => {
  const reply = await fetch(`${offhook.url}/forget`, { headers: { cookie: "count=2" } });
  assert.equal(reply.status, 204);
  assert.deepEqual(reply.headers.getSetCookie(), ["count=;Max-Age=0;HttpOnly;Secure"]);
});
