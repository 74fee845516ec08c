/**
 * Functions write to the channel of their isolate as fast as they can. The gateway spends so little time on these
 * messages that it still serves others.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

/** Length of a flood of messages that the gateway accepts. */
const floodMs = 1_500;
/** Length of a flood that ends the isolate. It is long, because the function may hardly get a processor. */
const endlessMs = 9_000;

/** Writes the frames again and again until the time is over or the pool ends the isolate. */
const flood = (message: string, forMs: number): string => `
  const fs = require("fs");
  const frameOf = (message) => {
    const head = Buffer.from(JSON.stringify(message));
    const frame = Buffer.alloc(8 + head.length);
    frame.writeUInt32BE(4 + head.length, 0);
    frame.writeUInt32BE(head.length, 4);
    head.copy(frame, 8);
    return frame;
  };
  let count = 0;
  const next = () => Buffer.concat(Array.from({ length: 500 }, () => frameOf(${message})));
  let rest = next();
  for (const end = Date.now() + ${forMs}; Date.now() < end;) {
    try {
      rest = rest.subarray(fs.writeSync(4, rest));
      if (rest.length === 0) rest = next();
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
    }
  }
  callback(null, "flooded");`;

/** Messages that make no sense end the isolate. Messages that may make sense only wait. */
const floods = {
  "reports of the same child": ["{ kind: 'spawned', pid: process.pid }", "isolate-crashed"],
  "reports of different children": ["{ kind: 'spawned', pid: 2 + (count++ % 4_000_000) }", "isolate-crashed"],
  "replies to unknown invocations": ["{ kind: 'reply', id: 7, status: 200, headers: [] }", "isolate-crashed"],
  "ready messages": ["{ kind: 'ready' }", "isolate-crashed"],
  "long lists": ["{ kind: 'retracted', ids: new Array(10_000).fill(1) }", "isolate-crashed"],
  "output with long heads": ["{ kind: 'output', id: 0, level: 'info', more: 'x'.repeat(5_000) }", "isolate-crashed"],
  output: ["{ kind: 'output', id: 0, level: 'info' }", undefined],
} as const;

const functions = Object.values(floods).map(([message, code], i) => [
  `functions/f${i}.js`,
  flood(message, code === undefined ? floodMs : endlessMs),
]);
const files = {
  ...(Object.fromEntries(functions) as Record<string, string>),
  "functions/hello.js": "callback(null, 'hello')",
};

for (const [i, [name, [, code]]] of Object.entries(floods).entries()) {
  test(`six functions that send ${name} without end do not block others`, async (t) => {
    const site = await serve(t, files);
    assert.equal((await site.call("/hello")).text, "hello");
    const running = new Set(Array.from({ length: 6 }, (_, each) => each));
    const flooding = [...running].map(async (each) => {
      const answer = await site.call(`/f${i}`);
      running.delete(each);
      return answer;
    });
    // If the isolates do not end at once, callers get many answers in the meantime.
    let answers = 0;
    do {
      assert.equal((await site.call("/_offhook/health")).status, 200);
      answers++;
    } while (running.size > 0);
    assert.equal((await site.call("/hello")).text, "hello");
    for (const answer of await Promise.all(flooding)) assert.equal(answer.headers["x-offhook-error"], code);
    if (code === undefined) assert.ok(answers > 20, `${answers} answers in ${floodMs} ms`);
    else assert.ok(site.ended.some(({ reason }) => reason === "protocol-broken"));
  });
}
