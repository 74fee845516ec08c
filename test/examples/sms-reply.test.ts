import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "../offhook-process.ts";

let offhook: OffhookProcess;
before(async () => void (offhook = await startOffhook("examples/sms-reply")));
after(() => offhook.stop());

async function textMessage(Body: string): Promise<string> {
  const body = new URLSearchParams({ From: "+12025550123", To: "+12025550147", Body });
  const reply = await fetch(`${offhook.url}/sms`, { method: "POST", body });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers.get("content-type"), "text/xml; charset=utf-8");
  return await reply.text();
}

test("a keyword gets its answer, whatever its case", async () => {
  for (const body of ["hours", "HOURS", " Hours "]) {
    assert.match(await textMessage(body), /<Message>We are open from 9 to 17, Monday to Friday\.<\/Message>/);
  }
});

test("anything else gets the list of keywords", async () => {
  for (const body of ["hello?", "", "constructor"]) {
    assert.match(await textMessage(body), /Text one of these words: hours, where, menu\./);
  }
});
