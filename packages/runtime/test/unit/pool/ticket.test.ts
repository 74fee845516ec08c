import assert from "node:assert/strict";
import { test } from "node:test";
import { hasOverrun, invokeOf, makeTicket, type Ticket } from "../../../src/pool/ticket.ts";
import { invocationOf, setup } from "../../pool-fixture.ts";

function running(): Ticket {
  return { ...makeTicket(invocationOf("a"), () => {}, 1), startedAt: 1_000 };
}

test("a new ticket has not started, has no reply, and has its own id", () => {
  const tickets = Array.from({ length: 100 }, () => makeTicket(invocationOf("a"), () => {}, 5));
  assert.equal(new Set(tickets.map(({ id }) => id)).size, 100);
  for (const { startedAt, repliedAt, admittedAt } of tickets)
    assert.deepEqual([startedAt, repliedAt, admittedAt], [0, 0, 5]);
});

test("an overrun invocation has 50 ms more while its isolate has not reported where it is", () => {
  const [silent, located] = [running(), { ...running(), isLocated: true }];
  const cases: readonly (readonly [Ticket, hasInsight: boolean, at: number, boolean])[] = [
    [silent, false, 1_100, false],
    [silent, false, 1_101, true],
    [silent, true, 1_101, false],
    [silent, true, 1_150, false],
    [silent, true, 1_151, true],
    [located, true, 1_101, true],
  ];
  for (const [ticket, hasInsight, at, expected] of cases) {
    assert.equal(hasOverrun(ticket, at, 100, hasInsight), expected, `${hasInsight} ${at}`);
  }
  assert.equal(hasOverrun(silent, 1e12, Infinity, false), false);
});

test("an isolate learns the deadline only if it asks for that, and there is one", () => {
  const ends = ([hasInsight, timeoutMs]: readonly [true | undefined, number]): boolean =>
    invokeOf(running(), { setup: { ...setup, hasInsight }, timeoutMs }, false).endsAtMs !== undefined;
  assert.deepEqual([[true, 100] as const, [undefined, 100] as const, [true, Infinity] as const].map(ends), [
    true,
    false,
    false,
  ]);
});

test("an isolate gets a message when a caller has left, and when others wait", () => {
  const ticket = running();
  const plain = invokeOf(ticket, { setup, timeoutMs: 100 }, false);
  assert.deepEqual([plain.isAbandoned, plain.isCrowded], [undefined, undefined]);
  ticket.invocation.isAbandoned = true;
  const other = invokeOf(ticket, { setup, timeoutMs: 100 }, true);
  assert.deepEqual([other.isAbandoned, other.isCrowded], [true, true]);
});
