/**
 * An isolate checks the limits of a reply before it sends the reply. Code that writes to the isolate's channel skips
 * that check, so the gateway checks again.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

/** Sends a forged reply before the real one, with the id that the isolate is about to use. */
const forge = (reply: string, body = "Buffer.alloc(0)"): string => `
  const write = Buffer.prototype.write;
  Buffer.prototype.write = function (text, ...rest) {
    Buffer.prototype.write = write;
    const { id } = JSON.parse(text);
    const head = Buffer.from(JSON.stringify({ kind: "reply", id, ${reply} }));
    const body = ${body};
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(4 + head.length + body.length, 0);
    prefix.writeUInt32BE(head.length, 4);
    const frame = Buffer.concat([prefix, head, body]);
    for (let at = 0; at < frame.length;) at += require("fs").writeSync(4, frame, at);
    return write.call(this, text, ...rest);
  };
  callback(null, "the real reply");`;

const forgeries = {
  "200,000 headers": [forge(`status: 200, headers: Array(400_000).fill("x")`), 431, "reply-headers-too-long"],
  "91 headers": [forge(`status: 200, headers: Array(182).fill("x")`), 431, "reply-headers-too-long"],
  "a header of a megabyte": [forge(`status: 200, headers: ["x", "y".repeat(2 ** 20)]`), 431, "reply-headers-too-long"],
  "a body beyond the limit": [forge("status: 200, headers: []", "Buffer.alloc(4_200_000)"), 500, "reply-too-large"],
  "a status that HTTP does not have": [forge("status: 999, headers: []"), 500, "reply-status-invalid"],
  "an interim status": [forge("status: 101, headers: []"), 500, "reply-status-invalid"],
  "an invalid header name": [forge(`status: 200, headers: ["x y", "z"]`), 500, "reply-header-invalid"],
  "a header value with a line break": [
    forge(`status: 200, headers: ["x", "y\\r\\nz: 1"]`),
    500,
    "reply-header-invalid",
  ],
  "90 headers, as allowed": [forge(`status: 200, headers: Array(180).fill("x")`), 200, undefined],
} as const;

test("a forged reply with", async (t) => {
  const functions = Object.values(forgeries).map(([code], i) => [`functions/f${i}.js`, code]);
  const site = await serve(t, {
    ...(Object.fromEntries(functions) as Record<string, string>),
    "functions/hello.js": "callback(null, 'hello')",
  });
  for (const [i, [name, [, status, code]]] of Object.entries(forgeries).entries()) {
    await t.test(name, async () => {
      const answer = await site.call(`/f${i}`);
      assert.deepEqual([answer.status, answer.headers["x-offhook-error"]], [status, code]);
      assert.equal((await site.call("/hello")).text, "hello");
    });
  }
});
