/** The bytes that the gateway holds are limited, however many clients send and however few read. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { notices } from "../../../src/observe/channels.ts";
import { call, open, startGateway, text, until, type Raw } from "./gateway-fixture.ts";

const kb = 1024;

test("when bodies use all the room, large ones are rejected and small ones are not", async (t) => {
  const fixture = await startGateway(t, {
    gateway: { heldLimitBytes: 500 * kb },
    limits: { requestBytes: 400 * kb },
  });
  const head = `POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: ${300 * kb}\r\n\r\n`;
  const slow: Raw[] = [];
  for (const bytes of [290 * kb, 205 * kb]) {
    const raw = await open(t, fixture);
    raw.socket.write(head + "x".repeat(bytes));
    slow.push(raw);
  }
  const large = { method: "POST", body: "x".repeat(200 * kb) };
  const small = { method: "POST", body: "x".repeat(20 * kb) };
  await until(() => slow.every(({ socket }) => socket.writableLength === 0));
  let refused = await call(fixture, "/hello", large);
  // Written bytes may not have been read yet.
  for (let i = 0; i < 100 && refused.status === 200; i++) refused = await call(fixture, "/hello", large);
  assert.equal(refused.status, 503);
  assert.equal(refused.headers["x-offhook-error"], "server-overloaded");
  assert.equal(refused.headers["retry-after"], "1");
  assert.equal((await call(fixture, "/hello", small)).status, 200);
  // One connection is cut, and the other gets its whole reply.
  slow[0]?.socket.destroy();
  await until(() => fixture.ended.some(({ code }) => code === "request-malformed"));
  slow[1]?.socket.write("x".repeat(95 * kb));
  assert.match((await slow[1]?.until(/hi$/)) ?? "", /^HTTP\/1\.1 200 /);
  for (let i = 0; i < 5; i++) assert.equal((await call(fixture, "/hello", large)).status, 200);
});

test("when unread replies use all the room, only the connection with most of them is cut", async (t) => {
  const messages: string[] = [];
  t.after(notices.subscribe(({ code, message }) => void (code === "reply-not-read" && messages.push(message))));
  const fixture = await startGateway(t, {
    gateway: { heldLimitBytes: 30_000 * kb },
    answer: ({ query }) => text("x".repeat(Number(query))),
  });
  const sizes = [10_000 * kb, 14_000 * kb, 10_000 * kb];
  const readers: Raw[] = [];
  for (const [index, size] of sizes.entries()) {
    const raw = await open(t, fixture);
    raw.socket.pause();
    raw.socket.write(`GET /hello?${size} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    readers.push(raw);
    await until(() => fixture.ended.length === index + 1);
  }
  await until(() => messages.length > 0);
  assert.match(messages[0] ?? "", /^A connection was cut: there was no more room for unread replies/);
  assert.equal((await call(fixture, "/hello?2")).body, "xx");
  // Now they read. A client that gets its whole reply was not cut.
  const isWhole: boolean[] = [];
  for (const [index, { socket, closed }] of readers.entries()) {
    socket.resume();
    isWhole.push((await closed()).endsWith("x".repeat(sizes[index] ?? 0)));
  }
  assert.deepEqual(isWhole, [true, false, true]);
});
