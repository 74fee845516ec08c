/**
 * What the dashboard answers, and whom it does not.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as ask } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import type { OpenRequest, SendRequest } from "@offhook/dashboard/api";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { ApiError } from "../../src/dashboard/api-answer.ts";
import { createDashboard } from "../../src/dashboard/dashboard.ts";
import { Stream } from "../../src/dashboard/stream.ts";
import { Journal } from "../../src/journal/journal.ts";
import { makeExchange } from "../journal/exchange.ts";

interface Reply {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const token = "the-token";
const json = { "content-type": "application/json" };

async function serve(t: TestContext) {
  const journal = await Journal.open(makeProject(t));
  const stream = new Stream();
  const sent: SendRequest[] = [];
  const opened: OpenRequest[] = [];
  const reply = { id: makeExchange(1).id, status: 200, headers: [], cookies: [], body: makeExchange(1).request.body };
  const dashboard = createDashboard(
    {
      journal,
      running: (id) => (id === "RQrunning" ? makeExchange(7, { id }) : undefined),
      stream,
      version: "1.2.3",
      project: () => ({
        version: "1.2.3",
        name: "project",
        url: "http://localhost:3000",
        functions: [],
        assets: [],
        variables: [],
        hasEditor: true,
      }),
      simulations: () => [],
      send: (request) => {
        sent.push(request);
        return Promise.resolve(reply);
      },
      replay: (id) => Promise.resolve(id === reply.id ? reply : undefined),
      openFile: (request) => {
        opened.push(request);
        return request.file === "none" ? Promise.reject(new ApiError(404, "not-found", "none")) : Promise.resolve();
      },
    },
    token,
  );
  const server = createServer((incoming, response) => {
    if (!dashboard(incoming, response)) response.writeHead(299).end("a project's");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    stream.stop();
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const host = `localhost:${port}`;
  /** Not `fetch`, which leaves no choice of host and origin. */
  const call = async (
    method: string,
    path: string,
    { headers = {}, body = "" }: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<Reply> => {
    const request = ask({ host: "127.0.0.1", port, method, path, headers: { host, ...headers } }).end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let text = "";
    for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
    return { status: response.statusCode, headers: response.headers, text };
  };
  const api = (method: string, path: string, body?: unknown): Promise<Reply> =>
    call(method, `/_offhook/api/${path}`, {
      headers: { "x-offhook-token": token, ...(body !== undefined && json) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return { journal, stream, sent, opened, call, api, port, reply };
}

test("the page has the token, and a policy by which nothing else gets in", async (t) => {
  const { call } = await serve(t);
  const { status, headers, text } = await call("GET", "/_offhook/");
  assert.equal(status, 200);
  assert.ok(text.includes(`content="${token}"`));
  const policy = String(headers["content-security-policy"]);
  const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
  assert.ok(nonce !== undefined && text.includes(`nonce="${nonce}"`));
  assert.ok(!policy.includes("unsafe"));
  assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/);
  assert.equal(headers["x-frame-options"], "DENY");
  assert.equal(headers["cache-control"], "no-store");
  assert.notEqual(
    /'nonce-([^']+)'/.exec(String((await call("GET", "/_offhook/")).headers["content-security-policy"]))?.[1],
    nonce,
  );
  const script = /src="([^"]+)"/.exec(text)?.[1] ?? "";
  assert.match(String((await call("GET", script)).headers["content-type"]), /^text\/javascript/);
});

for (const place of ["empty", "iframe", "object", "script", "serviceworker"]) {
  test(`the page is not for a script of the project's own, as ${place}: the token is in it`, async (t) => {
    const { call } = await serve(t);
    const headers = { "sec-fetch-site": "same-origin", "sec-fetch-dest": place };
    const { status, text } = await call("GET", "/_offhook/", { headers });
    assert.equal(status, 403);
    assert.ok(!text.includes(token));
    assert.equal(
      (await call("GET", "/_offhook/", { headers: { ...headers, "sec-fetch-dest": "document" } })).status,
      200,
    );
  });
}

for (const [what, headers] of Object.entries({
  "by another name": { host: "evil.com" },
  "through a tunnel": { "x-forwarded-for": "1.2.3.4" },
  "through a tunnel that says it is local": { host: "abc.ngrok-free.app" },
})) {
  test(`who comes ${what} finds what the project has there: nothing of ours`, async (t) => {
    const { call } = await serve(t);
    for (const path of ["/_offhook/", "/_offhook/page/main.tsx", `/_offhook/api/project?token=${token}`]) {
      assert.equal((await call("GET", path, { headers })).status, 299);
    }
  });
}

test("other paths are the project's, and odd ones harm nobody", async (t) => {
  const { call } = await serve(t);
  for (const path of ["/", "/sms", "/_offhookx/", "//", "//_offhook/", "/x?/_offhook/"])
    assert.equal((await call("GET", path)).status, 299, path);
  for (const path of [
    "/_offhook/page/%2e%2e/site.ts",
    "/_offhook/page/../site.ts",
    "/_offhook/page/%zz",
    "/_offhook/modules/x",
    "/_offhook/page/",
  ]) {
    assert.equal((await call("GET", path)).status, 404, path);
  }
  assert.equal((await call("POST", "/_offhook/")).status, 405);
});

test("nothing is told or done without the token", async (t) => {
  const { call, sent, journal } = await serve(t);
  journal.add(makeExchange(1));
  const body = JSON.stringify({ target: "/", method: "GET", isSigned: false });
  for (const headers of [{}, { "x-offhook-token": "wrong" }, { "x-offhook-token": "" }]) {
    for (const path of ["project", "exchanges", `exchanges/${makeExchange(1).id}`, "har", "stream", "nothing"]) {
      assert.equal((await call("GET", `/_offhook/api/${path}`, { headers })).status, 403);
    }
    for (const path of ["send", "clear", "open"]) {
      assert.equal(
        (await call("POST", `/_offhook/api/${path}`, { headers: { ...headers, ...json }, body })).status,
        403,
      );
    }
  }
  // In a URL only for what the browser asks for itself.
  assert.equal((await call("POST", `/_offhook/api/send?token=${token}`, { headers: json, body })).status, 403);
  assert.equal((await call("GET", `/_offhook/api/project?token=${token}`)).status, 200);
  assert.deepEqual(sent, []);
  assert.equal(journal.page(9).exchanges.length, 1);
});

test("a page of another site gets nothing done, not even with the token", async (t) => {
  const { call, sent } = await serve(t);
  const body = JSON.stringify({ target: "/", method: "GET", isSigned: false });
  for (const foreign of [
    { origin: "http://evil.com" },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ]) {
    const headers = { "x-offhook-token": token, ...json, ...foreign };
    const { status, text } = await call("POST", "/_offhook/api/send", { headers, body });
    assert.equal(status, 403);
    assert.match(text, /"code":"foreign"/);
    assert.equal((await call("GET", "/_offhook/", { headers: foreign })).status, 403);
  }
  // What a form can send.
  const form = { "x-offhook-token": token, "content-type": "text/plain" };
  assert.equal((await call("POST", "/_offhook/api/send", { headers: form, body })).status, 415);
  assert.deepEqual(sent, []);
});

test("exchanges are listed, shown, exported and cleared", async (t) => {
  const { api, journal } = await serve(t);
  for (let number = 1; number <= 250; number++) journal.add(makeExchange(number));
  const first = JSON.parse((await api("GET", "exchanges")).text) as { exchanges: { id: string }[]; before: string };
  assert.equal(first.exchanges.length, 200);
  const second = JSON.parse((await api("GET", `exchanges?before=${first.before}`)).text) as typeof first;
  assert.equal(second.exchanges.length, 50);
  const { id } = makeExchange(250);
  assert.deepEqual(JSON.parse((await api("GET", `exchanges/${id}`)).text), makeExchange(250));
  assert.match((await api("GET", `exchanges/${id}/curl`)).text, /^curl 'http:\/\/localhost:3000\/sms\?a=1'/);
  const source = await api("GET", `exchanges/${id}/test`);
  assert.match(source.text, /callFunction\(subject/);
  assert.match(String(source.headers["content-disposition"]), /^attachment/);
  const har = JSON.parse((await api("GET", "har")).text) as { log: { entries: unknown[] } };
  assert.equal(har.log.entries.length, 250);
  assert.equal((await api("POST", "clear")).status, 204);
  assert.equal((await api("GET", `exchanges/${id}`)).status, 404);
  assert.equal((await api("GET", `exchanges/${id}/curl`)).status, 404);
  assert.equal((await api("GET", "exchanges//x/y")).status, 404);
});

test("requests are sent and repeated, files opened", async (t) => {
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
  test(`${path} with ${JSON.stringify(body)} is refused by name`, async (t) => {
    const { api, sent, opened } = await serve(t);
    const { status, text } = await api("POST", path, body);
    assert.equal(status, 400);
    assert.match((JSON.parse(text) as { error: { message: string } }).error.message, message);
    assert.equal(sent.length + opened.length, 0);
  });
}

test("what happens is told to every page that is open, until it goes", async (t) => {
  const { stream, port } = await serve(t);
  const open = async (): Promise<{ until: (text: string) => Promise<void>; close: () => void }> => {
    const request = ask({
      host: "127.0.0.1",
      port,
      path: `/_offhook/api/stream?token=${token}`,
      headers: { host: `localhost:${port}` },
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
