// Each way ends this invocation, and no other.
const { spawnSync } = require("node:child_process");
const { closeSync, writeSync } = require("node:fs");

const ways = {
  exit: () => process.exit(0),
  "exit-later": () => setTimeout(() => process.exit(7), 2),
  abort: () => process.abort(),
  kill: () => process.kill(process.pid, "SIGKILL"),
  throw: () => {
    throw new TypeError("thrown");
  },
  "throw-later": () =>
    setTimeout(() => {
      throw new Error("thrown later");
    }, 2),
  reject: () => Promise.reject(new RangeError("rejected")),
  float: () => void Promise.reject(new Error("floating")),
  overflow: () =>
    (function again() {
      return again() + 1;
    })(),
  heap: () => {
    const all = [];
    for (;;) all.push(Array(1000).fill(all.length));
  },
  buffers: () => {
    const all = [];
    setInterval(() => all.push(Buffer.alloc(3e7, 1)), 5);
  },
  segv: () => spawnSync("kill", ["-SEGV", String(process.pid)]),
  rubbish: () => writeSync(4, Buffer.alloc(64, 255)),
  // The isolate notices it when it writes the answer, which is lost.
  "close-pipe": (callback) => {
    closeSync(4);
    callback(null, "lost");
  },
};

exports.handler = (context, event, callback) => ways[event.how](callback);
