import { rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { requestErrors } from "../../packages/runtime/src/ledger/requests.ts";
import { heldFunction, release } from "../../packages/runtime/test/overlap.ts";
import { serve, until as eventually, type CallOptions } from "../../packages/runtime/test/site.ts";
import {
  assetsIn,
  call,
  exchangeRaw,
  latch,
  open,
  startGateway,
  text,
  until,
  type Call,
  type FixtureOptions,
} from "../../packages/runtime/test/unit/gateway/gateway-fixture.ts";
import { testEachCode, type Provocation } from "./provocation.ts";

/** A request that the gateway refuses. */
function refused(path: string, request: Call = {}, options: FixtureOptions = {}): Provocation {
  return async (t) => (await call(await startGateway(t, options), path, request)).headers["x-offhook-error"];
}

/** A request whose body the isolate refuses. */
function refusedBody(contentType: string, body: string, headers: Record<string, string> = {}): Provocation {
  const request: CallOptions = { method: "POST", headers: { "content-type": contentType, ...headers }, body };
  return async (t) => {
    const site = await serve(t, { "functions/hello.js": "callback(null, event)" });
    return (await site.call("/hello", request)).headers["x-offhook-error"];
  };
}

const codeIn = (reply: string): string | undefined => /x-offhook-error: ([a-z-]+)/.exec(reply)?.[1];

function signedWithKey(algorithm: string, options: FixtureOptions = {}): Provocation {
  const settings = `key=webhooks_sharedkey_1,algorithm=${algorithm}`;
  const headers = { "x-twilio-signature": "c2lnbmF0dXJl", "x-twilio-webhooks-signature-settings": settings };
  return refused("/p", { method: "POST", headers }, options);
}

async function fillAllRoom(t: TestContext): Promise<unknown> {
  const fixture = await startGateway(t, { gateway: { heldLimitBytes: 100_000 } });
  const { socket } = await open(t, fixture);
  socket.write(`POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n${"x".repeat(90_000)}`);
  let code: unknown;
  // The server may not have read the socket's bytes yet.
  while (code === undefined) {
    code = (await call(fixture, "/hello", { method: "POST", body: "x".repeat(60_000) })).headers["x-offhook-error"];
  }
  return code;
}

async function askWhileDraining(t: TestContext): Promise<unknown> {
  const released = latch();
  const fixture = await startGateway(t, {
    answer: async () => {
      await released.promise;
      return text("done");
    },
  });
  const late = await open(t, fixture);
  // A connection stays open while its head arrives.
  late.socket.write("GET /hello HTTP/1.1\r\n");
  const running = call(fixture, "/hello");
  await until(() => fixture.invocations.length === 1);
  const drained = fixture.gateway.drain();
  late.socket.write("Host: h\r\n\r\n");
  const reply = await late.closed();
  released.open();
  await Promise.all([running, drained]);
  return codeIn(reply);
}

testEachCode(requestErrors, {
  "host-unknown": refused("/hello", {}, { gateway: { resolve: () => undefined } }),
  "service-lookup-failed": refused(
    "/hello",
    {},
    { gateway: { resolve: () => Promise.reject(new Error("no answer")) } },
  ),
  "not-found": refused("/nope"),
  "method-not-allowed": refused("/hello", { method: "PUT" }),
  "body-with-get": refused("/hello", { method: "GET", body: "a=1", headers: { "content-length": "3" } }),
  "signature-invalid": refused("/p", { headers: { "x-twilio-signature": "c2lnbmF0dXJl" } }),
  "shared-key-missing": signedWithKey("HMAC_SHA256"),
  "signature-algorithm-unsupported": signedWithKey("HMAC_MD5", { access: { sharedKeySecret: "secret" } }),
  "auth-token-missing": refused("/p", {}, { access: { authToken: undefined } }),
  "request-malformed": async (t) => codeIn(await exchangeRaw(t, await startGateway(t), "no request\r\n\r\n")),
  "request-timed-out": async (t) => {
    const fixture = await startGateway(t, { gateway: { timeouts: { headMs: 50 } } });
    return codeIn(await exchangeRaw(t, fixture, "GET /hello HTTP/1.1\r\nHo"));
  },
  "request-too-large": refused(
    "/hello",
    { method: "POST", body: "x".repeat(2_000) },
    { limits: { requestBytes: 1_000 } },
  ),
  "request-headers-too-long": refused("/hello", { headers: { cookie: "a".repeat(16_384) } }),
  "body-malformed": refusedBody("application/json", "{"),
  "body-encoding-unsupported": refusedBody("application/json", "{}", { "content-encoding": "zip" }),
  "body-charset-unsupported": refusedBody("application/json; charset=utf-7", "{}"),
  "websocket-unsupported": refused("/hello", { headers: { connection: "Upgrade", upgrade: "websocket" } }),
  "too-many-invocations": async (t) => {
    const site = await serve(t, { "functions/held.js": heldFunction("'done'") }, { concurrency: 1, queueTimeout: 0 });
    const running = site.call("/held");
    await eventually("it runs", () => site.output.length > 0);
    const { headers } = await site.call("/held");
    await release(site.folder);
    await running;
    return headers["x-offhook-error"];
  },
  "server-overloaded": fillAllRoom,
  "server-draining": askWhileDraining,
  "asset-unreadable": async (t) => {
    const { folder, assets } = await assetsIn(t, { "/a.txt": "a" });
    const fixture = await startGateway(t, { assets });
    // The service must not serve a link to a file outside its folder.
    await rm(join(folder, "a.txt"));
    await symlink(import.meta.filename, join(folder, "a.txt"));
    return (await call(fixture, "/a.txt")).headers["x-offhook-error"];
  },
});
