/**
 * A function sets headers, cookies, status and body (contract §6). On the wire this becomes an error of the ledger, or
 * one message with exactly these headers. The next reply on the connection belongs to the next request.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { isOffhookReplyCode } from "./ledger-codes.ts";
import type { Outcome } from "../../src/pool/invocation.ts";
import { concurrencyHeader, connectionHeaders, errorHeader, requestIdHeader } from "../../src/reply-headers.ts";
import { replyFrom, ReplyError } from "../../src/worker/reply.ts";
import { TwilioResponse } from "../../src/worker/twilio-response.ts";
import { startGateway, text } from "../unit/gateway/gateway-fixture.ts";
import { all, readMessages, type Message } from "./http-reader.ts";
import { comesTrue, hostileBytesText, hostileText } from "./property.ts";

const limits = {
  requestBytes: 1_000_000,
  replyBytes: 1_000_000,
  headerBytes: 15_360,
  headerCount: 90,
  cookieMaxAgeSeconds: 86_400,
};

const smuggled = fc.constantFrom(
  "x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
  "x\r\nset-cookie: a=1",
  "x\nx-injected: 1",
  "x\rx-injected: 1",
  "\u010d\u010ax-injected: 1",
  "chunked",
  "0",
  "close",
);
const owned = fc.constantFrom(
  ..."Content-Length transfer-encoding Connection Keep-Alive Upgrade Trailer TE Proxy-Connection Expect Date".split(
    " ",
  ),
  ..."Server content-type Content-Type Set-Cookie set-cookie x-content-type-options X-Tag __proto__ constructor".split(
    " ",
  ),
  ..."X-Offhook-Error x-offhook-request-id X-Twilio-Function-Concurrency".split(" "),
);
const value = fc.oneof(hostileText, hostileBytesText, smuggled, fc.constantFrom("a=1;Max-Age=60", "a=1;Domain=x"));
const name = fc.oneof({ weight: 4, arbitrary: owned }, { weight: 1, arbitrary: fc.oneof(hostileText, smuggled) });
const status = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(200, 201, 204, 304, 301, 418, 500, 599) },
  fc.integer(),
);
const body = fc.oneof(
  fc.constant(null),
  hostileText,
  fc.uint8Array({ maxLength: 50 }),
  fc.constant("x".repeat(20_000)),
);

const serverHeaders = [requestIdHeader, errorHeader, concurrencyHeader];
/** Headers that an author cannot set. */
const dropped = new Set([...connectionHeaders, ...serverHeaders]);
/** Headers that the gateway and Node add. */
const added = new Set([
  ...serverHeaders,
  ..."content-length connection keep-alive date".split(" "),
  ..."x-content-type-options x-xss-protection x-shenanigans".split(" "),
]);

/** Sends a request that `outcome` answers and a plain request after it, and reads both replies. */
async function exchange(t: TestContext): Promise<(outcome: Outcome, isHead: boolean) => Promise<[Message, Message]>> {
  let next: Outcome = text("");
  const fixture = await startGateway(t, { answer: ({ query }) => (query === "plain" ? text("plain") : next) });
  return async (outcome, isHead) => {
    next = outcome;
    const socket = connect({ host: "127.0.0.1", port: fixture.port });
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.write(
      `${isHead ? "HEAD" : "GET"} /hello HTTP/1.1\r\nHost: h\r\n\r\n` +
        "GET /hello?plain HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    );
    await once(socket, "close");
    const messages = readMessages(Buffer.concat(chunks), (index) => isHead && index === 0);
    assert.equal(messages.length, 2);
    const [first, second] = messages as [Message, Message];
    assert.equal(second.body.toString(), "plain");
    return [first, second];
  };
}

/** Checks the author's headers, in their order, without those that a message may not carry. */
function assertHeaders(message: Message, asked: readonly (readonly [string, string])[]): void {
  const expected = asked
    .filter(([key]) => !dropped.has(key.toLowerCase()))
    .map(([key, one]): [string, string] => [key, one.replace(/^[\t ]+|[\t ]+$/g, "")]);
  const isAsked = (key: string): boolean => expected.some(([each]) => each.toLowerCase() === key.toLowerCase());
  assert.deepEqual(
    message.headers.filter(([key]) => !added.has(key.toLowerCase()) || isAsked(key)),
    expected,
  );
  assert.equal(all(message.headers, "x-offhook-request-id").length, 1);
}

function pairsOf(headers: readonly string[]): [string, string][] {
  return headers.flatMap((key, index) =>
    index % 2 === 0 ? [[key, headers[index + 1] ?? ""] as [string, string]] : [],
  );
}

test("a Twilio.Response becomes one message with its headers, or an error of the ledger", async (t) => {
  const ask = await exchange(t);
  const response = fc
    .tuple(
      status,
      body,
      fc.array(fc.tuple(name, fc.oneof(value, fc.array(value, { maxLength: 3 })), fc.boolean()), { maxLength: 6 }),
    )
    .map(([code, content, lines]) => {
      const made = new TwilioResponse({ statusCode: code, body: content });
      for (const [key, one, isCookie] of lines) {
        if (isCookie) made.setCookie(key, [one].flat().join(), [[one].flat().join()]);
        else made.appendHeader(key, one);
      }
      return made;
    });
  await comesTrue(
    fc.asyncProperty(response, fc.boolean(), async (made, isHead) => {
      let reply;
      try {
        reply = replyFrom(made, limits);
      } catch (error) {
        assert.ok(error instanceof ReplyError, String(error));
        assert.ok(isOffhookReplyCode(error.code));
        return;
      }
      const [message] = await ask({ kind: "reply", running: 1, ...reply }, isHead);
      assert.equal(message.status, reply.status);
      assertHeaders(message, pairsOf(reply.headers));
      for (const [key] of pairsOf(reply.headers)) assert.ok(key in made.headers || key === "content-type", key);
      for (const cookie of all(message.headers, "set-cookie")) assert.match(cookie, /;HttpOnly;Secure$/);
      const isBodiless = isHead || reply.status === 204 || reply.status === 304;
      assert.deepEqual(message.body, isBodiless ? Buffer.alloc(0) : reply.body);
    }),
    300,
  );
});

test("a reply that an isolate writes to the pipe directly is one message too, or an error of the ledger", async (t) => {
  const ask = await exchange(t);
  const pairs = fc.array(fc.tuple(name, value), { maxLength: 6 }).map((lines) => lines.flat());
  await comesTrue(
    fc.asyncProperty(
      status,
      pairs,
      fc.boolean(),
      fc.uint8Array({ maxLength: 20 }),
      async (code, headers, isHead, bytes) => {
        const outcome: Outcome = { kind: "reply", status: code, headers, body: bytes, running: 1 };
        const [message] = await ask(outcome, isHead);
        const [error] = all(message.headers, "x-offhook-error");
        if (error === undefined) {
          assert.equal(message.status, code);
          assertHeaders(message, pairsOf(headers));
        } else assert.ok(isOffhookReplyCode(error), error);
      },
    ),
    300,
    [
      // Earlier, the error that replaced a reply without a body had no body either, and took the next reply's bytes.
      [204, ["", "x"], false, new Uint8Array()],
      [304, ["a", "\n"], false, new Uint8Array()],
      // Earlier, this sent the head in UTF-8.
      [200, ["Expect", "x", "X-Tag", "\u00e9"], false, new Uint8Array()],
    ],
  );
});
