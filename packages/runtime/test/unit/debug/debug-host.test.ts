import assert from "node:assert/strict";
import { request } from "node:http";
import { test, type TestContext } from "node:test";
import { openDebugger, type DebugHost } from "../../../src/debug/debug-host.ts";

const local = { host: "127.0.0.1", port: 0 };
const inspectorUrl = "ws://127.0.0.1:1/2edca508";

async function open(t: TestContext, breaks = false): Promise<DebugHost> {
  const host = await openDebugger({ sid: "ZS", folder: "/project" }, { ...local, breaks }, false);
  t.after(() => host.close());
  return host;
}

function statusOf(address: string, path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, `http://${address}`);
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("the list of debug targets is given only under a local host name, so that other sites cannot get it", async (t) => {
  const { address } = await open(t);
  for (const host of [address, "localhost:9229", "localhost", "10.0.0.7:9229", "[::1]:9229"]) {
    assert.equal(await statusOf(address, "/json/list", host), 200, host);
  }
  for (const host of ["evil.example", "evil.example:9229", "localhost.evil.example", "127.0.0.1.evil.example"]) {
    assert.equal(await statusOf(address, "/json/list", host), 404, host);
    assert.equal(await statusOf(address, "/json/version", host), 404, host);
  }
  assert.equal(await statusOf(address, "/json/version", address), 200);
  assert.equal(await statusOf(address, "/else", address), 404);
});

test("a client without the secret path is not let in", async (t) => {
  const { address } = await open(t);
  const socket = new WebSocket(`ws://${address}/2edca508-9b85-44f0-ace7-5a2324e02182`);
  await new Promise((resolve) => socket.addEventListener("error", resolve));
  assert.notEqual(socket.readyState, WebSocket.OPEN);
});

test("user code that reports that it waits for a debugger does not stop the clock", async (t) => {
  const host = await open(t);
  host.setup();
  host.onMessage({ kind: "debugger", url: inspectorUrl, isWaiting: false });
  host.onMessage({ kind: "debugger", url: inspectorUrl, isWaiting: true });
  host.onMessage({ kind: "debugger", url: "ws://127.0.0.1:2/2edca508", isWaiting: true });
  assert.equal(host.isHeld, false);
  assert.equal(host.takeHeldMs(performance.now()), 0);
});

test("the clock stops while an isolate waits for a debugger, and that time is counted once", async (t) => {
  const host = await open(t, true);
  assert.deepEqual(host.setup(), { waits: true, stopsAtFirstLine: true });
  host.onMessage({ kind: "debugger", url: inspectorUrl, isWaiting: true });
  assert.equal(host.isHeld, true);
  const later = performance.now() + 1_000;
  assert.ok(host.takeHeldMs(later) >= 1_000);
  assert.equal(host.takeHeldMs(later), 0);
  host.onMessage({ kind: "debugger", url: inspectorUrl, isWaiting: false });
  assert.equal(host.isHeld, false);
});

test("--inspect-brk waits again after an isolate that ended before it ran a call", async (t) => {
  const host = await open(t, true);
  for (const hasServed of [false, true]) {
    assert.deepEqual(host.setup(), { waits: true, stopsAtFirstLine: true });
    host.onMessage({ kind: "debugger", url: inspectorUrl, isWaiting: true });
    host.onMessage({ kind: "debugger", url: inspectorUrl, isWaiting: false });
    host.onEnded(hasServed);
  }
  assert.deepEqual(host.setup(), { waits: false, stopsAtFirstLine: false });
});

test("Node's messages about its inspector are removed from the output, and nothing else", async (t) => {
  const host = await open(t);
  const own =
    "Debugger attached.\nmine\nDebugger listening on ws://127.0.0.1:1/x\nFor help, see: https://nodejs.org/x\n";
  assert.equal(host.withoutNotes(own), "mine\n");
  assert.equal(host.withoutNotes("the Debugger attached.\n"), "the Debugger attached.\n");
});

test("if Node cannot debug hardened isolates, the error says so", async () => {
  await assert.rejects(openDebugger({ sid: "ZS", folder: "/project" }, { ...local, breaks: false }, true, new Set()), {
    code: "debugger-unavailable",
  });
});
