import assert from "node:assert/strict";
import { test } from "node:test";
import type { IsolateExit } from "../../../src/pool/isolate-like.ts";
import { describeEnd } from "../../../src/pool/slot-end.ts";

const exit: IsolateExit = {
  code: null,
  signal: "SIGKILL",
  announced: undefined,
  isOutOfHeap: false,
  stderrTail: "",
  startError: undefined,
  protocolError: undefined,
};
const exiting = (how: "kill" | "error") => ({ kind: "exiting", how, code: 0 }) as const;

const ends = {
  "a signal from elsewhere": [exit, undefined, "crashed", "isolate-crashed", /SIGKILL, from another process/, true],
  "the signal of a crash": [
    { ...exit, signal: "SIGSEGV" },
    undefined,
    "crashed",
    "isolate-crashed",
    /^signal SIGSEGV$/,
    false,
  ],
  "a signal that it sent to itself": [
    { ...exit, announced: exiting("kill") },
    undefined,
    "exited",
    "process-exited",
    /it called process\.kill\(\)/,
    false,
  ],
  "an uncaught error": [
    { ...exit, announced: exiting("error") },
    undefined,
    "crashed",
    "isolate-crashed",
    /^an error outside/,
    false,
  ],
  "the stop of the server": [exit, { reason: "stopped", detail: "" }, "stopped", "server-stopped", /^$/, false],
  "the memory limit": [
    exit,
    { reason: "out-of-memory", detail: "resident" },
    "out-of-memory",
    "out-of-memory",
    /^resident$/,
    false,
  ],
  "a full heap": [
    { ...exit, signal: "SIGABRT", isOutOfHeap: true },
    undefined,
    "out-of-memory",
    "out-of-memory",
    /heap is full/,
    false,
  ],
} as const;

for (const [cause, [how, intended, reason, code, detail, isKilled]] of Object.entries(ends)) {
  test(`the report about an isolate that ended by ${cause} names the cause`, () => {
    const end = describeEnd(how, intended, true);
    assert.deepEqual([end.reason, end.code, end.isKilled], [reason, code, isKilled]);
    assert.match(end.detail, detail);
  });
}
