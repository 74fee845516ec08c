import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameError, FrameReader, FrameWriter } from "../../../src/protocol/frames.ts";

function readerInto(frames: [unknown, string][], maxFrameBytes?: number): FrameReader<unknown> {
  return new FrameReader(
    (message, body) => void frames.push([message, body.toString()]),
    maxFrameBytes === undefined ? {} : { maxFrameBytes },
  );
}

const messages: [object, string][] = [
  [{ kind: "a", text: "ümlaut 漢字" }, ""],
  [{ kind: "b" }, "body"],
  [{ kind: "c", list: [1, 2] }, "x".repeat(70_000)],
];
const bytes = framesOf(messages);

function framesOf(list: readonly [object, string][]): Buffer {
  const writer = new FrameWriter();
  for (const [head, body] of list) writer.add(head, Buffer.from(body));
  return writer.take();
}

test("frames come out as they went in, however the stream is split", () => {
  for (const step of [1, 3, 7, 8, 9, 1000, 65_536, bytes.length]) {
    const frames: [unknown, string][] = [];
    const reader = readerInto(frames);
    for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
    assert.deepEqual(frames, messages, `in steps of ${step}`);
  }
});

test("bytes that were taken do not change while more is written", () => {
  const writer = new FrameWriter();
  const taken: Buffer[] = [];
  const expected: [object, string][] = [];
  for (let round = 0; round < 300; round++) {
    for (const [head, body] of messages.slice(round % 3)) {
      writer.add({ ...head, round }, Buffer.from(body));
      expected.push([{ ...head, round }, body]);
    }
    taken.push(writer.take());
  }
  assert.equal(writer.take().length, 0);
  const frames: [unknown, string][] = [];
  readerInto(frames).push(Buffer.concat(taken));
  assert.deepEqual(frames, expected);
});

test("bytes that are not a frame are an error, and the reader does not wait for more", () => {
  assert.throws(() => readerInto([]).push(Buffer.alloc(64, 255)), FrameError);
  assert.throws(() => readerInto([], 1000).push(framesOf([[{}, "x".repeat(2000)]])), FrameError);
  const notJson = framesOf([[{}, ""]]);
  notJson[8] = 0x78;
  assert.throws(() => readerInto([]).push(notJson), FrameError);
});
