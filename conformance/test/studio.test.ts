import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";
import { sign } from "../src/signature.ts";
import { ExecutionEnded, StudioExecution } from "../src/studio.ts";

const authToken = "made-up-token";

/** A function whose behaviour the test chooses. */
async function fakeFunction(
  context: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => answer(request, response, body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, value: unknown, type = "application/json"): void {
  response.setHeader("content-type", type).end(JSON.stringify(value));
}

test("Studio calls a function with a signed form POST", async (context) => {
  let seen = {};
  const url = await fakeFunction(context, ({ method, headers }, response, body) => {
    seen = { method, body, type: headers["content-type"], signature: headers["x-twilio-signature"] };
    response.end();
  });
  const parameters = { phone: "+15550100", list: ["2", "1"] };
  const run = await new StudioExecution({ authToken }).runFunction("w", `${url}/f`, parameters);
  assert.equal(run.transition, "success");
  assert.deepEqual(seen, {
    method: "POST",
    body: "phone=%2B15550100&list=2&list=1",
    type: "application/x-www-form-urlencoded",
    signature: sign(authToken, `${url}/f`, parameters),
  });
});

test("a JSON object is parsed; an array, a string and another type are not", async (context) => {
  const url = await fakeFunction(context, ({ url: path }, response) => {
    if (path === "/object") json(response, { a: 1 }, "application/json; charset=utf-8");
    if (path === "/array") json(response, [1]);
    if (path === "/string") json(response, "text");
    if (path === "/plain") json(response, { a: 1 }, "text/plain");
    if (path === "/broken") response.setHeader("content-type", "application/json").end("{");
  });
  const parsedAt = async (path: string): Promise<unknown> =>
    (await new StudioExecution({ authToken }).runFunction("w", url + path)).widget.parsed;
  assert.deepEqual(await parsedAt("/object"), { a: 1 });
  for (const path of ["/array", "/string", "/plain", "/broken"]) assert.equal(await parsedAt(path), undefined, path);
});

test("the widget has body, type, status and headers", async (context) => {
  const url = await fakeFunction(context, (_, response) => {
    response.writeHead(201, { "content-type": "text/plain", "x-twilio-function-concurrency": "3" }).end("made");
  });
  const { widget } = await new StudioExecution({ authToken }).runFunction("w", url);
  assert.equal(widget.body, "made");
  assert.equal(widget.content_type, "text/plain");
  assert.equal(widget.status_code, 201);
  assert.equal(widget.headers["x-twilio-function-concurrency"], "3");
});

test("redirects are followed: 302 by GET, 307 with the form", async (context) => {
  const seen: string[] = [];
  const url = await fakeFunction(context, (request, response, body) => {
    seen.push(`${request.method} ${request.url} ${body}`);
    if (request.url === "/302") response.writeHead(302, { location: "/end" }).end();
    else if (request.url === "/307") response.writeHead(307, { location: "/end" }).end();
    else json(response, { arrived: true });
  });
  for (const path of ["/302", "/307"]) {
    const run = await new StudioExecution({ authToken }).runFunction("w", url + path, { a: "1" });
    assert.deepEqual(run.widget.parsed, { arrived: true });
  }
  assert.deepEqual(seen, ["POST /302 a=1", "GET /end ", "POST /307 a=1", "POST /end a=1"]);
});

test("endless redirects fail", async (context) => {
  const url = await fakeFunction(context, (_, response) => response.writeHead(302, { location: "/again" }).end());
  const run = await new StudioExecution({ authToken }).runFunction("w", url);
  assert.deepEqual([run.transition, run.errorCode], ["fail", 81010]);
});

test("a function's own error is 81017, everything else that fails is 81010", async (context) => {
  const url = await fakeFunction(context, ({ url: path }, response) => {
    response.writeHead(Number(path?.slice(1))).end("sorry");
  });
  for (const [status, code] of [
    [500, 81017],
    [404, 81010],
    [403, 81010],
    [429, 81010],
    [504, 81010],
  ] as const) {
    const run = await new StudioExecution({ authToken }).runFunction("w", `${url}/${status}`);
    assert.deepEqual([run.transition, run.errorCode, run.widget.body], ["fail", code, "sorry"], String(status));
  }
});

test("a late or missing function fails", async (context) => {
  const url = await fakeFunction(context, () => {});
  const late = await new StudioExecution({ authToken, timeoutMs: 50 }).runFunction("w", url);
  assert.deepEqual([late.transition, late.errorCode, late.widget.status_code], ["fail", 81010, undefined]);
  const nobody = await new StudioExecution({ authToken }).runFunction("w", "http://127.0.0.1:1/");
  assert.deepEqual([nobody.transition, nobody.errorCode], ["fail", 81010]);
});

test("64 kB is the limit of a reply", async (context) => {
  const url = await fakeFunction(context, ({ url: path }, response) => {
    response.end("x".repeat(64 * 1024 + (path === "/beyond" ? 1 : 0)));
  });
  const within = await new StudioExecution({ authToken }).runFunction("w", `${url}/within`);
  const beyond = await new StudioExecution({ authToken }).runFunction("w", `${url}/beyond`);
  assert.deepEqual([within.transition, beyond.transition, beyond.errorCode], ["success", "fail", 81010]);
});

test("runs of one widget merge into parsed; a reply that is not a JSON object leaves it unchanged", async (context) => {
  const url = await fakeFunction(context, ({ url: path }, response) => {
    if (path === "/first") json(response, { a: 1, b: 1 });
    else if (path === "/second") json(response, { b: 2 });
    else response.end("text");
  });
  const execution = new StudioExecution({ authToken });
  assert.deepEqual((await execution.runFunction("w", `${url}/first`)).widget.parsed, { a: 1, b: 1 });
  assert.deepEqual((await execution.runFunction("w", `${url}/second`)).widget.parsed, { a: 1, b: 2 });
  const text = await execution.runFunction("w", `${url}/text`);
  assert.deepEqual([text.widget.body, text.widget.parsed], ["text", { a: 1, b: 2 }]);
  assert.equal((await execution.runFunction("another", `${url}/text`)).widget.parsed, undefined);
});

test("the eleventh run of one widget ends the execution", async (context) => {
  const url = await fakeFunction(context, (_, response) => response.end());
  const execution = new StudioExecution({ authToken });
  for (let i = 0; i < 10; i++) await execution.runFunction("w", url);
  await assert.rejects(execution.runFunction("w", url), ExecutionEnded);
  assert.equal((await execution.runFunction("another", url)).transition, "success");
});
