import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";

import { Keys } from "../../../src/dev/terminal/keys.ts";
import { hasColor } from "../../../src/screen/palette.ts";

function typed(options: { isForeground?: boolean } = {}) {
  const modes: boolean[] = [];
  const done: string[] = [];
  const state = { isForeground: true, ...options };
  const continued = new EventEmitter();
  const input = Object.assign(new EventEmitter(), {
    setRawMode: (isRaw: boolean) => void modes.push(isRaw),
    resume: () => undefined,
    pause: () => undefined,
  });
  const keys = new Keys(input, (action) => void done.push(action), {
    raise: (signal) => void done.push(signal),
    quit: () => void done.push("quit"),
    onContinue(listener) {
      continued.on("now", listener);
      return () => void continued.off("now", listener);
    },
    isForeground: () => state.isForeground,
  });
  return { keys, input, modes, done, state, continued, type: (text: string) => input.emit("data", Buffer.from(text)) };
}

test("each key has its action, in upper and lower case, and with several at once", () => {
  const { done, type, keys } = typed();
  type("sD");
  type("c?hq");
  type("Or");
  type("xz 1 \u00e9\n\t");
  assert.deepEqual(done, ["restart", "details", "clear", "help", "help", "quit", "open", "replay"]);
  keys.stop();
});

test("arrows, function keys and keys with Alt have no action", () => {
  const { done, type, keys } = typed();
  for (const sequence of ["\u001b[D", "\u001bOQ", "\u001b[1;5D", "\u001b[15~", "\u001bq", "\u001b"]) type(sequence);
  assert.deepEqual(done, []);
  type("\u001b[Aq");
  assert.deepEqual(done, ["quit"]);
  keys.stop();
});

test("Ctrl+C sends its signal, Ctrl+Z and Ctrl+\\ restore the terminal first", () => {
  const { done, type, modes, keys, continued, input } = typed();
  type("\u0003");
  assert.deepEqual([done, modes], [["SIGINT"], [true]]);
  type("\u001a");
  assert.deepEqual([done.at(-1), modes], ["SIGTSTP", [true, false]]);
  assert.equal(input.listenerCount("data"), 0);
  continued.emit("now");
  assert.deepEqual(modes, [true, false, true]);
  type("\u001c");
  assert.deepEqual([done.at(-1), modes.at(-1)], ["SIGQUIT", false]);
  keys.stop();
});

test("a process in the background does not touch the terminal until it is in the foreground", () => {
  const { modes, state, continued, keys, done, type } = typed({ isForeground: false });
  continued.emit("now");
  assert.deepEqual(modes, []);
  state.isForeground = true;
  continued.emit("now");
  assert.deepEqual(modes, [true]);
  // Stopped by another process's signal, then continued: the shell has changed the terminal meanwhile.
  continued.emit("now");
  assert.deepEqual(modes, [true, false, true]);
  type("h");
  assert.deepEqual(done, ["help"]);
  keys.stop();
});

test("stop(), or a closed terminal, restores the terminal once", () => {
  for (const end of ["stop", "end", "error"] as const) {
    const { keys, input, modes, continued } = typed();
    if (end === "stop") keys.stop();
    else input.emit(end, new Error("EIO"));
    keys.stop();
    continued.emit("now");
    assert.deepEqual(modes, [true, false]);
    assert.equal(continued.listenerCount("now"), 0);
    assert.equal(input.listenerCount("data"), 0);
  }
});

for (const [isTTY, environment, expected] of [
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: "1" }, false],
  [true, { NO_COLOR: "" }, true],
  [true, { TERM: "dumb" }, false],
  [false, { FORCE_COLOR: "1" }, true],
  [false, { FORCE_COLOR: "" }, true],
  [true, { FORCE_COLOR: "0" }, false],
  [true, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
] as const) {
  test(`colours on a ${isTTY ? "terminal" : "pipe"} with ${JSON.stringify(environment)}: ${expected}`, () => {
    assert.equal(hasColor({ isTTY }, environment), expected);
  });
}
