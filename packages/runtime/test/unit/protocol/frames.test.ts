import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrame, FrameError, FrameReader } from "../../../src/protocol/frames.ts";

function readerInto(frames: [unknown, string][], maxFrameBytes?: number): FrameReader<unknown> {
  return new FrameReader((message, body) => void frames.push([message, body.toString()]), maxFrameBytes);
}

const messages: [object, string][] = [
  [{ kind: "a", text: "ümlaut 漢字" }, ""],
  [{ kind: "b" }, "body"],
  [{ kind: "c", list: [1, 2] }, "x".repeat(70_000)],
];
const bytes = Buffer.concat(messages.map(([head, body]) => encodeFrame(head, Buffer.from(body))));

test("frames come out as they went in, however the stream is cut", () => {
  for (const step of [1, 3, 7, 8, 9, 1000, 65_536, bytes.length]) {
    const frames: [unknown, string][] = [];
    const reader = readerInto(frames);
    for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
    assert.deepEqual(frames, messages, `in steps of ${step}`);
  }
});

test("what is not a frame is an error and not a wait", () => {
  assert.throws(() => readerInto([]).push(Buffer.alloc(64, 255)), FrameError);
  assert.throws(() => readerInto([], 1000).push(encodeFrame({}, Buffer.alloc(2000))), FrameError);
  const notJson = encodeFrame({});
  notJson[8] = 0x78;
  assert.throws(() => readerInto([]).push(notJson), FrameError);
});
