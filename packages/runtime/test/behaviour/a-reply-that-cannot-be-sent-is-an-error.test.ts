/**
 * A function can pass any value to `callback`. A value that cannot be a reply is an error of the ledger, at once. A
 * reply that clients could misread is not sent as it is.
 */
import assert from "node:assert/strict";
import { testFaults, type Fault, type Faults } from "../fault.ts";
import type { ReplyErrorCode } from "../../src/errors.ts";

/** Gives each of these codes the same outcome. */
function each(gets: Fault["gets"], codes: Readonly<Record<string, string>>, more: Partial<Fault> = {}): Faults {
  return Object.fromEntries(
    Object.entries(codes).map(([name, does]): [string, Fault] => [name, { does, gets, isolate: "kept", ...more }]),
  );
}

const error = (code: ReplyErrorCode): `500 ${ReplyErrorCode}` => `500 ${code}`;
const response = (what: string): string => `const response = new Twilio.Response(); ${what}; callback(null, response);`;

const payloads = each(error("reply-not-serializable"), {
  "a circular object": "const a = {}; a.a = a; callback(null, a)",
  "a BigInt": "callback(null, 1n)",
  "a function": "callback(null, () => {})",
  "a symbol": "callback(null, Symbol('a'))",
  "a getter that throws": "callback(null, { get a() { throw new Error('gotcha') } })",
  "a getter that throws undefined": "callback(null, { get a() { throw undefined } })",
  "a getter with endless recursion": "callback(null, { get a() { return this.a } })",
  "nested deeper than the stack": "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; callback(null, a)",
  "toJSON that throws": "callback(null, { toJSON() { throw new Error('gotcha') } })",
  "toJSON that returns undefined": "callback(null, { toJSON() {} })",
  "toString that throws": "callback(null, { toString() { throw new Error('gotcha') } })",
  "a getter of toString that throws": "callback(null, { get toString() { throw new Error('gotcha') } })",
  "a proxy whose every trap throws":
    "callback(null, new Proxy({}, new Proxy({}, { get() { throw new Error('gotcha') } })))",
  "a revoked proxy": "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); callback(null, proxy)",
  "an error that is a revoked proxy": "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); callback(proxy)",
  "an error that is a circular object": "const a = {}; a.a = a; callback(a)",
  "a body that is a circular object": response("const a = {}; a.a = a; response.setBody(a)"),
  "a body that is a BigInt": response("response.setBody(1n)"),
  "a body that is a function": response("response.setBody(() => {})"),
  "a body that is a symbol": response("response.setBody(Symbol('a'))"),
  "a body that is a revoked proxy": response(
    "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); response.setBody(proxy)",
  ),
  "a body with a getter that throws": response(
    "Object.defineProperty(response, 'body', { get() { throw new Error('gotcha') } })",
  ),
  "a body without its bytes": response(
    "const a = new Uint8Array(8); structuredClone(a, { transfer: [a.buffer] }); response.setBody(a)",
  ),
  "headers with a getter that throws": response("response.headers = { get a() { throw new Error('gotcha') } }"),
  "headers that are a proxy that throws": response(
    "response.headers = new Proxy({}, { ownKeys() { throw new Error('gotcha') } })",
  ),
});

const plain: Faults = {
  "toJSON that returns itself": {
    does: "callback(null, { toJSON() { return this }, a: 1 })",
    gets: "200",
    body: { a: 1 },
    isolate: "kept",
  },
  "a proxy": { does: "callback(null, new Proxy({ a: 1 }, {}))", gets: "200", body: { a: 1 }, isolate: "kept" },
  "a body that is a proxy": {
    does: response("response.setBody(new Proxy({ a: 1 }, {}))"),
    gets: "200",
    body: { a: 1 },
    isolate: "kept",
  },
  "a body in shared memory": {
    does: response("response.setBody(new Uint8Array(new SharedArrayBuffer(2)).fill(97))"),
    gets: "200",
    body: "aa",
    isolate: "kept",
  },
  "a generator": { does: "callback(null, (function* () { yield 1 })())", gets: "200", body: {}, isolate: "kept" },
  "a getter that calls back": {
    does: "callback(null, { get a() { callback(null, 'inner'); return 1 } })",
    gets: "200",
    body: "inner",
    isolate: "kept",
  },
  "toJSON that calls back and throws": {
    does: "callback(null, { toJSON() { callback(null, 'inner'); throw new Error('outer') } })",
    gets: "200",
    body: "inner",
    isolate: "kept",
  },
  "headers that are a proxy": {
    does: response("response.headers = new Proxy({ 'x-own': 'yes' }, {}); response.setBody('own')"),
    gets: "200",
    body: "own",
    isolate: "kept",
    sees: ({ headers }) => assert.equal(headers["x-own"], "yes"),
  },
};

const tooLarge = each(error("reply-too-large"), {
  "a string of 100 MB": "callback(null, 'x'.repeat(1e8))",
  "a buffer of 100 MB": response("response.setBody(Buffer.alloc(1e8))"),
  "an object of 100 MB": "callback(null, { a: 'x'.repeat(1e8) })",
  "an error of 100 MB": "callback('x'.repeat(1e8))",
});

const errorsTooLarge: Faults = {
  "an error with a message of 100 MB": {
    does: "throw new Error('x'.repeat(1e8))",
    gets: "500 handler-threw",
    body: { name: "Error", message: `${"x".repeat(100_000)}… (99900000 more characters)` },
    isolate: "kept",
  },
};

const statuses = each(
  error("reply-status-invalid"),
  Object.fromEntries(
    ["0", "99", "100", "101", "199", "600", "NaN", "-1", "'200 OK'", "1e9", "{}", "1n << 70n", "[[]]"].map((status) => [
      status,
      response(`response.setStatusCode(${status})`),
    ]),
  ),
);

const headers = each(
  error("reply-header-invalid"),
  Object.fromEntries(
    ["'x\\r\\ny', '1'", "'x\\ny', '1'", "'x\\0y', '1'", "'x\\u00e9', '1'", "'x: y', '1'", "'', '1'"]
      .concat(["'x', 'a\\r\\nb: c'", "'x', 'a\\nb'", "'x', 'a\\rb'", "'x', 'a\\0b'", "'x', '\\u6f22'", "'x', '\\x7f'"])
      .concat(["'set-cookie', 'a=1\\r\\nb: c'", "'content-type', 'a\\r\\nb: c'"])
      .map((header) => [header, response(`response.appendHeader(${header})`)]),
  ),
);

const manyHeaders = each("431 reply-headers-too-long", {
  "10,000 headers": response("for (let i = 0; i < 10000; i++) response.appendHeader('x-' + i, '1')"),
  "a header with 10,000 values": response("response.appendHeader('x', Array(10000).fill('1'))"),
  "10,000 cookies": response("for (let i = 0; i < 10000; i++) response.setCookie('a' + i, '1')"),
  "one header of 10 MB": response("response.appendHeader('x', 'y'.repeat(1e7))"),
});

/** None of these headers is sent with the value that the function set. */
const forged = `
  const set = {
    'Connection': 'close', 'Keep-Alive': 'timeout=9', 'Proxy-Connection': 'close', 'TE': 'gzip', 'Trailer': 'x',
    'Upgrade': 'websocket', 'Expect': '100-continue', 'Transfer-Encoding': 'chunked', 'Content-Length': '999', 'content-length': '1',
    'X-Offhook-Error': 'internal-error', 'x-offhook-request-id': 'RQ0', 'X-Twilio-Function-Concurrency': '99',
  };
  for (const [name, value] of Object.entries(set)) response.appendHeader(name, value);
  response.setBody('own')`;

function seesOurs({ rawHeaders, headers: seen }: Parameters<NonNullable<Fault["sees"]>>[0]): void {
  const names = rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  assert.equal(new Set(names).size, names.length, `each once: ${names.join()}`);
  for (const name of ["proxy-connection", "te", "trailer", "upgrade", "transfer-encoding", "expect"]) {
    assert.ok(!names.includes(name), name);
  }
  assert.match(String(seen["x-offhook-request-id"]), /^RQ[0-9a-f]{32}$/);
  assert.notEqual(seen["x-twilio-function-concurrency"], "99");
  assert.notEqual(seen["x-offhook-error"], "internal-error");
  assert.notEqual(seen["keep-alive"], "timeout=9");
  assert.ok(!["1", "999"].includes(String(seen["content-length"])));
}

const framing: Faults = {
  "headers of Offhook and of HTTP": {
    does: response(forged),
    gets: "200",
    body: "own",
    isolate: "kept",
    sees: seesOurs,
  },
  "headers of Offhook and of HTTP, with HEAD": {
    does: response(forged),
    method: "HEAD",
    gets: "200",
    isolate: "kept",
    sees: seesOurs,
  },
  ...Object.fromEntries(
    [204, 304].flatMap((status) =>
      (["GET", "HEAD"] as const).map((method): [string, Fault] => [
        `a body with ${status}, asked for by ${method}`,
        {
          does: response(`${forged}; response.setStatusCode(${status})`),
          ...(method === "HEAD" && { method }),
          gets: `${status}`,
          isolate: "kept",
          sees: (answer) => {
            seesOurs(answer);
            assert.equal(answer.headers["content-length"], undefined);
          },
        },
      ]),
    ),
  ),
};

testFaults("a payload that cannot be serialized is a 500 with the reason", payloads);
testFaults("an unusual payload is sent if it can be serialized", plain);
testFaults("a reply that is too large is a 500", { ...tooLarge, ...errorsTooLarge }, { memory: 1024 });
testFaults("a status that HTTP does not allow is a 500", statuses);
testFaults("a header that HTTP does not allow is a 500", headers);
testFaults("more headers than are allowed are a 431", manyHeaders);
testFaults("headers of the connection and of Offhook are removed from a reply", framing);
