/**
 * A strict reader of a server's output. The bytes must be whole HTTP/1.1 messages and nothing else, or it throws.
 * Node's own parser would accept some errors.
 */
import assert from "node:assert/strict";

export interface Message {
  readonly status: number;
  readonly reason: string;
  /** In the order sent. Each character is a byte. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

const statusLine = /^HTTP\/1\.1 ([1-5]\d\d) ([\t\x20-\x7e]*)$/;
const field =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?[ \t]*$/;

/** @param isHead whether the message at this index answers a HEAD */
export function readMessages(bytes: Buffer, isHead: (index: number) => boolean = () => false): Message[] {
  const messages: Message[] = [];
  let index = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf("\r\n\r\n", at);
    assert.notEqual(end, -1, `no end of a head in ${show(bytes.subarray(at))}`);
    const [first = "", ...lines] = bytes.toString("latin1", at, end).split("\r\n");
    const start = statusLine.exec(first);
    assert.ok(start, `no status line: ${JSON.stringify(first)}`);
    const headers = lines.map((line): [string, string] => {
      const match = field.exec(line);
      assert.ok(match, `no header: ${JSON.stringify(line)}`);
      return [match[1] ?? "", match[2] ?? ""];
    });
    const status = Number(start[1]);
    at = end + 4;
    const length = lengthOf(status, headers, isHead(index));
    assert.ok(at + length <= bytes.length, `the body ends before its ${length} bytes`);
    messages.push({ status, reason: start[2] ?? "", headers, body: bytes.subarray(at, at + length) });
    at += length;
    if (status >= 200) index += 1;
  }
  return messages;
}

function lengthOf(status: number, headers: Message["headers"], isHead: boolean): number {
  const lengths = all(headers, "content-length");
  assert.deepEqual(all(headers, "transfer-encoding"), [], "we never send chunks");
  if (status === 204 || status === 304 || status < 200) {
    if (status !== 304) assert.deepEqual(lengths, []);
    return 0;
  }
  assert.equal(lengths.length, 1, `lengths: ${lengths.join()}`);
  assert.match(lengths[0] ?? "", /^\d+$/);
  return isHead ? 0 : Number(lengths[0]);
}

/** The values of all headers with this name. */
export function all(headers: Message["headers"], name: string): string[] {
  return headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
}

function show(bytes: Buffer): string {
  return JSON.stringify(bytes.toString("latin1", 0, 200));
}
