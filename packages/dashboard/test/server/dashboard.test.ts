/**
 * The dashboard's responses to a page that has access.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as ask } from "node:http";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";

import { makeExchange } from "../journal/exchange.ts";
import { serve } from "./dashboard-fixture.ts";

test("exchanges are listed, shown, exported and cleared", async (t) => {
  const { api, journal } = await serve(t);
  for (let number = 1; number <= 250; number++) journal.add(makeExchange(number));
  const first = JSON.parse((await api("GET", "exchanges")).text) as { exchanges: { id: string }[]; before: string };
  assert.equal(first.exchanges.length, 200);
  const second = JSON.parse((await api("GET", `exchanges?before=${first.before}`)).text) as typeof first;
  assert.equal(second.exchanges.length, 50);
  const { id } = makeExchange(250);
  const shown = { ...makeExchange(250), keepsSecrets: false, isTestable: true };
  assert.deepEqual(JSON.parse((await api("GET", `exchanges/${id}`)).text), shown);
  assert.match((await api("GET", `exchanges/${id}/curl`)).text, /^curl 'http:\/\/localhost:3000\/sms\?a=1'/);
  const source = await api("GET", `exchanges/${id}/test`);
  assert.match(source.text, /callFunction\(await load\(\)/);
  assert.match(String(source.headers["content-disposition"]), /^attachment/);
  assert.deepEqual(JSON.parse((await api("POST", `exchanges/${id}/test`)).text), { file: `test/${id}.test.js` });
  assert.equal((await api("POST", "exchanges/RQ0/test")).status, 404);
  const har = JSON.parse((await api("GET", "har")).text) as { log: { entries: unknown[] } };
  assert.equal(har.log.entries.length, 250);
  assert.equal((await api("POST", "clear?until=soon")).status, 400);
  assert.equal((await api("POST", `clear?until=${makeExchange(249).startedAt}`)).status, 204);
  assert.equal((await api("GET", `exchanges/${id}`)).status, 200);
  assert.equal((await api("GET", `exchanges/${makeExchange(249).id}`)).status, 404);
  assert.equal((await api("POST", "clear")).status, 204);
  assert.equal((await api("GET", `exchanges/${id}`)).status, 404);
  assert.equal((await api("GET", `exchanges/${id}/curl`)).status, 404);
  assert.equal((await api("GET", "exchanges//x/y")).status, 404);
});

test("requests are sent and repeated, and files are opened", async (t) => {
  const { api, sent, opened, reply } = await serve(t);
  const request = { target: "/sms?a=1", method: "POST", fields: [["Body", "hi"]], isSigned: true };
  assert.deepEqual(JSON.parse((await api("POST", "send", request)).text), reply);
  assert.deepEqual(sent, [request]);
  assert.equal((await api("POST", `exchanges/${reply.id}/replay`)).status, 200);
  assert.equal((await api("POST", "exchanges/RQ0/replay")).status, 404);
  assert.equal((await api("POST", "open", { file: "functions/sms.js", line: 3 })).status, 204);
  assert.deepEqual(opened, [{ file: "functions/sms.js", line: 3 }]);
  assert.equal((await api("POST", "open", { file: "none" })).status, 404);
});

const odd: readonly (readonly [string, unknown, RegExp])[] = [
  ["send", null, /must be an object/],
  ["send", { target: "http://evil.com/", method: "GET", isSigned: false }, /"target"/],
  ["send", { target: "/a b", method: "GET", isSigned: false }, /"target"/],
  ["send", { target: "/", method: "get x", isSigned: false }, /"method"/],
  ["send", { target: "/", method: "GET" }, /"isSigned"/],
  ["send", { target: "/", method: "GET", isSigned: true, headers: [["a b", "c"]] }, /"headers"/],
  ["send", { target: "/", method: "GET", isSigned: true, headers: [["a", "b\r\nc: d"]] }, /"headers"/],
  ["send", { target: "/", method: "GET", isSigned: true, headers: { a: "b" } }, /"headers"/],
  ["send", { target: "/", method: "GET", isSigned: true, fields: [["a"]] }, /"fields"/],
  ["send", { target: "/", method: "GET", isSigned: true, body: 1 }, /"body"/],
  ["send", { target: "/\0", method: "GET", isSigned: false }, /"target"/],
  ["send", { target: "/😀", method: "GET", isSigned: false }, /"target"/],
  ["open", { file: "" }, /"file"/],
  ["open", { file: "a\0b" }, /"file"/],
  ["open", { file: "a", line: 0 }, /"line"/],
];

for (const [path, body, message] of odd) {
  test(`${path} with ${JSON.stringify(body)} is refused with the name of the invalid field`, async (t) => {
    const { api, sent, opened } = await serve(t);
    const { status, text } = await api("POST", path, body);
    assert.equal(status, 400);
    assert.match((JSON.parse(text) as { error: { message: string } }).error.message, message);
    assert.equal(sent.length + opened.length, 0);
  });
}

test("events go to every open page until it disconnects", async (t) => {
  const { stream, port, cookie, session } = await serve(t);
  const open = async (): Promise<{ until: (text: string) => Promise<void>; close: () => void }> => {
    const request = ask({
      host: "127.0.0.1",
      port,
      path: `/api/stream?token=${session.token}`,
      headers: { host: `127.0.0.1:${port}`, cookie },
    }).end();
    const [response] = (await once(request, "response")) as [IncomingMessage];
    assert.equal(response.headers["content-type"], "text/event-stream");
    const chunks = response.setEncoding("utf8")[Symbol.asyncIterator]();
    let seen = "";
    const until = async (text: string): Promise<void> => {
      while (!seen.includes(text)) {
        const { value, done } = await chunks.next();
        assert.ok(done !== true, `ended before ${text}`);
        seen += String(value);
      }
    };
    return { until, close: () => request.destroy() };
  };
  const [one, two] = await Promise.all([open(), open()]);
  await Promise.all([one.until("retry"), two.until("retry")]);
  stream.send({ kind: "notice", level: "info", text: "two\nlines" });
  const event = 'event: notice\ndata: {"kind":"notice","level":"info","text":"two\\nlines"}\n\n';
  await Promise.all([one.until(event), two.until(event)]);
  one.close();
  stream.send({ kind: "project" });
  await two.until("event: project");
  assert.ok(stream.hasReaders);
  two.close();
});
