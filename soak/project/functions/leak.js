// Each way leaves something running after the answer.
const { spawn } = require("node:child_process");
const { connect, createServer } = require("node:net");
const { Worker } = require("node:worker_threads");

const ways = {
  interval: () => setInterval(() => {}, 5),
  server: () => createServer().listen(0, "127.0.0.1"),
  socket: (event) => connect(Number(event.port), "127.0.0.1").on("error", () => {}),
  child: () => spawn("sleep", ["3600"], { stdio: "ignore" }),
  "detached-child": () => spawn("sleep", ["3600"], { stdio: "ignore", detached: true }).unref(),
  grandchildren: () => spawn("sh", ["-c", "sleep 3600 & sleep 3600"], { stdio: "ignore" }),
  worker: () => new Worker("setInterval(() => {}, 5)", { eval: true }),
  promise: () => new Promise(() => setTimeout(() => {}, 60_000)),
  loop: () =>
    setImmediate(() => {
      for (;;);
    }),
  exit: () => setImmediate(() => process.exit(3)),
  throw: () =>
    setTimeout(() => {
      throw new Error("after the answer");
    }, 1),
  output: () => setInterval(() => console.log("x".repeat(1000)), 1),
};

exports.handler = (context, event, callback) => {
  // The server can find a child with its own process group only after its start. If it ended a slow isolate before
  // that, the child would outlive it. This child is therefore started before the answer.
  const isFirst = event.how === "detached-child";
  if (isFirst) ways[event.how](event);
  callback(null, `leak ${event.nonce}`);
  if (!isFirst) ways[event.how](event);
};
