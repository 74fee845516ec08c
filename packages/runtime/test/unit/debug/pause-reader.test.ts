import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { PauseReader, type DebuggerEvent } from "../../../src/debug/pause-reader.ts";
import { holds } from "../../properties/property.ts";

const answer = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");

function frame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const head = Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (payload.length < 126) {
    head[1] = payload.length;
    return Buffer.concat([head.subarray(0, 2), payload]);
  }
  if (payload.length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
    return Buffer.concat([head.subarray(0, 4), payload]);
  }
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

const other = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.nat(70_000).map((length) => "x".repeat(length)),
);
const message = fc.oneof(
  other.map((text) => [frame(1, `{"id":1,"result":${JSON.stringify(text)}}`), undefined] as const),
  other.map((text) => [frame(1, text), undefined] as const),
  // Not the message itself, but the same words inside another message.
  fc.constant([frame(1, '{"id":2,"result":"{\\"method\\":\\"Debugger.paused\\""}'), undefined] as const),
  fc.constant([frame(2, '{"method":"Debugger.paused"}'), undefined] as const),
  other.map((text) => [frame(1, `{"method":"Debugger.paused","params":"${text}"}`), "paused"] as const),
  fc.constant([frame(1, '{"method":"Debugger.resumed","params":{}}'), "resumed"] as const),
  fc.constant([frame(8, ""), "closing"] as const),
  fc.constant([frame(9, "ping"), undefined] as const),
);

test("stops are found wherever the bytes are split, and nothing else counts as a stop", () => {
  const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70_000 })), {
    minLength: 1,
  });
  holds(
    fc.property(fc.array(message, { maxLength: 8 }), cuts, (messages, lengths) => {
      const bytes = Buffer.concat([answer, ...messages.map(([each]) => each)]);
      const seen: DebuggerEvent[] = [];
      const reader = new PauseReader((sign) => seen.push(sign));
      for (let at = 0, index = 0; at < bytes.length; index += 1) {
        const length = lengths[index % lengths.length] ?? 1;
        reader.push(bytes.subarray(at, at + length));
        at += length;
      }
      assert.deepEqual(
        seen,
        messages.flatMap(([, sign]) => sign ?? []),
      );
    }),
    200,
  );
});
