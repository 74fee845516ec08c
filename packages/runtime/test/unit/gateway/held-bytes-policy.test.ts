/** Which connections are cut at the limit, tested without a server. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { HeldBytes, type Holder } from "../../../src/gateway/held-bytes.ts";

const limitBytes = 1_000_000;

interface Client extends Holder {
  readonly name: string;
}

function setUp() {
  const clients: Client[] = [];
  const gaveWay: string[] = [];
  const held: HeldBytes = new HeldBytes(limitBytes, {
    holders: () => clients,
    cut: (holder) => {
      gaveWay.push(`${(holder as Client).name} cut`);
      held.forget(holder);
    },
    refuse: (holder) => {
      gaveWay.push(`${(holder as Client).name} refused`);
      held.releaseHead(holder);
      held.releaseBody(holder, holder.bodyBytes);
    },
  });
  const add = (name: string): Client => {
    const none = { headBytes: 0, bodyBytes: 0, unreadBytes: 0, pipelinedBytes: 0, isForgotten: false };
    const client = { name, ...none };
    clients.push(client);
    return client;
  };
  return { held, add, gaveWay };
}

const response = (): ServerResponse => new EventEmitter() as unknown as ServerResponse;

test("a large body is rejected at the limit, and none of it is held", () => {
  const { held, add, gaveWay } = setUp();
  assert.equal(held.holdBody(add("a"), 900_000, 900_000), true);
  assert.equal(held.holdBody(add("b"), 100_001, 100_001), false);
  assert.deepEqual([held.bytes, gaveWay], [900_000, []]);
});

test("small bodies may use a tenth more, then unread replies are cut, then the oldest incomplete requests", () => {
  const { held, add, gaveWay } = setUp();
  held.holdReply(add("reader"), response(), 300_000);
  for (let i = 0; i < 12; i++) held.holdBody(add(`old${i}`), 60_000, 60_000);
  assert.equal(held.holdBody(add("small"), 60_000, 60_000), true);
  assert.deepEqual([held.bytes, gaveWay], [1_080_000, []]);
  assert.equal(held.holdBody(add("next"), 60_000, 60_000), true);
  assert.deepEqual(gaveWay, ["reader cut"]);
  for (let i = 0; i < 5; i++) assert.equal(held.holdBody(add(`more${i}`), 60_000, 60_000), true);
  assert.deepEqual(gaveWay.slice(0, 3), ["reader cut", "old0 refused", "old1 refused"]);
  assert.ok(held.bytes <= limitBytes * 1.1);
});

test("complete bodies are never dropped: when they use all the room, small ones are rejected too", () => {
  const { held, add, gaveWay } = setUp();
  const working = add("working");
  held.holdBody(working, 1_000_000, 1_000_000);
  held.keepBody(working, 1_000_000);
  assert.equal(held.holdBody(add("a"), 60_000, 60_000), true);
  held.keepBody(add("b"), 0);
  assert.equal(held.holdBody(add("c"), 60_000, 60_000), true);
  assert.deepEqual([held.bytes, gaveWay], [1_060_000, ["a refused"]]);
  held.release(1_000_000);
  assert.equal(held.bytes, 60_000);
});

test("the largest unread replies are cut first, and never the one that was just written", () => {
  const { held, add, gaveWay } = setUp();
  held.holdReply(add("a"), response(), 300_000);
  held.holdReply(add("b"), response(), 500_000);
  held.holdReply(add("c"), response(), 600_000);
  assert.deepEqual([held.bytes, gaveWay], [900_000, ["b cut"]]);
});

test("bytes that were read, or whose connection is gone, are not held", () => {
  const { held, add } = setUp();
  const [read, gone] = [add("read"), add("gone")];
  const [first, second] = [response(), response()];
  held.holdReply(read, first, 100);
  held.holdPipelined(gone, second, 100);
  held.holdHead(gone, 50);
  held.holdBody(gone, 50, 50);
  first.emit("close");
  held.forget(gone);
  held.forget(gone);
  second.emit("close");
  held.releaseHead(gone);
  assert.equal(held.bytes, 0);
  assert.equal(held.holdBody(gone, 10, 10), false);
  assert.equal(held.bytes, 0);
});

test("incomplete heads, and pipelined requests, may use an eighth of the limit", () => {
  const { held, add, gaveWay } = setUp();
  for (let i = 0; i < 7; i++) held.holdHead(add(`head${i}`), 20_000);
  assert.deepEqual(gaveWay, ["head0 refused", "head1 refused", "head2 refused", "head3 refused"]);
  const flood = add("flood");
  for (let i = 0; i < 13; i++) held.holdPipelined(flood, response(), 10_000);
  assert.equal(gaveWay.at(-1), "flood cut");
  assert.equal(held.bytes, 60_000);
});
