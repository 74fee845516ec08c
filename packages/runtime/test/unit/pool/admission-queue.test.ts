import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTicket, type Ticket } from "../../../src/pool/ticket.ts";
import { AdmissionQueue } from "../../../src/pool/admission-queue.ts";
import { invocationOf } from "../../pool-fixture.ts";

function ticketAt(now: number): Ticket {
  return makeTicket(invocationOf("a"), () => {}, now);
}

test("the invocation that has waited longest leaves first", () => {
  const room = new AdmissionQueue(100);
  const tickets = [ticketAt(1), ticketAt(2), ticketAt(3)];
  for (const ticket of tickets) assert.ok(room.admit(ticket));
  assert.deepEqual([room.next(), room.next(), room.next(), room.next()], [...tickets, undefined]);
});

test("a wait expires after the timeout, to the millisecond", () => {
  const room = new AdmissionQueue(100);
  const [first, second] = [ticketAt(1_000), ticketAt(1_001)];
  room.admit(first);
  room.admit(second);
  assert.equal(room.nextExpired(1_099), undefined);
  assert.equal(room.nextExpired(1_100), first);
  assert.equal(room.nextExpired(1_100), undefined);
  assert.equal(room.nextExpired(1_101), second);
});

test("time in which the gateway was blocked does not count, as far as the ticket was already waiting", () => {
  const room = new AdmissionQueue(100);
  const [before, during] = [ticketAt(1_000), ticketAt(1_950)];
  room.admit(before);
  room.admit(during);
  room.excludeStall(2_000, 900);
  assert.equal(room.nextExpired(2_199 - 200), undefined);
  assert.equal(room.nextExpired(2_000), before);
  assert.equal(room.nextExpired(2_099), undefined);
  assert.equal(room.nextExpired(2_100), during);
});

test("a thousand invocations wait, and another one only after one of them leaves", () => {
  const room = new AdmissionQueue(100);
  for (let i = 0; i < 1_000; i++) assert.ok(room.admit(ticketAt(1)));
  assert.equal(room.admit(ticketAt(1)), false);
  room.next();
  assert.equal(room.admit(ticketAt(1)), true);
});

test("with a timeout of 0 no invocation waits, and with an infinite one none expires", () => {
  assert.equal(new AdmissionQueue(0).admit(ticketAt(1)), false);
  const room = new AdmissionQueue(Infinity);
  room.admit(ticketAt(1));
  assert.equal(room.nextExpired(1e12), undefined);
});
