/** After a rejection, the server keeps reading, so that the client gets the answer. Bytes and time are limited. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { open, startGateway, text, until, type Fixture, type FixtureOptions, type Raw } from "./gateway-fixture.ts";

const kb = 1024;
/** More bytes than the server reads after a rejection plus those that the kernel holds for both ends of a connection. */
const endless = 40_000 * kb;
const piece = Buffer.alloc(64 * kb, "a");

interface Refusal {
  readonly sent: string;
  readonly reply: RegExp;
  readonly options?: FixtureOptions;
}

const large = "Content-Length: 9999999999\r\n\r\n";
const chunked = "Transfer-Encoding: chunked\r\n\r\n";
const post = "POST /hello HTTP/1.1\r\nHost: h\r\n";
/** One endless chunk, of which more arrives than a body may have. */
const endlessChunk = `ffffffffffff\r\n${"a".repeat(1_100 * kb)}`;

const refusals: Readonly<Record<string, Refusal>> = {
  "not HTTP": { sent: "no request\r\n", reply: /^HTTP\/1\.1 400 / },
  "two Host headers": { sent: `${post}Host: i\r\n${large}`, reply: /^HTTP\/1\.1 400 / },
  "no Host header": { sent: `POST /hello HTTP/1.1\r\n${large}`, reply: /^HTTP\/1\.1 400 / },
  "an unknown transfer coding": {
    sent: `${post}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    reply: /^HTTP\/1\.1 400 /,
  },
  "an unknown expectation": { sent: `${post}Expect: tea\r\n${large}`, reply: /^HTTP\/1\.1 417 / },
  "no signature": { sent: `POST /p HTTP/1.1\r\nHost: h\r\n${large}`, reply: /^HTTP\/1\.1 403 / },
  "no signature, in chunks": {
    sent: `POST /p HTTP/1.1\r\nHost: h\r\n${chunked}${endlessChunk}`,
    reply: /^HTTP\/1\.1 403 /,
  },
  "a body with GET": { sent: `GET /hello HTTP/1.1\r\nHost: h\r\n${large}`, reply: /^HTTP\/1\.1 403 / },
  "an unknown path": { sent: `POST /none HTTP/1.1\r\nHost: h\r\n${large}`, reply: /^HTTP\/1\.1 404 / },
  "an unsupported method": { sent: `PUT /hello HTTP/1.1\r\nHost: h\r\n${large}`, reply: /^HTTP\/1\.1 405 / },
  CONNECT: { sent: "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", reply: /^HTTP\/1\.1 405 / },
  "a large body": { sent: post + large, reply: /^HTTP\/1\.1 413 / },
  "a large body in chunks": { sent: post + chunked + endlessChunk, reply: /^HTTP\/1\.1 413 / },
  "large headers": { sent: `${post}${"X-A: b\r\n".repeat(100)}${large}`, reply: /^HTTP\/1\.1 431 / },
  "no room": {
    sent: post + chunked + endlessChunk,
    reply: /^HTTP\/1\.1 503 [^]*server-overloaded/,
    options: { gateway: { heldLimitBytes: 10 } },
  },
  "a body for the health check": {
    sent: `GET /_offhook/health HTTP/1.1\r\nHost: h\r\n${large}`,
    reply: /^HTTP\/1\.1 200 /,
  },
  "a body with OPTIONS": { sent: `OPTIONS /hello HTTP/1.1\r\nHost: h\r\n${large}`, reply: /^HTTP\/1\.1 204 / },
  "bytes after an upgrade": {
    sent: "GET /hello HTTP/1.1\r\nHost: h\r\nUpgrade: tea\r\nConnection: upgrade\r\n\r\n",
    reply: /^HTTP\/1\.1 200 /,
  },
  "bytes after the last request": {
    sent: "GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    reply: /^HTTP\/1\.1 200 /,
  },
};

async function refusedWith(t: TestContext, { sent, options }: Refusal): Promise<{ fixture: Fixture; raw: Raw }> {
  const fixture = await startGateway(t, options);
  const raw = await open(t, fixture);
  raw.socket.write(sent);
  return { fixture, raw };
}

/** Sends until the connection is gone or the amount is sent, and ignores the answer. @returns the bytes sent. */
function pour({ socket }: Raw): Promise<number> {
  return new Promise((resolve) => {
    const write = (): void => {
      while (!socket.destroyed && socket.bytesWritten < endless) if (!socket.write(piece)) return;
      resolve(socket.bytesWritten);
    };
    socket.on("drain", write);
    socket.on("close", () => resolve(socket.bytesWritten));
    write();
  });
}

for (const [name, refusal] of Object.entries(refusals)) {
  test(`${name}: the client gets the answer, and the server does not read forever`, async (t) => {
    const { raw } = await refusedWith(t, refusal);
    const poured = await pour(raw);
    assert.match(await raw.closed(), refusal.reply);
    assert.ok(poured < endless, `${poured} bytes were read`);
  });
}

test("a client that keeps sending slowly after a rejection is cut", async (t) => {
  const all = Object.values(refusals).map(async (refusal) => {
    const { raw } = await refusedWith(t, refusal);
    const drip = setInterval(() => raw.socket.write("a"), 10);
    t.after(() => clearInterval(drip));
    await until(() => raw.socket.destroyed, 30_000);
    return [await raw.closed(), refusal.reply] as const;
  });
  for (const [reply, expected] of await Promise.all(all)) assert.match(reply, expected);
});

test("a client that sends all of its body before it reads gets the answer", async (t) => {
  for (const path of ["/hello", "/p", "/none"]) {
    const fixture = await startGateway(t);
    const raw = await open(t, fixture);
    raw.socket.pause();
    const size = 8_000 * kb;
    raw.socket.write(`POST ${path} HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`);
    await new Promise((resolve) => raw.socket.write(Buffer.alloc(size), resolve));
    raw.socket.resume();
    assert.match(await raw.closed(), /^HTTP\/1\.1 4\d\d /);
  }
});

test("while an earlier reply is due, bytes after a rejected request are read only up to a limit", async (t) => {
  for (const refused of [`POST /none HTTP/1.1\r\nHost: h\r\n${large}`, "no request\r\n"]) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const fixture = await startGateway(t, {
      answer: async () => {
        await promise;
        return text("first");
      },
    });
    const raw = await open(t, fixture);
    raw.socket.write(`GET /hello HTTP/1.1\r\nHost: h\r\n\r\n${refused}`);
    let isOver = false;
    const poured = pour(raw).then((bytes) => {
      isOver = true;
      return bytes;
    });
    let before = -1;
    await until(() => {
      const isStill = before === raw.socket.bytesWritten && raw.socket.writableLength > 0;
      before = raw.socket.bytesWritten;
      return isOver || isStill;
    });
    resolve();
    assert.ok((await poured) < endless);
    assert.match(await raw.closed(), /^HTTP\/1\.1 200 [^]*first/);
  }
});

test("no bytes after a rejected request on its connection become a request", async (t) => {
  const fixture = await startGateway(t);
  const next = "GET /hello HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const refused of [`POST /none HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n12345`]) {
    const raw = await open(t, fixture);
    raw.socket.write(refused + next);
    assert.match(await raw.closed(), /^HTTP\/1\.1 404 /);
  }
  assert.deepEqual(fixture.invocations, []);
});
