/** Clients that send without end: byte by byte, or by the megabyte. A time or a size limits each of them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { call, open, startGateway, text, until, type Fixture, type Raw } from "./gateway-fixture.ts";

/** Sends the bytes one at a time, again and again, until the server closes. */
async function trickle(t: TestContext, fixture: Fixture, begin: string, bytes: string): Promise<string> {
  const raw = await open(t, fixture);
  raw.socket.write(begin);
  let at = 0;
  const drip = setInterval(() => raw.socket.write(bytes.charAt(at++ % bytes.length)), 10);
  t.after(() => clearInterval(drip));
  const reply = await raw.closed();
  clearInterval(drip);
  raw.socket.destroy();
  return reply;
}

const good = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";

test("a head or a body that arrives byte by byte is cut off at its timeout, even if it still grows", async (t) => {
  const fixture = await startGateway(t, { gateway: { timeouts: { headMs: 200, requestMs: 400 } } });
  const bystander = await open(t, fixture);
  const timedOut = /HTTP\/1\.1 408 [^]*x-offhook-error: request-timed-out\r\n[^]*The request took too long to arrive$/;
  const chunkedHead = "POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const replies = await Promise.all([
    trickle(t, fixture, "GET /hello HTTP/1.1\r\n", "X-A: b\r\n"),
    trickle(t, fixture, "GET /", "a"),
    trickle(t, fixture, `${good}GET /hello HTTP/1.1\r\n`, "X-A: b\r\n"),
    trickle(t, fixture, "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n", "a"),
    trickle(t, fixture, chunkedHead, "1\r\na\r\n"),
    trickle(t, fixture, `${chunkedHead}1;`, "a"),
    trickle(t, fixture, `${chunkedHead}0\r\n`, "X-A: b\r\n"),
    trickle(t, fixture, "POST /hello HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9999\r\n\r\n", "a"),
  ]);
  for (const [index, reply] of replies.entries()) assert.match(reply, timedOut, `reply ${index}`);
  assert.match(replies[2] ?? "", /^HTTP\/1\.1 200 OK\r\n/);
  await until(() => fixture.ended.filter(({ code }) => code === "request-timed-out").length === replies.length);
  assert.equal(fixture.invocations.length, 1);
  assert.equal((await call(fixture, "/hello")).status, 200);
  // It never sent a byte, and was closed like the others.
  assert.equal(await bystander.closed(), "");
});

/** Sends until the server closes or the number of bytes is sent. @returns the number of bytes sent. */
function pour({ socket }: Raw, piece: string, maxBytes: number): Promise<number> {
  return new Promise((resolve) => {
    let sent = 0;
    const write = (): void => {
      while (sent < maxBytes && socket.writable) {
        sent += piece.length;
        if (!socket.write(piece)) return;
      }
      resolve(sent);
    };
    socket.on("drain", write);
    for (const event of ["end", "close"]) socket.on(event, () => resolve(sent));
    write();
  });
}

test("every part of a request has a size limit", async (t) => {
  const fixture = await startGateway(t, { limits: { requestBytes: 100_000 } });
  const chunks = "POST /hello HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const endless: Record<string, [string, string, RegExp]> = {
    target: ["GET /", "a".repeat(10_000), /^HTTP\/1\.1 431 [^]*request-headers-too-long/],
    query: ["GET /hello?", "a=1&".repeat(10_000), /^HTTP\/1\.1 431 [^]*request-headers-too-long/],
    "header name": [
      "GET /hello HTTP/1.1\r\nHost: h\r\n",
      "a".repeat(10_000),
      /^HTTP\/1\.1 431 [^]*request-headers-too-long/,
    ],
    headers: [
      "GET /hello HTTP/1.1\r\nHost: h\r\n",
      "X-A: b\r\n".repeat(1_000),
      /^HTTP\/1\.1 431 [^]*request-headers-too-long/,
    ],
    "chunk extension": [`${chunks}1;`, "a".repeat(10_000), /^HTTP\/1\.1 400 [^]*request-malformed/],
    "chunk extensions": [
      chunks,
      "1;aaaaaaaaaaaaaaaaaaaa\r\nx\r\n".repeat(500),
      /^HTTP\/1\.1 413 [^]*request-too-large/,
    ],
    trailers: [`${chunks}0\r\n`, "X-A: b\r\n".repeat(1_000), /^HTTP\/1\.1 431 [^]*request-headers-too-long/],
    chunks: [chunks, `ff\r\n${"a".repeat(255)}\r\n`.repeat(100), /^HTTP\/1\.1 413 [^]*request-too-large/],
    "one chunk": [`${chunks}ffffffffffffffff\r\n`, "a".repeat(60_000), /^HTTP\/1\.1 413 [^]*request-too-large/],
  };
  for (const [name, [begin, piece, expected]] of Object.entries(endless)) {
    const raw = await open(t, fixture);
    raw.socket.write(begin);
    const poured = await pour(raw, piece, 40_000_000);
    assert.match(await raw.closed(), expected, name);
    assert.ok(poured < 40_000_000, `${name}: ${poured} bytes were taken`);
    raw.socket.destroy();
  }
  await until(() => fixture.ended.length === Object.keys(endless).length);
  assert.deepEqual(fixture.invocations, []);
  assert.equal((await call(fixture, "/hello")).status, 200);
});

test("a hundred pipelined requests are answered in their order, and a bad one ends the row", async (t) => {
  const fixture = await startGateway(t, { answer: ({ query }) => text(`<${query}>`) });
  const row = (from: number, to: number): string => {
    let bytes = "";
    for (let index = from; index < to; index++) bytes += `GET /hello?${index} HTTP/1.1\r\nHost: h\r\n\r\n`;
    return bytes;
  };
  const bodies = (reply: string): number[] => [...reply.matchAll(/<(\d+)>/g)].map(([, index]) => Number(index));
  const all = await open(t, fixture);
  all.socket.write(`${row(0, 100)}GET /hello?100 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
  assert.deepEqual(
    bodies(await all.closed()),
    Array.from({ length: 101 }, (_, index) => index),
  );

  fixture.invocations.length = 0;
  const broken = await open(t, fixture);
  broken.socket.write(`${row(0, 50)}GET /hello?50 HTTP/1.1\r\nHost h\r\n\r\n${row(51, 100)}`);
  assert.deepEqual(
    bodies(await broken.closed()),
    Array.from({ length: 50 }, (_, index) => index),
  );
  assert.ok(fixture.invocations.every(({ query }) => Number(query) < 50));
  assert.equal((await call(fixture, "/hello?x")).body, "<x>");

  // The request is rejected, but its end is clear, so the next ones are served.
  const refused = await open(t, fixture);
  refused.socket.write(
    `${row(0, 50)}DELETE /hello?x HTTP/1.1\r\nHost: h\r\nContent-Length: 41\r\n\r\n${row(66, 67)}${row(50, 99)}`,
  );
  refused.socket.write("GET /hello?99 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const replies = await refused.closed();
  assert.ok(!bodies(replies).includes(66), "a body is no request");
});

test("a client that reads its reply byte by byte gets all of it", async (t) => {
  const fixture = await startGateway(t, { answer: () => text("x".repeat(5_000)) });
  const raw = await open(t, fixture);
  raw.socket.removeAllListeners("data");
  raw.socket.pause();
  raw.socket.write("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  let received = "";
  raw.socket.on("readable", () => {
    for (let byte; (byte = raw.socket.read(1) as Buffer | null) !== null;) received += byte.toString("latin1");
  });
  await once(raw.socket, "end");
  assert.match(received, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nx{5000}$/);
});
