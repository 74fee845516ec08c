import assert from "node:assert/strict";
import { test } from "node:test";
import { keepsRunning } from "../../../src/pool/settling.ts";
import { makeTicket, type Ticket } from "../../../src/pool/ticket.ts";
import { invocationOf } from "../../pool-fixture.ts";

const repliedAt = 1_000;

function replied(): Ticket {
  return { ...makeTicket(invocationOf("a"), () => {}, 1), startedAt: 1, repliedAt };
}

/** What is seen at each look: how long after the reply, and the CPU time used by then. */
type Looks = readonly (readonly [afterMs: number, cpuMs: number | undefined])[];

const cases: readonly (readonly [title: string, Looks, runsOn: boolean])[] = [
  [
    "an isolate has 50 ms to say what is left, whatever it uses",
    [
      [49, 10],
      [49, 10_000],
    ],
    false,
  ],
  [
    "one that computes after that runs on",
    [
      [50, 100],
      [70, 181],
    ],
    true,
  ],
  [
    "one that has used no more than 80 ms of a processor may be about to say it",
    [
      [50, 100],
      [1_100, 180],
    ],
    false,
  ],
  ["what it had used before the first look does not count", [[60, 5_000]], false],
  [
    "one that is given no processor has a second more, and not longer",
    [
      [50, 100],
      [1_101, 100],
    ],
    true,
  ],
  ["where the system does not say what it used, time is all there is", [[50, undefined]], true],
];

for (const [title, looks, runsOn] of cases) {
  test(title, () => {
    const ticket = replied();
    const seen = looks.map(([afterMs, used]) => keepsRunning(ticket, { cpuMs: () => used }, repliedAt + afterMs));
    assert.equal(seen.at(-1), runsOn);
    assert.ok(seen.slice(0, -1).every((each) => !each));
  });
}
