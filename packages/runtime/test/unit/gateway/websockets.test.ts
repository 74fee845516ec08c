/** Requests that ask for another protocol. A WebSocket is rejected, and everything else is served as plain HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { all, readMessages } from "../../properties/http-reader.ts";
import { assetsIn, call, fn, open, startGateway } from "./gateway-fixture.ts";

const next = "GET /hello?next HTTP/1.1\r\nHost: h\r\n\r\n";
const handshake =
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: chat\r\n";

function get(headers: string, line = "GET /hello?first HTTP/1.1"): string {
  return `${line}\r\nHost: h\r\n${headers}\r\n`;
}

test("a request for a WebSocket is 426 and runs nothing, and no bytes after it are read", async (t) => {
  const { assets } = await assetsIn(t, { "/a.txt": "an asset" });
  const fixture = await startGateway(t, { assets, functions: [fn("/hello"), fn("/p", "protected")] });
  const upgrade = `Connection: Upgrade\r\nUpgrade: websocket\r\n${handshake}`;
  const post = "POST /hello HTTP/1.1";
  const requests: Readonly<Record<string, string>> = {
    "of a function": get(upgrade),
    "of an asset": get(upgrade, "GET /a.txt HTTP/1.1"),
    "of a protected function": get(upgrade, "GET /p HTTP/1.1"),
    "in capitals": get("CONNECTION: UPGRADE\r\nUPGRADE: WEBSOCKET\r\n"),
    "in a list of connection options": get("Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"),
    "on a keep-alive connection": get("Connection: Upgrade\r\nConnection: keep-alive\r\nUpgrade: websocket\r\n"),
    "before another protocol": get("Connection: Upgrade\r\nUpgrade: websocket, h2c\r\n"),
    "behind another protocol": get("Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade:WebSocket/13\r\n"),
    "without the connection option, as by some proxies": get("Upgrade: websocket\r\n"),
    "in HTTP/1.0, as by some proxies": get(upgrade, "GET /hello HTTP/1.0"),
    "with a POST": get(upgrade, post),
    "with a body": `${get(`${upgrade}Content-Length: 3\r\n`, post)}a=1`,
    "with chunks": `${get(`${upgrade}Transfer-Encoding: chunked\r\n`, post)}3\r\na=1\r\n0\r\n\r\n`,
    "with a GET and a body": `${get(`${upgrade}Content-Length: 3\r\n`)}a=1`,
    "with frames at once": `${get(upgrade)}\x81\x85\0\0\0\0hello`,
  };
  for (const [name, bytes] of Object.entries(requests)) {
    const raw = await open(t, fixture);
    raw.socket.write(bytes + next, "latin1");
    const [reply, ...others] = readMessages(Buffer.from(await raw.closed(), "latin1"));
    assert.ok(reply, name);
    assert.deepEqual(others, [], name);
    assert.equal(reply.status, 426, name);
    assert.equal(reply.body.toString(), "Functions do not support WebSockets", name);
    assert.deepEqual(all(reply.headers, "x-offhook-error"), ["websocket-unsupported"], name);
    assert.deepEqual(all(reply.headers, "upgrade"), ["HTTP/1.1"], name);
    assert.deepEqual(all(reply.headers, "connection"), ["upgrade, close"], name);
    assert.ok(!reply.headers.some(([each]) => /^sec-websocket/i.test(each)), name);
    assert.equal(fixture.ended.at(-1)?.code, "websocket-unsupported", name);
  }
  assert.deepEqual(fixture.invocations, []);
});

test("a WebSocket request behind earlier requests on a connection is rejected in its turn", async (t) => {
  const fixture = await startGateway(t);
  const raw = await open(t, fixture);
  raw.socket.write(get("", "GET /hello?0 HTTP/1.1") + get("Connection: Upgrade\r\nUpgrade: websocket\r\n") + next);
  const replies = readMessages(Buffer.from(await raw.closed(), "latin1"));
  assert.deepEqual(
    replies.map(({ status }) => status),
    [200, 426],
  );
  assert.deepEqual(
    fixture.invocations.map(({ query }) => query),
    ["0"],
  );
});

test("a WebSocket request for another path or method is answered as usual", async (t) => {
  const fixture = await startGateway(t);
  const headers = { connection: "Upgrade", upgrade: "websocket" };
  for (const [method, path, status] of [
    ["GET", "/nope", 404],
    ["GET", "/lib", 404],
    ["OPTIONS", "/hello", 204],
    ["OPTIONS", "/p", 403],
    ["PUT", "/hello", 405],
    ["GET", "/_offhook/health", 200],
  ] as const) {
    const reply = await call(fixture, path, { method, headers });
    assert.equal(reply.status, status, `${method} ${path}`);
    // Node drops bytes after an upgrade on the connection, so a client must not send more there.
    assert.match(reply.headers.connection ?? "", /close/, `${method} ${path}`);
  }
  assert.deepEqual(fixture.invocations, []);
});

test("an upgrade to another protocol is ignored: the request is served as plain HTTP", async (t) => {
  const fixture = await startGateway(t);
  const settings = "HTTP2-Settings: AAMAAABk\r\n";
  for (const protocols of ["h2c", "TLS/1.0", "example/1, h2c", "websockets", "x-websocket", "WebSocketX/1", ","]) {
    for (const connection of ["Upgrade, HTTP2-Settings", "upgrade", "keep-alive, UPGRADE"]) {
      const upgrade = `Connection: ${connection}\r\nUpgrade: ${protocols}\r\n${settings}`;
      const post = (headers: string): string => get(`${upgrade}${headers}`, "POST /hello HTTP/1.1");
      const requests: readonly (readonly [string, string])[] = [
        [get(upgrade), ""],
        [get(upgrade, "GET /hello HTTP/1.0"), ""],
        [`${post("Content-Length: 3\r\n")}a=1`, "a=1"],
        [`${post("Transfer-Encoding: chunked\r\n")}1\r\na\r\n2\r\n=1\r\n0\r\n\r\n`, "a=1"],
      ];
      for (const [bytes, body] of requests) {
        fixture.invocations.length = 0;
        const raw = await open(t, fixture);
        raw.socket.write(bytes + next);
        const replies = readMessages(Buffer.from(await raw.closed(), "latin1"));
        assert.deepEqual(
          replies.map(({ status }) => status),
          [200],
          bytes,
        );
        assert.deepEqual(all(replies[0]?.headers ?? [], "upgrade"), []);
        assert.deepEqual(all(replies[0]?.headers ?? [], "connection"), ["close"]);
        assert.equal(fixture.invocations.length, 1, bytes);
        assert.equal(Buffer.from(fixture.invocations[0]?.body ?? []).toString(), body, bytes);
      }
    }
  }
});

test("a late body is read, also if the request asks for another protocol", async (t) => {
  const fixture = await startGateway(t);
  const raw = await open(t, fixture);
  const headers = "Connection: Upgrade\r\nUpgrade: h2c\r\nExpect: 100-continue\r\nContent-Length: 70000\r\n";
  raw.socket.write(get(headers, "POST /hello HTTP/1.1"));
  await raw.until(/100 Continue\r\n\r\n/);
  raw.socket.write("a".repeat(30_000));
  raw.socket.write("a".repeat(40_000));
  assert.match(await raw.closed(), /HTTP\/1\.1 200 OK\r\n/);
  assert.equal(fixture.invocations[0]?.body.length, 70_000);
});
