/** Streams of bytes as a client may send them: several requests, each with its mark, some of them damaged. */
import * as fc from "fast-check";

/** `#` stands for the mark of the connection. */
export interface ByteStream {
  readonly bytes: Buffer;
  /** Lengths of the writes, used in turn. */
  readonly cuts: readonly number[];
}

/**
 * Stands for the connection's mark until that is known. It has the same length, and no character that matters to a
 * parser.
 */
export const markPlaceholder = "MARKMARKMARK";

const path = fc.constantFrom(
  ..."/echo /echo /echo /echo /later /later /later /throws /asset.txt /p /nope /_offhook/health *".split(" "),
);
const end = fc.oneof({ weight: 19, arbitrary: fc.constant("\r\n") }, { weight: 1, arbitrary: fc.constant("\n") });
/** Without `Upgrade`, because Node would keep the body, and the test would wait a minute for the request's deadline. */
const extra = fc.constantFrom(
  "X-A: b",
  "X-A:",
  "X-A: \u0080\u00ff",
  "Cookie: a=1; b",
  "Content-Type: application/json",
  "Content-Type: application/x-www-form-urlencoded",
  "Content-Encoding: gzip",
  "Expect: 100-continue",
  "Connection: keep-alive, Upgrade",
  "If-None-Match: *",
  "Range: bytes=0-1",
  "TE: trailers",
);
const broken = fc.constantFrom(
  "Connection: close",
  "Content-Length: 5",
  "Content-Length: 0x1",
  "Content-Length: -1",
  "Content-Length: 5, 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: chunked, gzip",
  "Transfer-Encoding: \u000bchunked",
  " folded",
  "\tfolded",
  "Host: other",
  "Host",
  ": x",
  "X-\0: a",
  "X-A: a\0b",
  "X A: b",
  "X-A: a\rb",
  "Trailer: x",
);

const request = fc
  .record({
    method: fc.constantFrom(..."GET GET GET GET GET POST POST POST POST POST OPTIONS PUT CONNECT".split(" ")),
    path,
    version: fc.oneof(
      { weight: 12, arbitrary: fc.constant("1.1") },
      { weight: 1, arbitrary: fc.constantFrom("1.0", "2.0", "1.9") },
    ),
    lines: fc.array(fc.oneof({ weight: 20, arbitrary: extra }, { weight: 1, arbitrary: broken }), { maxLength: 3 }),
    framing: fc.constantFrom(..."sent sent sent sent length chunked chunked chunked both none".split(" ")),
    body: fc.constantFrom(
      "",
      "a=1",
      '{"a":1}',
      "0\r\n\r\n",
      `GET /echo?mark=${markPlaceholder} HTTP/1.1\r\nHost: h\r\n\r\n`,
    ),
    end,
  })
  .map(({ method, path: target, version, lines, framing, body, end: eol }) => (index: number): string => {
    const head = [`${method} ${target}?mark=${markPlaceholder}.${index} HTTP/${version}`, "Host: h", ...lines];
    // As clients do, an empty body has no length.
    const isSent = framing === "sent" && method === "POST";
    if (isSent || framing === "length" || framing === "both") head.push(`Content-Length: ${body.length}`);
    if (framing === "chunked" || framing === "both") head.push("Transfer-Encoding: chunked");
    const isChunked = framing === "chunked" || framing === "both";
    const chunks = body === "" ? "" : `${body.length.toString(16)}\r\n${body}\r\n`;
    return `${head.join(eol)}${eol}${eol}${isChunked ? `${chunks}0\r\n\r\n` : framing === "sent" && !isSent ? "" : body}`;
  });

const piece = fc.constantFrom(
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  "\0",
  " ",
  ":",
  "0",
  "\u00ff",
  "Content-Length: 3\r\n",
  "5\r\n",
);
const damage = fc.record({
  how: fc.constantFrom("replace", "insert", "remove", "repeat", "truncate"),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 8 }),
  put: fc.oneof(
    piece,
    fc.nat(255).map((byte) => String.fromCharCode(byte)),
  ),
});

function damaged(
  text: string,
  { how, at, length, put }: { how: string; at: number; length: number; put: string },
): string {
  const place = text.length === 0 ? 0 : at % text.length;
  const [before, part, after] = [text.slice(0, place), text.slice(place, place + length), text.slice(place + length)];
  switch (how) {
    case "replace":
      return before + put + text.slice(place + put.length);
    case "insert":
      return before + put + part + after;
    case "remove":
      return before + after;
    case "repeat":
      return before + part + part + after;
    default:
      return before;
  }
}

const cuts = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 10, max: 2_000 })), {
  minLength: 1,
  maxLength: 5,
});

export const requestStream: fc.Arbitrary<ByteStream> = fc
  .tuple(
    fc.array(request, { minLength: 1, maxLength: 5 }),
    fc.oneof(fc.constant([]), fc.array(damage, { maxLength: 3 })),
    cuts,
  )
  .map(([requests, damages, lengths]) => {
    const whole = requests.map((make, index) => make(index)).join("");
    return { bytes: Buffer.from(damages.reduce(damaged, whole), "latin1"), cuts: lengths };
  });

export const randomStream: fc.Arbitrary<ByteStream> = fc
  .tuple(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc
        .string({
          unit: fc.constantFrom(
            "GET ",
            "/",
            " HTTP/1.1",
            "\r\n",
            "Host: h",
            ":",
            "\0",
            "\n",
            " ",
            "\u0016\u0003\u0001",
          ),
        })
        .map((text) => Buffer.from(text, "latin1")),
    ),
    cuts,
  )
  .map(([bytes, lengths]) => ({ bytes, cuts: lengths }));
