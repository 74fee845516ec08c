import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { isOffhookError } from "@offhook/runtime/offhook-error";

import { listen, originOf } from "../../src/server/listener.ts";

async function take(t: TestContext, port = 0): Promise<number> {
  const server = createServer();
  await once(server.listen(port, "127.0.0.1"), "listening");
  t.after(() => server.close());
  return portOf(server);
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function open(t: TestContext, port: number | undefined, functionsPort: number): Promise<Server> {
  const server = await listen(port, functionsPort);
  t.after(() => server.close());
  return server;
}

test("the dashboard has the next free port after the functions', on the loopback address", async (t) => {
  const functionsPort = await take(t);
  const first = await open(t, undefined, functionsPort);
  assert.ok(portOf(first) > functionsPort);
  assert.equal((first.address() as AddressInfo).address, "127.0.0.1");
  assert.equal(originOf(first), `http://127.0.0.1:${portOf(first)}`);
  const second = await open(t, undefined, functionsPort);
  assert.ok(portOf(second) > portOf(first));
});

test("after the last port, any free one is used", async (t) => {
  assert.ok(portOf(await open(t, undefined, 65_535)) > 0);
});

test("a port in the options is used, or the start fails", async (t) => {
  const taken = await take(t);
  assert.notEqual(portOf(await open(t, 0, taken)), taken);
  await assert.rejects(listen(taken, 3000), (error) => isOffhookError(error) && error.code === "port-in-use");
});
