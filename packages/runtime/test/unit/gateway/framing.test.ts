/**
 * Where one request ends and the next begins. A proxy in front and this server could read some requests in two ways.
 * The server rejects such a request and ignores all bytes after it, because an attacker could have hidden a second
 * request in them.
 */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { open, startGateway, text, until, type Fixture } from "./gateway-fixture.ts";

const smuggled = "GET /hello?smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

function post(headers: string, body = ""): string {
  return `POST /hello?first HTTP/1.1\r\nHost: h\r\n${headers}\r\n${body}`;
}

function get(headers: string, line = "GET /hello?first HTTP/1.1"): string {
  return `${line}\r\nHost: h\r\n${headers}\r\n`;
}

const chunked = (body: string): string => post("Transfer-Encoding: chunked\r\n", body);
const empty = "0\r\n\r\n";

/** Each is followed by a request that must not run. */
const doubtful: Record<string, string> = {
  "a length and chunks": post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", empty),
  "chunks and a length": post("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", empty),
  "two different lengths": post(`Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n`),
  "the same length twice": post("Content-Length: 0\r\nContent-Length: 0\r\n"),
  "a list of lengths": post(`Content-Length: 0, ${smuggled.length}\r\n`),
  "a negative length": post("Content-Length: -1\r\n"),
  "a length with a plus": post("Content-Length: +0\r\n"),
  "a length in hex": post("Content-Length: 0x0\r\n"),
  "a length with an exponent": post("Content-Length: 0e1\r\n"),
  "a length with a fraction": post("Content-Length: 0.5\r\n"),
  "a length with a space in it": post("Content-Length: 0 0\r\n"),
  "a length without digits": post("Content-Length: \r\n"),
  "a length of more than 64 bits": post("Content-Length: 99999999999999999999999\r\n"),
  "a space before the colon of the length": post(`Content-Length : ${smuggled.length}\r\n`),
  "a space before the colon of the coding": post("Transfer-Encoding : chunked\r\n", empty),
  "an unknown coding": post("Transfer-Encoding: xchunked\r\n", empty),
  "a coding in quotes": post('Transfer-Encoding: "chunked"\r\n', empty),
  "a coding behind a vertical tab": post("Transfer-Encoding: \u000bchunked\r\n", empty),
  "no coding at all": post("Transfer-Encoding: \r\n"),
  identity: post("Transfer-Encoding: identity\r\n"),
  "chunked, but not last": post("Transfer-Encoding: chunked, identity\r\n", empty),
  "identity before chunked": post("Transfer-Encoding: identity, chunked\r\n", empty),
  "gzip before chunked": post("Transfer-Encoding: gzip, chunked\r\n", empty),
  "chunked twice": post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", empty),
  "chunked, then identity": post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", empty),
  "chunks in HTTP/1.0": `POST /hello?first HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${empty}`,
  "chunks in HTTP/1.0, on the health path": `GET /_offhook/health HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${empty}`,
  "a folded coding": post("Transfer-Encoding:\r\n chunked\r\n", empty),
  "a folded length": post("Content-Length:\r\n 0\r\n"),
  "a folded header": get("X-A: 1\r\n 2\r\n"),
  "a first header that is folded": `GET /hello?first HTTP/1.1\r\n X-A: 1\r\nHost: h\r\n\r\n`,
  "bare line feeds": "GET /hello?first HTTP/1.1\nHost: h\n\n",
  "a bare line feed between headers": post(`X-A: 1\nContent-Length: ${smuggled.length}\r\n`),
  "a bare line feed before the end of the head": "GET /hello?first HTTP/1.1\r\nHost: h\n\r\n",
  "a bare carriage return between headers": post(`X-A: 1\rContent-Length: ${smuggled.length}\r\n`),
  "bare carriage returns": "GET /hello?first HTTP/1.1\rHost: h\r\r",
  "an extra carriage return": "GET /hello?first HTTP/1.1\r\nHost: h\r\r\n\r\n",
  "a NUL in a value": get("X-A: a\0b\r\n"),
  "a control byte in a value": get("X-A: a\u0001b\r\n"),
  "a DEL in a value": get("X-A: a\u007fb\r\n"),
  "a NUL in a name": get("X\0A: b\r\n"),
  "a byte beyond ASCII in a name": get("X\u00e9: b\r\n"),
  "a space in a name": get("X A: b\r\n"),
  "no name": get(": b\r\n"),
  "no colon": get("abc\r\n"),
  "a chunk of negative size": chunked("-1\r\n\r\n"),
  "a chunk size with a plus": chunked("+0\r\n\r\n"),
  "a chunk size with 0x": chunked("0x0\r\n\r\n"),
  "a chunk size behind a space": chunked(" 0\r\n\r\n"),
  "a chunk size before a space": chunked("0 \r\n\r\n"),
  "a chunk size of more than 64 bits": chunked("fffffffffffffffff\r\n"),
  "a chunk without a size": chunked("\r\n\r\n"),
  "a chunk size that ends in a line feed": chunked(`1\na\r\n${empty}`),
  "chunks that end in line feeds": chunked("0\n\n"),
  "a chunk longer than its size": chunked(`1\r\nab\r\n${empty}`),
  "a chunk that ends in a line feed": chunked(`1\r\na\n${empty}`),
  "a chunk that ends in other bytes": chunked(`1\r\naXX${empty}`),
  "an extension that ends in a line feed": chunked(`1;a\nx\r\n${empty}`),
  "an extension with a line end in quotes": chunked(`1;a="\r\n"\r\nx\r\n${empty}`),
  "a length among the trailers": chunked(`0\r\nContent-Length: ${smuggled.length}\r\n\r\n`),
  "a coding among the trailers": chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"),
  "a space before the request": ` ${get("")}`,
  "a tab in the target": get("", "GET /hello?first\tx HTTP/1.1"),
  "a space in the target": get("", "GET /hello?first x HTTP/1.1"),
  "a NUL in the target": get("", "GET /hello?fi\0rst HTTP/1.1"),
  "a byte beyond ASCII in the target": get("", "GET /hello?first=\u00e9 HTTP/1.1"),
  "a space behind the version": get("", "GET /hello?first HTTP/1.1 "),
  "HTTP/0.9 without a version": "GET /hello?first\r\n",
  "HTTP/0.9 by name": get("", "GET /hello?first HTTP/0.9"),
  "HTTP/1.2": get("", "GET /hello?first HTTP/1.2"),
  "HTTP/2.0 by name": get("", "GET /hello?first HTTP/2.0"),
  "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a version in small letters": get("", "GET /hello?first http/1.1"),
  "another protocol's version": get("", "GET /hello?first ICY/1.0"),
  "a method that does not exist": get("", "FOO /hello?first HTTP/1.1"),
  "a method in small letters": get("", "get /hello?first HTTP/1.1"),
  "a TLS hello": `\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003${"x".repeat(64)}`,
};

/** Another client, which is served before and after. */
async function bystander(t: TestContext, fixture: Fixture): Promise<() => Promise<void>> {
  const raw = await open(t, fixture);
  let asked = 0;
  return async () => {
    asked += 1;
    raw.socket.write(`GET /hello?bystander HTTP/1.1\r\nHost: h\r\nX-Asked: ${asked}\r\n\r\n`);
    await raw.until(new RegExp(`<${asked}>$`));
  };
}

const queries = ({ invocations }: Fixture): string[] => invocations.map(({ query }) => query);

test("an ambiguous request is rejected, and no bytes behind it become a request", async (t) => {
  const fixture = await startGateway(t, {
    answer: ({ headers }) => text(`<${headers[headers.indexOf("X-Asked") + 1]}>`),
  });
  const isServed = await bystander(t, fixture);
  await isServed();
  for (const [name, bytes] of Object.entries(doubtful)) {
    const raw = await open(t, fixture);
    raw.socket.write(bytes + smuggled, "latin1");
    const reply = await raw.closed();
    assert.match(
      reply,
      /^HTTP\/1\.1 400 Bad Request\r\n[^]*x-offhook-error: request-malformed\r\n[^]*Bad request$/,
      name,
    );
    assert.match(reply, /\r\nconnection: close\r\n/i, name);
    assert.equal(reply.split("HTTP/1.1 ").length, 2, `${name}: one reply`);
    // Also not if it comes in a separate packet.
    raw.socket.write(smuggled);
    await isServed();
    raw.socket.destroy();
    assert.ok(
      queries(fixture).every((query) => query === "bystander"),
      `${name}: ${queries(fixture).join()}`,
    );
    await until(() => fixture.ended.filter(({ code }) => code !== undefined).length === 1);
    const [logged] = fixture.ended.splice(0).filter(({ code }) => code !== undefined);
    assert.equal(logged?.code, "request-malformed", name);
    assert.equal(logged?.status, 400, name);
  }
});

test("a late body of an ambiguous request does not become a request", async (t) => {
  const fixture = await startGateway(t);
  const raw = await open(t, fixture);
  raw.socket.write("POST /hello?first HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n");
  await raw.until(/Bad request$/);
  raw.socket.write(empty + smuggled);
  await raw.closed();
  assert.deepEqual(fixture.invocations, []);
});

test("an earlier request gets its reply in order, when an ambiguous one follows", async (t) => {
  const fixture = await startGateway(t);
  for (const name of ["chunks in HTTP/1.0", "gzip before chunked", "a length and chunks"]) {
    const raw = await open(t, fixture);
    raw.socket.write(`GET /hello?earlier HTTP/1.1\r\nHost: h\r\n\r\n${doubtful[name]}${smuggled}`, "latin1");
    assert.match(await raw.closed(), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhi/, name);
  }
  assert.deepEqual(queries(fixture), ["earlier", "earlier", "earlier"]);
});

/** Unambiguous requests are served, and so are those after them. */
const clear: Record<string, { readonly bytes: string; readonly body?: string }> = {
  "zeros before the length": { bytes: post("Content-Length: 003\r\n", "abc"), body: "abc" },
  "chunked in any case, behind a tab": {
    bytes: post("Transfer-Encoding:\tcHuNkEd\r\n", `1\r\na\r\n${empty}`),
    body: "a",
  },
  "chunk sizes in any case, with zeros": {
    bytes: chunked(`00a\r\n0123456789\r\n00B\r\n0123456789a\r\n000\r\n\r\n`),
    body: "01234567890123456789a",
  },
  "short chunk extensions": { bytes: chunked(`1;a=b;c="d"\r\nx\r\n0;e\r\n\r\n`), body: "x" },
  "ignored trailers": { bytes: chunked("1\r\nx\r\n0\r\nHost: evil\r\nX-T: 1\r\n\r\n"), body: "x" },
  "empty lines before the request": { bytes: `\r\n\r\n${get("")}` },
  "bytes beyond ASCII in a value": { bytes: get("X-A: \u00ff\u00fe\r\n") },
  "an empty value": { bytes: get("X-A:\r\n") },
};

test("an unambiguous request is served, and so is the next one on the same connection", async (t) => {
  const fixture = await startGateway(t);
  for (const [name, { bytes, body = "" }] of Object.entries(clear)) {
    fixture.invocations.length = 0;
    const raw = await open(t, fixture);
    raw.socket.write(`${bytes}GET /hello?next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`, "latin1");
    assert.match(await raw.closed(), /^HTTP\/1\.1 200 OK\r\n[^]*hiHTTP\/1\.1 200 OK\r\n[^]*hi$/, name);
    const first = fixture.invocations.find(({ query }) => query === "first");
    assert.equal(Buffer.from(first?.body ?? []).toString("latin1"), body, name);
    assert.ok(queries(fixture).includes("next"), name);
    assert.ok(!first?.headers.includes("evil"), name);
  }
});

test("an upgrade is ignored: the request is served as plain HTTP, and its connection is closed", async (t) => {
  const fixture = await startGateway(t);
  for (const protocol of ["h2c", "TLS/1.0"]) {
    const upgrade = `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${protocol}\r\nHTTP2-Settings: AAMAAABk\r\nSec-WebSocket-Key: x\r\n`;
    for (const bytes of [get(upgrade), post(`${upgrade}Content-Length: 3\r\n`, "a=1"), post(upgrade)]) {
      fixture.invocations.length = 0;
      const raw = await open(t, fixture);
      raw.socket.write(bytes + smuggled);
      const reply = await raw.until(/hi$/);
      raw.socket.write(smuggled);
      assert.equal(await raw.closed(), reply);
      assert.match(reply, /^HTTP\/1\.1 200 OK\r\n[^]*\r\nconnection: close\r\n[^]*\r\nhi$/i, protocol);
      assert.doesNotMatch(reply, /upgrade/i);
      assert.deepEqual(queries(fixture), ["first"]);
    }
  }
});
