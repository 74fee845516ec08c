/**
 * Connections send arbitrary bytes to a real server. It stays up, it answers or closes, it sends valid HTTP/1.1, and no
 * connection gets the answer of another.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";
import * as fc from "fast-check";
import { ledger } from "../../src/errors.ts";
import { serve, type Site } from "../site.ts";
import { markPlaceholder, randomStream, requestStream, type ByteStream } from "./byte-streams.ts";
import { all, readMessages, type Message } from "./http-reader.ts";
import { isOffhookReplyCode } from "./ledger-codes.ts";
import { comesTrue } from "./property.ts";

const project = {
  "functions/echo.js": "callback(null, { mark: event.mark, body: Object.keys(event) });",
  "functions/later.js": "setTimeout(() => callback(null, { mark: event.mark }), 3);",
  "functions/throws.js": "throw new Error(`mark ${event.mark}`);",
  "functions/p.protected.js": "callback(null, 'secret');",
  "assets/asset.txt": "an asset",
};
const deadlineMs = 15_000;
const others = new Set([100, 200, 204, 206, 304, 412, 416]);

let connections = 0;
function nextMark(): string {
  connections += 1;
  return `m${String(connections).padStart(markPlaceholder.length - 1, "0")}`;
}

/** Sends the stream in its pieces and closes that half. Returns all bytes that come back until the server closes. */
async function send(port: number, { bytes, cuts }: ByteStream, mark: string): Promise<Buffer> {
  const sent = Buffer.from(bytes.toString("latin1").replaceAll(markPlaceholder, mark), "latin1");
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true });
  const received: Buffer[] = [];
  socket.on("data", (chunk) => received.push(chunk));
  // A server may reset a connection if it does not want to read the rest.
  socket.on("error", () => undefined);
  const over = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
  for (let at = 0, index = 0; at < sent.length; index += 1) {
    const length = cuts[index % cuts.length] ?? 1;
    if (socket.writable) socket.write(sent.subarray(at, at + length));
    at += length;
    // Each piece is a write of its own, up to the first few hundred.
    if (index < 200) await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), deadlineMs)));
  const ending = await Promise.race([over, late]);
  clearTimeout(timer);
  socket.destroy();
  assert.notEqual(
    ending,
    "late",
    `neither an answer nor a close; received ${Buffer.concat(received).toString("latin1")}`,
  );
  return Buffer.concat(received);
}

function assertAnswer(message: Message, mark: string): void {
  const [code] = all(message.headers, "x-offhook-error");
  // The Expect header has an unknown value. The request is malformed, and HTTP has a status for that.
  if (message.status === 417) return assert.equal(code, "request-malformed");
  if (code === undefined) assert.ok(others.has(message.status), `${message.status} without a code`);
  else {
    assert.ok(isOffhookReplyCode(code), code);
    assert.equal(message.status, (ledger[code as keyof typeof ledger] as { status: number }).status);
  }
  const text = message.body.toString("latin1");
  assert.ok(!text.includes("secret"));
  for (const [found] of text.matchAll(/m0\d{10}/g)) assert.equal(found, mark, "the answer of another connection");
}

/** A correct client that sends requests on one connection while the others are at work. */
function wellBehaved(site: Site): { stop(): Promise<void> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const over = new AbortController();
  const ask = async (mark: string): Promise<void> => {
    const request = get(`${site.url}/echo?mark=${mark}`, { agent });
    const [response] = await once(request, "response");
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    assert.equal(response.statusCode, 200);
    assert.equal((JSON.parse(Buffer.concat(chunks).toString()) as { mark: string }).mark, mark);
  };
  const work = (async () => {
    for (let count = 0; !over.signal.aborted; count += 1) await ask(`good-${count}`);
  })();
  work.catch(() => undefined);
  return {
    stop: async () => {
      over.abort();
      await work;
      agent.destroy();
    },
  };
}

const examples: Buffer[] = [
  `POST /echo?mark=${markPlaceholder} HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`,
  `GET /echo?mark=${markPlaceholder} HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\0\0\0`,
  `CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\nGET /echo HTTP/1.1\r\nHost: h\r\n\r\n`,
  `POST /later?mark=${markPlaceholder} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n`,
  // Earlier, the "100 Continue" of a waiting request was sent in the middle of the reply before it.
  "GET /later HTTP/1.1\r\nHost: h\r\n\r\nPOST /asset.txt HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
  // Earlier, this connection stayed open without an answer, because the reply before had promised to keep it open.
  `GET /nope HTTP/1.1\r\nHost: h\r\n\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nGET`,
  // The head is refused, and then the body breaks its framing. Earlier, that cut off the refusal.
  "POST /nope HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\0\r\n",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
].map((text) => Buffer.from(text, "latin1"));

for (const [name, stream, runs] of [
  ["requests in a row, damaged and cut anywhere", requestStream, 100],
  ["random bytes", randomStream, 40],
] as const) {
  test(`${name}: each connection gets its own answers, or a close`, async (t) => {
    const site = await serve(t, project, { timeout: 5_000 });
    const neighbour = wellBehaved(site);
    await comesTrue(
      fc.asyncProperty(fc.array(stream, { minLength: 1, maxLength: 4 }), async (streams) => {
        await Promise.all(
          streams.map(async (each) => {
            const mark = nextMark();
            const received = await send(site.server.address.port, each, mark);
            for (const message of readMessages(received)) assertAnswer(message, mark);
          }),
        );
      }),
      runs,
      examples.map((bytes): [ByteStream[]] => [[1_000, 1].map((length) => ({ bytes, cuts: [length] }))]),
    );
    await neighbour.stop();
    assert.deepEqual(
      site.ended.filter(({ reason }) => ["crashed", "out-of-memory", "protocol-broken", "exited"].includes(reason)),
      [],
    );
    assert.equal((await site.call("/echo?mark=last")).status, 200);
  });
}
