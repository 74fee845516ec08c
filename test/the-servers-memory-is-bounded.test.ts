/**
 * Clients that do not finish their requests cost at most the memory of the setting. The server serves others, and frees
 * the memory.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { call, until, writeProject } from "../packages/runtime/test/site.ts";
import { eventually, startLimited, type LimitedOffhook } from "./offhook-under-limits.ts";

const kb = 1024;
const mb = 1024 * kb;
const boundBytes = 64 * mb;
/** Approximate cost of sockets, of parsers, and of the kernel's table of them. */
const connectionBytes = 50 * kb;

const files = {
  "functions/echo.js": "callback(null, 'ok')",
  "functions/large.js": `callback(null, "x".repeat(4_000_000))`,
  "functions/medium.js": `callback(null, "x".repeat(16_000))`,
  "assets/large.txt": "a".repeat(8 * mb),
  "assets/small.txt": "a".repeat(60 * kb),
};

interface Load {
  readonly connections: number;
  /** Sends the bytes of one client. If `isDeaf`, it reads nothing. */
  send(socket: Socket): Promise<void> | void;
  readonly isDeaf?: boolean;
  /**
   * Bytes beyond the bound that one client can add in one turn of the loop: all requests in the 64 kB that were read.
   */
  readonly burstBytes?: number;
  /** Bytes that isolates can send at once for all clients. Replies on their way to the server are not in the bound. */
  readonly transitBytes?: number;
  readonly flags?: readonly string[];
}

const head = (method: string, path: string, more = ""): string =>
  `${method} ${path} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;
const announced = (bytes: number): string => head("POST", "/echo", `Content-Length: ${bytes}\r\n`);
const chunked = head("POST", "/echo", "Transfer-Encoding: chunked\r\n");

/** Sends the parts one after the other, each after the kernel has taken the one before. */
async function sendAll(socket: Socket, pieces: readonly string[]): Promise<void> {
  for (const piece of pieces) {
    if (socket.destroyed) return;
    await new Promise((resolve) => socket.write(piece, resolve));
  }
}

const loads: Readonly<Record<string, Load>> = {
  "small bodies without an end": {
    connections: 1_500,
    send: (socket) => sendAll(socket, [chunked, ...Array<string>(8).fill(`1f80\r\n${"x".repeat(0x1f80)}\r\n`)]),
  },
  "small bodies of which the last byte is missing": {
    connections: 1_500,
    send: (socket) => sendAll(socket, [announced(64_000) + "x".repeat(63_999)]),
  },
  "large bodies without an end": {
    connections: 300,
    send: (socket) => sendAll(socket, [announced(mb - 1_000), ...Array<string>(15).fill("x".repeat(65_000))]),
  },
  "long bodies that are only announced": {
    connections: 1_500,
    send: (socket) => sendAll(socket, [`${announced(mb - 1_000)}x`, "y", "z"]),
  },
  "bodies in chunks of one byte": {
    connections: 300,
    send: (socket) => sendAll(socket, [chunked, ...Array<string>(20).fill("1\r\nx\r\n".repeat(500))]),
  },
  "heads without an end": {
    connections: 1_500,
    send: (socket) =>
      sendAll(socket, ["GET /echo HTTP/1.1\r\nHost: h\r\n", ...Array<string>(4).fill(`X-A: ${"v".repeat(8_000)}\r\n`)]),
  },
  "large replies that nobody reads": {
    connections: 60,
    isDeaf: true,
    flags: ["--concurrency", "4"],
    transitBytes: 4 * 4 * mb,
    send: (socket) => sendAll(socket, [head("GET", "/large")]),
  },
  "assets that nobody reads": {
    connections: 600,
    isDeaf: true,
    send: (socket) => sendAll(socket, [head("GET", "/large.txt")]),
  },
  "pipelined requests whose replies nobody reads": {
    connections: 60,
    isDeaf: true,
    burstBytes: 4 * mb,
    send: (socket) => sendAll(socket, [head("GET", "/medium").repeat(1_000)]),
  },
  "pipelined assets that nobody reads": {
    connections: 100,
    isDeaf: true,
    burstBytes: 2 * mb,
    send: (socket) => sendAll(socket, [head("GET", "/small.txt").repeat(200)]),
  },
};

function memoryOf(pid: number): { resident: number; peak: number; virtual: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]) * kb;
  return { resident: figure("VmRSS"), peak: figure("VmHWM"), virtual: figure("VmSize") };
}

async function openAll(t: TestContext, server: LimitedOffhook, load: Load): Promise<Socket[]> {
  const port = Number(new URL(server.url).port);
  const sockets: Socket[] = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  // Not more at a time than the kernel's queue takes.
  while (sockets.length < load.connections) {
    const some = Array.from({ length: Math.min(100, load.connections - sockets.length) }, () =>
      connect({ host: "127.0.0.1", port }),
    );
    sockets.push(...some);
    for (const socket of some) socket.on("error", () => undefined);
    await Promise.all(some.map((socket) => once(socket, "connect")));
    for (const socket of some) {
      if (load.isDeaf === true) socket.pause();
      else socket.resume();
      void load.send(socket);
    }
  }
  return sockets;
}

/** Whether the server has read or dropped all bytes of the clients, and nothing has changed since the last check. */
async function settled(pid: number): Promise<void> {
  let before = -1;
  let calm = 0;
  await eventually("the load has settled", () => {
    const { resident } = memoryOf(pid);
    calm = Math.abs(resident - before) < mb ? calm + 1 : 0;
    before = resident;
    return calm === 15;
  });
}

for (const [name, load] of Object.entries(loads)) {
  test(`${name}: the server stays within its bound, serves others, and frees the memory`, async (t) => {
    const folder = await writeProject(t, files);
    const flags = ["--buffer-limit", String(boundBytes), "--queue-timeout", "10s", ...(load.flags ?? [])];
    const server = await startLimited(t, folder, { flags });
    assert.equal((await server.call("/echo")).text, "ok");
    const start = memoryOf(server.pid);
    const sockets = await openAll(t, server, load);
    const asked = await call(server.url, "/echo", { form: { a: "1" } });
    await settled(server.pid);
    const during = memoryOf(server.pid);
    for (const socket of sockets) socket.destroy();
    assert.equal((await call(server.url, "/echo", { form: { a: "1" } })).text, "ok");

    const report = `from ${start.resident / mb} to ${during.peak / mb} MB, ${during.virtual / mb} of ${start.virtual / mb} MB virtual`;
    assert.ok([200, 429].includes(asked.status), `a small request among them got ${asked.status}`);
    const allowed =
      1.5 * boundBytes + (load.transitBytes ?? 0) + load.connections * (connectionBytes + (load.burstBytes ?? 0));
    assert.ok(during.peak - start.resident < allowed, report);
    // The server reserves nothing for a size that a client only announced.
    assert.ok(during.virtual - start.virtual < 3 * allowed, report);
    await until(`it is back, ${report}`, () => memoryOf(server.pid).resident - start.resident < boundBytes, 60_000);
    t.diagnostic(`${report}; after: ${memoryOf(server.pid).resident / mb} MB`);
  });
}
