import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { kinds } from "../../../src/worker/async-kinds.ts";

/**
 * Types of `async_hooks` that are not counted, and why no work of an invocation can continue unnoticed through them.
 */
const harmless: Readonly<Record<string, string>> = {
  NONE: "no resource",
  PROMISE: "runs only when something else settles it",
  DIRHANDLE: "each read is a file operation",
  FILEHANDLE: "each read and write is a file operation",
  BLOBREADER: "reads from memory within one turn, or by immediates and file operations",
  DNSCHANNEL: "each query is a DNS lookup",
  ELDHISTOGRAM: "measures, and calls nothing",
  HEAPSNAPSHOT: "is written when it is read",
  HTTP2SESSION: "its socket is counted",
  HTTP2STREAM: "its socket is counted",
  HTTP2PING: "its socket is counted",
  HTTP2SETTINGS: "its socket is counted",
  HTTPINCOMINGMESSAGE: "its socket is counted",
  HTTPCLIENTREQUEST: "its socket is counted",
  JSSTREAM: "JavaScript drives it",
  JSUDPWRAP: "JavaScript drives it",
  LOCKS: "locks are counted by what Node publishes of them",
  PROCESSWRAP: "any use of child processes ends the isolate",
  SHUTDOWNWRAP: "its socket is counted",
  SIGINTWATCHDOG: "of vm and the REPL, while they run synchronously",
  SIGNALWRAP: "it comes with a listener on the process, which is noticed",
  STREAMPIPE: "its streams are counted",
  TTYWRAP: "an isolate has no terminal",
  UDPSENDWRAP: "its socket is counted",
  WORKERCPUPROFILE: "its thread is counted",
  WORKERCPUUSAGE: "its thread is counted",
  WORKERHEAPPROFILE: "its thread is counted",
  WORKERHEAPSNAPSHOT: "its thread is counted",
  WORKERHEAPSTATISTICS: "its thread is counted",
  QUIC_ENDPOINT: "needs a flag that isolates are not given",
  QUIC_LOGSTREAM: "needs a flag that isolates are not given",
  QUIC_PACKET: "needs a flag that isolates are not given",
  QUIC_SESSION: "needs a flag that isolates are not given",
  QUIC_STREAM: "needs a flag that isolates are not given",
  QUIC_UDP: "needs a flag that isolates are not given",
};

test("each asynchronous type of this Node version is counted, or known to be harmless", () => {
  const script = `
    const { internalBinding } = require("internal/test/binding");
    console.log(JSON.stringify(Object.keys(internalBinding("async_wrap").Providers)));`;
  const output = execFileSync(process.execPath, ["--expose-internals", "--no-warnings", "-e", script], {
    encoding: "utf8",
  });
  const types = JSON.parse(output) as string[];
  assert.ok(types.includes("TCPWRAP"));
  assert.deepEqual(
    types.filter((type) => kinds[type] === undefined && harmless[type] === undefined),
    [],
    "a new type: count it in async-kinds.ts, or say here why it is harmless",
  );
  assert.deepEqual(
    Object.keys(harmless).filter((type) => kinds[type] !== undefined),
    [],
    "counted and harmless",
  );
});
