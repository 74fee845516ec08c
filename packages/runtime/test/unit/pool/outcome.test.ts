import assert from "node:assert/strict";
import { test } from "node:test";

import { exchangeSeen } from "../../../src/observe/channels.ts";
import type { Invocation } from "../../../src/pool/invocation.ts";
import { failedOutcome } from "../../../src/pool/outcome.ts";
import { makeTicket } from "../../../src/pool/ticket.ts";

test("a function has loaded before its reply, also if this process read late that the isolate was ready", (t) => {
  t.after(exchangeSeen.subscribe(() => undefined));
  const ticket = {
    ...makeTicket({} as Invocation, () => undefined, 10),
    startedAt: 10,
    repliedAt: 140,
    loadMs: 30,
    host: { pid: 1, launchedAt: 5, readyAt: 130 },
  };
  const { timings } = failedOutcome(ticket, { code: "handler-threw" }, 1);
  assert.deepEqual([timings?.readyAt, timings?.loadedAt, timings?.repliedAt], [130, 140, 140]);
  const { timings: early } = failedOutcome({ ...ticket, repliedAt: 200 }, { code: "handler-threw" }, 1);
  assert.equal(early?.loadedAt, 160);
});
