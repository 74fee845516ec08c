import assert from "node:assert/strict";
import { test } from "node:test";
import { isFromIsolate } from "../../../src/protocol/checks.ts";

const messages: readonly Readonly<Record<string, unknown>>[] = [
  { kind: "ready" },
  { kind: "reply", id: 1, status: 200, headers: ["a", "b"] },
  { kind: "failed", id: 1, code: "handler-threw", error: { name: "Error", message: "x" } },
  { kind: "settled", id: 1, tookMs: 1, isTainted: false, leftovers: [] },
  { kind: "retracted", ids: [1] },
  { kind: "output", id: 0, level: "info" },
  { kind: "diagnosis", id: 1, state: "waiting", stacks: ["at a"], notes: [] },
  { kind: "loading", function: "a" },
  { kind: "load-failed", function: "a", error: { name: "Error", message: "x" } },
  { kind: "files-loaded", files: ["/a"] },
  { kind: "spawned", pid: 2 },
  { kind: "exiting", how: "exit", code: 0 },
  { kind: "debugger", url: "ws://127.0.0.1:9229/0a", isWaiting: true },
];

test("each complete message passes, and a message without one of its parts does not", () => {
  for (const message of messages) {
    assert.ok(isFromIsolate(message), String(message["kind"]));
    for (const name of Object.keys(message).filter((each) => each !== "error" || message["kind"] === "load-failed")) {
      const { [name]: _, ...rest } = message;
      assert.equal(isFromIsolate(rest), false, `${String(message["kind"])} without ${name}`);
    }
  }
});

test("an unknown kind is refused, even if every object has a property of that name", () => {
  for (const kind of ["account", "", "constructor", "__proto__", "toString", "hasOwnProperty", 1, null, ["ready"]]) {
    assert.equal(isFromIsolate({ kind, id: 1 }), false, String(kind));
  }
  for (const value of [null, undefined, "ready", 1, []]) assert.equal(isFromIsolate(value), false);
});
