/** Requests that a client sends by mistake or to attack. Each reply has Twilio's form, and none has the status 5xx. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { test } from "node:test";
import { deployNew, startHosting, type Hosting } from "../hosting.ts";
import { judge } from "../openapi.ts";

const hello = {
  kind: "Functions",
  path: "/hello",
  content: "exports.handler = (context, event, callback) => callback(null, 'hello');",
} as const;

test("a body of the wrong kind is 415, and changes nothing", async (t) => {
  const hosting = await startHosting(t);
  const { service, environment, domain } = await deployNew(hosting, "shop", [hello]);
  const deployments = `/v1/Services/${service}/Environments/${environment}/Deployments`;
  // Read as a form without parameters, this would clear the environment.
  const form = new FormData();
  form.append("BuildSid", `ZB${"0".repeat(32)}`);
  const refused = await hosting.upload(deployments, form);
  assert.equal(refused.status, 415);
  assert.match(refused.body.message, /application\/x-www-form-urlencoded/);
  assert.equal((await hosting.call(domain, "/hello")).text, "hello");
  for (const [type, body] of [
    ["application/json", "{}"],
    ["text/plain", "a=b"],
    ["application/json", ""],
  ] as const) {
    const answer = await send(hosting, "POST", "/v1/Services", { type, body });
    assert.equal(answer.status, 415, `${type} ${body}`);
  }
  const tooLarge = await hosting.api("POST", "/v1/Services", { UniqueName: "x".repeat(3 * 2 ** 20) });
  assert.equal(tooLarge.status, 413);
});

test("malformed paths and parameters are refused", async (t) => {
  const hosting = await startHosting(t);
  const { api } = hosting;
  await api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "Shop" });
  for (const [path, status] of [
    ["/v1/Services/%", 400],
    ["/v1/Services/%E0%A4%A", 400],
    ["/v1/Services/%00", 404],
    ["/v1/Services/__proto__", 404],
    ["/v1/Services/constructor", 404],
    ["/v1/Services/..%2f..%2fetc%2fpasswd", 404],
    [`/v1/Services/${"a".repeat(5000)}`, 414],
    ["/v1/Services/shop'%20or%20'1'='1", 404],
    ["/v1/Services/shop/__proto__", 404],
    ["//v1/Services", 404],
    ["/v1/Services?PageSize=1&PageSize=2", 400],
    ["/v1/Services?PageSize=1e1", 400],
    ["/v1/Services?PageSize=%00", 400],
    ["/v1/Services?Page=99999999999999999999", 400],
    [`/v1/Services?PageToken=PT${"A".repeat(600)}`, 400],
    ["/v1/Services?PageToken=PT", 400],
    ["/v1/Services?PageToken=%F0", 400],
    ["/v1/Services?__proto__=1&constructor=2", 200],
  ] as const) {
    assert.equal((await send(hosting, "GET", path)).status, status, path.slice(0, 100));
  }
});

test("a page token of another list shows nothing of that list", async (t) => {
  const hosting = await startHosting(t);
  const { api } = hosting;
  for (const name of ["a", "b"]) await api("POST", "/v1/Services", { UniqueName: name, FriendlyName: name });
  const { body } = await api("GET", "/v1/Services?PageSize=1");
  const token = new URL(body.meta.next_page_url as string).searchParams.get("PageToken");
  await api("POST", "/v1/Services/a/Environments", { UniqueName: "dev", DomainSuffix: "dev" });
  const other = await api("GET", `/v1/Services/a/Environments?PageToken=${token}`);
  assert.equal(other.status, 200);
  assert.deepEqual(other.body.environments, []);
  assert.equal(other.body.meta.key, "environments");
});

test("environments and variables refuse what is out of bounds", async (t) => {
  const { api } = await startHosting(t);
  const service = await api("POST", "/v1/Services", { UniqueName: "S".repeat(50), FriendlyName: "Shop" });
  const base = `/v1/Services/${service.body.sid}/Environments`;
  const long = await api("POST", base, { UniqueName: "dev", DomainSuffix: "d".repeat(16) });
  assert.equal(long.status, 400);
  // 50 of the name, a dash and 4 digits, a dash and 16 of the suffix are 72.
  assert.match(long.body.message, /9 characters longer than the 63/);
  for (const fields of [
    {},
    { UniqueName: "" },
    { UniqueName: "x".repeat(101) },
    { UniqueName: "dev", DomainSuffix: "d".repeat(17) },
    { UniqueName: "dev", DomainSuffix: "a.b" },
    { UniqueName: "dev", DomainSuffix: "a-" },
    { UniqueName: "dev", DomainSuffix: "é" },
    { UniqueName: ["dev", "dev"] },
  ]) {
    assert.equal((await api("POST", base, fields)).status, 400, JSON.stringify(fields));
  }
  // Clients find an environment by the suffix that they sent.
  const upper = await api("POST", base, { UniqueName: "dev", DomainSuffix: "Dev" });
  assert.equal(upper.body.domain_suffix, "Dev");
  assert.equal(upper.body.domain_name, `${service.body.domain_base}-dev.functions.example`);
  assert.equal((await api("POST", base, { UniqueName: "dev", DomainSuffix: "x" })).status, 409);
  assert.equal((await api("POST", base, { UniqueName: "other", DomainSuffix: "dEV" })).status, 409);

  const variables = `${base}/${upper.body.sid}/Variables`;
  const secret = "the-value-itself";
  for (const fields of [
    { Key: "A" },
    { Value: secret },
    { Key: "", Value: secret },
    { Key: "A".repeat(129), Value: secret },
    { Key: "1A", Value: secret },
    { Key: "A-B", Value: secret },
    { Key: "A=B", Value: secret },
    { Key: "__proto__", Value: secret },
    { Key: "A", Value: [secret, secret] },
    { Key: "A", Value: `${secret}\0` },
    // Row 175: bytes count, not characters.
    { Key: "A", Value: secret + "x".repeat(435) },
    { Key: "A", Value: "é".repeat(226) },
  ]) {
    const refused = await api("POST", variables, fields);
    assert.equal(refused.status, 400, JSON.stringify(fields));
    assert.ok(!refused.body.message.includes(secret), refused.body.message);
  }
  const longest = await api("POST", variables, { Key: "A".repeat(128), Value: "é".repeat(225) });
  assert.equal(longest.status, 201);
  assert.equal(longest.body.value, "é".repeat(225));
  assert.equal((await api("POST", variables, { Key: "EMPTY", Value: "" })).body.value, "");
  const clash = await api("POST", `${variables}/${longest.body.sid}`, { Key: "EMPTY" });
  assert.equal(clash.status, 409);
  // Names that look like a SID would make a path ambiguous.
  const alike = await api("POST", "/v1/Services", { UniqueName: service.body.sid, FriendlyName: "x" });
  assert.equal(alike.status, 400);
});

test("requests for the same rows at once are answered, and never with 5xx", async (t) => {
  const { api } = await startHosting(t);
  const create = (): Promise<{ status: number }> =>
    api("POST", "/v1/Services", { UniqueName: "shop", FriendlyName: "Shop" });
  const made = await Promise.all(Array.from({ length: 8 }, create));
  assert.deepEqual(
    made.map(({ status }) => status).toSorted((a, b) => a - b),
    [201, 409, 409, 409, 409, 409, 409, 409],
  );
  const answers = await Promise.all([
    ...Array.from({ length: 8 }, (_, index) =>
      api("POST", "/v1/Services/shop/Environments", { UniqueName: `e${index}`, DomainSuffix: `e${index}` }),
    ),
    ...Array.from({ length: 4 }, () => api("POST", "/v1/Services/shop", { FriendlyName: "x" })),
    api("DELETE", "/v1/Services/shop"),
    ...Array.from({ length: 8 }, (_, index) =>
      api("POST", "/v1/Services/shop/Environments", { UniqueName: `f${index}`, DomainSuffix: `f${index}` }),
    ),
  ]);
  for (const { status, body } of answers) assert.ok(status < 500, JSON.stringify(body));
  assert.equal((await api("GET", "/v1/Services/shop")).status, 404);
});

test("other methods and hosts are refused, before credentials are looked at", async (t) => {
  const hosting = await startHosting(t);
  const { domain } = await deployNew(hosting, "shop", [hello]);
  for (const host of [domain, domain.toUpperCase(), `${domain}.`, `${domain}:443`, "any.functions.example"]) {
    const [head, body] = await raw(hosting, `GET /v1/Services HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    assert.match(head, /^HTTP\/1.1 421 /, host);
    assert.equal(JSON.parse(body).code, 20421);
    assert.doesNotMatch(head, /www-authenticate/i);
  }
  assert.equal((await send(hosting, "HEAD", "/v1/Services")).status, 200);
  const options = await send(hosting, "OPTIONS", "/v1/Services");
  assert.equal(options.status, 204);
  assert.equal(options.headers.get("access-control-allow-origin"), null);
  assert.equal((await send(hosting, "PATCH", "/v1/Services/shop")).status, 405);
});

test("what is not HTTP, or has headers without end, is refused in Twilio's form", async (t) => {
  const hosting = await startHosting(t);
  for (const [request, status] of [
    ["nonsense\r\n\r\n", 400],
    [`GET / HTTP/1.1\r\nhost: x\r\na: ${"b".repeat(20_000)}\r\n\r\n`, 431],
    ["POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", 400],
  ] as const) {
    const [head, body] = await raw(hosting, request);
    assert.ok(head.startsWith(`HTTP/1.1 ${status} `), head);
    const error = JSON.parse(body) as Record<string, unknown>;
    assert.deepEqual(Object.keys(error).toSorted(), ["code", "message", "more_info", "status"]);
    assert.equal(error["status"], status);
  }
});

test("--api-cors allows one origin, also for replies that refuse", async (t) => {
  const hosting = await startHosting(t, { settings: { apiCors: "https://console.example" } });
  for (const [method, credentials, status] of [
    ["OPTIONS", "", 204],
    ["GET", hosting.key, 200],
    ["GET", "wrong:one", 401],
  ] as const) {
    const answer = await send(hosting, method, "/v1/Services", { credentials });
    assert.equal(answer.status, status);
    assert.equal(answer.headers.get("access-control-allow-origin"), "https://console.example");
  }
});

test("a list that is asked while the server stops answers 429, because clients cut a list with 5xx short", async (t) => {
  const hosting = await startHosting(t);
  const { port } = new URL(hosting.apiUrl);
  const head = `GET /v1/Services HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n`;
  const socket = connect(Number(port), "127.0.0.1");
  await once(socket, "connect");
  // The reply to the first request says that the server also has the beginning of the second.
  socket.write(`${head}\r\n${head}`);
  const [first] = (await once(socket, "data")) as [Buffer];
  assert.match(first.toString(), /^HTTP\/1.1 401 /);
  const stopped = hosting.stop();
  while (await accepts(Number(port))) await new Promise(setImmediate);
  const rest = readText(socket);
  socket.write("\r\n");
  const answer = await rest;
  assert.match(answer, /^HTTP\/1.1 429 /);
  assert.match(answer, /retry-after: 1/i);
  assert.match(answer, /"code":20429/);
  await stopped;
});

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Sent {
  readonly type?: string;
  readonly body?: string;
  readonly credentials?: string;
}

/** Sends what `Hosting.api` cannot, such as other types of a body. */
async function send(
  { apiUrl, key }: Hosting,
  method: string,
  path: string,
  { type, body, credentials = key }: Sent = {},
): Promise<Response> {
  const response = await fetch(apiUrl + path, {
    method,
    ...(body !== undefined && { body }),
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      ...(type !== undefined && { "content-type": type }),
    },
  });
  const text = await response.text();
  if (response.status >= 400) judge(method, path, response.status, JSON.parse(text));
  return response;
}

/** Sends bytes as they are. @returns the head of the reply and its body. */
async function raw({ apiUrl }: Hosting, request: string): Promise<[head: string, body: string]> {
  const socket = connect(Number(new URL(apiUrl).port), "127.0.0.1");
  await once(socket, "connect");
  socket.write(request);
  const [head = "", body = ""] = (await readText(socket)).split("\r\n\r\n");
  return [head, body];
}
