import assert from "node:assert/strict";
import { test } from "node:test";

import { outputText, shownBody } from "../../src/invoke/reply-text.ts";
import type { Reply } from "../../src/invoke/private-server.ts";

function reply(type: string, body: string | Buffer): Reply {
  return {
    status: 200,
    statusText: "OK",
    headers: { "content-type": type },
    body: Buffer.from(body),
    isOfIsolate: true,
  };
}

const shown = async (type: string, body: string | Buffer): Promise<string> =>
  String(await shownBody(reply(type, body), true));

test("in a terminal, JSON and TwiML are formatted", async () => {
  assert.equal(
    await shown("application/json", '{"a":[1,{"b":null}]}'),
    '{\n  "a": [\n    1,\n    {\n      "b": null\n    }\n  ]\n}\n',
  );
  const xml =
    '<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="/a?b=1&amp;c=&quot;2"><Say>1 &lt; 2 &amp; 3</Say></Gather><Hangup/></Response>';
  assert.equal(
    await shown("text/xml; charset=utf-8", xml),
    '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <Gather action="/a?b=1&amp;c=&quot;2">\n    <Say>1 &lt; 2 &amp; 3</Say>\n  </Gather>\n  <Hangup/>\n</Response>\n',
  );
});

test("a body that does not match its type is shown unchanged", async () => {
  assert.equal(await shown("application/json", "{"), "{\n");
  assert.equal(await shown("text/xml", "<a>"), "<a>\n");
  assert.equal(await shown("text/plain", "line\n"), "line\n");
  assert.equal(await shown("text/plain", ""), "");
});

test("in a terminal, nothing moves the cursor, and binary bodies are not shown", async () => {
  assert.equal(await shown("text/plain", "a\u001b[31m\tb\r\nc"), "a\\u001b[31m\tb\nc\n");
  assert.equal(
    await shown("image/png", Buffer.from([0xff, 0])),
    "(2 bytes of image/png; redirect the output to a file to see them)\n",
  );
});

test("in a pipe, every byte is unchanged", async () => {
  for (const body of [Buffer.from([0xff, 0, 10]), Buffer.from('{"a":1}')]) {
    assert.deepEqual(await shownBody(reply("application/json", body), false), body);
  }
});

test("a function's output cannot look like one of our lines", () => {
  assert.equal(
    outputText({ level: "info", text: "a\nGET /b: 200 OK\u001b[2J" }),
    "log   a\n      GET /b: 200 OK\\u001b[2J\n",
  );
  assert.equal(outputText({ level: "error", text: "x" }), "error x\n");
});
