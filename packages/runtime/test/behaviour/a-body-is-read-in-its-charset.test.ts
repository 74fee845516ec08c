/**
 * Bodies in charsets other than UTF-8 are decoded correctly or refused. A function never sees characters that nobody
 * sent.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { serve, type Answer } from "../site.ts";

const form = "application/x-www-form-urlencoded";
const project = {
  "functions/echo.js": "const { request, ...rest } = event; console.log('ran'); callback(null, rest);",
};

test("a body in a charset that Node knows is decoded", async (t) => {
  const site = await serve(t, project);
  const send = async (type: string, body: string | Buffer, encoding = "identity"): Promise<unknown> =>
    (await site.call("/echo", { body, headers: { "content-type": type, "content-encoding": encoding } })).json();
  const json = { Body: "caf\u00e9" };
  assert.deepEqual(await send(`${form}; charset=iso-8859-1`, "Body=caf%E9"), json);
  assert.deepEqual(await send(`${form}; charset="Windows-1252"`, Buffer.from("Body=caf\u00e9", "latin1")), json);
  assert.deepEqual(await send("application/json; charset=utf-16", Buffer.from(JSON.stringify(json), "utf16le")), json);
  assert.deepEqual(await send("application/json", Buffer.from(`\ufeff${JSON.stringify(json)}`, "utf16le")), json);
  assert.deepEqual(await send("application/json; charset=UTF-8", `\ufeff${JSON.stringify(json)}`), json);
  const packed = gzipSync(Buffer.from(JSON.stringify(json), "latin1"));
  assert.deepEqual(await send("application/json; charset=latin1", packed, "gzip"), json);
});

test("a body in an unknown charset, or with invalid bytes, is refused before the handler runs", async (t) => {
  const site = await serve(t, project);
  const send = (type: string, body: string | Buffer): Promise<Answer> =>
    site.call("/echo", { body, headers: { "content-type": type } });
  for (const [type, body] of [
    [`${form}; charset=utf-7`, "Body=hi"],
    ["application/json; charset=utf-32", "{}"],
    ["application/json; charset=none", "{}"],
  ] as const) {
    const answer = await send(type, body);
    assert.equal(answer.status, 415, type);
    assert.equal(answer.headers["x-offhook-error"], "body-charset-unsupported");
    assert.equal(answer.text, "Unsupported charset");
  }
  for (const type of [form, "application/json", "application/json; charset=utf-8"]) {
    const body = type === form ? "Body=caf\u00e9" : '{"Body":"caf\u00e9"}';
    const answer = await send(type, Buffer.from(body, "latin1"));
    assert.equal(answer.status, 400, type);
    assert.equal(answer.headers["x-offhook-error"], "body-malformed");
  }
  assert.deepEqual(site.output, []);
});
