/** The protocol between pool and isolate, with bytes split at any place and with foreign bytes in the pipe. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FrameError, FrameReader, FrameWriter } from "../../src/protocol/frames.ts";
import { holds, hostileText } from "./property.ts";

type Frame = readonly [head: object, body: Uint8Array];

const head = fc.oneof(
  fc.dictionary(hostileText, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4, noNullPrototype: true }),
  fc.record({ kind: fc.constantFrom("output", "reply"), id: fc.nat(), text: hostileText }),
);
const body = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  // About the size of the blocks in which the writer allocates memory.
  { weight: 1, arbitrary: fc.integer({ min: 65_400, max: 65_700 }).map((length) => new Uint8Array(length).fill(7)) },
);
const frames = fc.array(fc.tuple(head, body), { maxLength: 12 });
const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 70_000 })), { minLength: 1 });

/** The message as the other side reads it. UTF-8 loses lone surrogates, and JSON loses `undefined` and -0. */
function sent([message, bytes]: Frame): [unknown, Buffer] {
  return [JSON.parse(Buffer.from(JSON.stringify(message)).toString("utf8")), Buffer.from(bytes)];
}

function piecesOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length] ?? 1;
    // This copies the bytes, as the pipe does: the bytes of a body must not change after it was read.
    pieces.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return pieces;
}

test("any messages arrive unchanged, wherever writes and reads start and end", () => {
  holds(
    fc.property(frames, fc.array(fc.nat(12)), cuts, (list, takes, lengths) => {
      const writer = new FrameWriter();
      const written: Buffer[] = [];
      for (const [index, [message, bytes]] of list.entries()) {
        writer.add(message, bytes);
        if (takes.includes(index)) written.push(writer.take());
      }
      written.push(writer.take());
      const got: [unknown, Buffer][] = [];
      const reader = new FrameReader<unknown>((message, bytes) => void got.push([message, bytes]));
      for (const piece of piecesOf(Buffer.concat(written), lengths)) reader.push(piece);
      assert.deepEqual(got, list.map(sent));
    }),
    200,
  );
});

/** Bytes of frames, damaged. */
const damaged = fc
  .tuple(
    frames,
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 }),
    fc.nat(3),
    fc.nat(),
    fc.uint8Array({ maxLength: 9 }),
  )
  .map(([list, changes, removed, at, put]) => {
    const writer = new FrameWriter();
    for (const [message, bytes] of list) writer.add(message, bytes);
    const bytes = Buffer.from(writer.take());
    for (const [index, value] of changes) if (bytes.length > 0) bytes[index % bytes.length] = value;
    const from = bytes.length === 0 ? 0 : at % bytes.length;
    return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(from + removed)]);
  });

/**
 * Reads all bytes at once, as `frames.ts` describes the format. Returns the messages, and whether an error ends them.
 */
function modelOf(bytes: Buffer, maxBytes: number): { got: [unknown, string][]; isBroken: boolean } {
  const got: [unknown, string][] = [];
  let rest = bytes;
  while (rest.length >= 8) {
    const [length, headLength] = [rest.readUInt32BE(0), rest.readUInt32BE(4)];
    if (length > maxBytes || headLength > length - 4) return { got, isBroken: true };
    const frame = rest.subarray(4, 4 + length);
    if (frame.length < length) break;
    try {
      got.push([JSON.parse(frame.toString("utf8", 4, 4 + headLength)), frame.toString("latin1", 4 + headLength)]);
    } catch {
      return { got, isBroken: true };
    }
    rest = rest.subarray(4 + length);
  }
  return { got, isBroken: false };
}

/** A length of the frame and a length of the head that contradict each other. */
const crooked = fc
  .tuple(fc.nat(12), fc.nat(12), fc.constantFrom('{"a":1}', "0 ", "[]{}", '"ab"'))
  .map(([length, headLength, rest]) => Buffer.from([0, 0, 0, length, 0, 0, 0, headLength, ...Buffer.from(rest)]));

test("damaged frames give the messages before the damage, and at most one error", () => {
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  holds(
    fc.property(fc.oneof(damaged, crooked, random), cuts, (bytes, lengths) => {
      const got: [unknown, string][] = [];
      const reader = new FrameReader<unknown>(
        (message, rest) => {
          got.push([message, rest.toString("latin1")]);
        },
        { maxFrameBytes: 1_000_000 },
      );
      let isBroken = false;
      try {
        for (const piece of piecesOf(bytes, lengths)) reader.push(piece);
      } catch (error) {
        assert.ok(error instanceof FrameError, String(error));
        isBroken = true;
      }
      assert.deepEqual({ got, isBroken }, modelOf(bytes, 1_000_000));
    }),
    500,
    [
      [Buffer.from("000f4240000000027b7d", "hex"), [1]],
      [Buffer.alloc(12), [5]],
    ],
  );
});

test("a frame that is too long is refused as soon as its length is known, before its bytes arrive", () => {
  holds(
    fc.property(fc.integer({ min: 1_001, max: 0xffff_ffff }), fc.nat(1_000), cuts, (length, headLength, lengths) => {
      const prefix = Buffer.alloc(8);
      prefix.writeUInt32BE(length, 0);
      prefix.writeUInt32BE(headLength, 4);
      const reader = new FrameReader<unknown>(() => assert.fail("there was no message"), { maxFrameBytes: 1_000 });
      assert.throws(() => {
        for (const piece of piecesOf(prefix, lengths)) reader.push(piece);
      }, FrameError);
    }),
    200,
  );
});
