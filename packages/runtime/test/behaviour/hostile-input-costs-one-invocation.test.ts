/** The isolate parses the content of a request. Hostile content costs one invocation, and leaves nothing. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { brotliCompressSync, constants, deflateSync, gzipSync } from "node:zlib";
import { serve, type CallOptions, type Site } from "../site.ts";

const form = "application/x-www-form-urlencoded";
const json = "application/json";

/** There is one isolate, so that the next invocation sees all that one leaves. */
const alone = { concurrency: 1, spares: 0, queueTimeout: 60_000, timeout: 60_000, idleTimeout: 600_000 };

const counts = `
  const { request, ...parameters } = event;
  const keys = Object.keys(parameters);
  callback(null, { pid: process.pid, count: keys.length, headers: Object.keys(request.headers), cookies: Object.keys(request.cookies) });`;

/** Everything that a hostile key could leave in the realm. */
const clean = `
  const seen = [];
  for (const sample of [{}, [], "", 0, () => {}, /x/, new Date(0), new Map(), Promise.resolve(), Object.create(null), process.env, context, event, event.request]) {
    const object = Object(sample);
    for (const key in object) if (!Object.hasOwn(object, key)) seen.push(key);
    if (object.polluted !== undefined || Object.hasOwn(object, "__proto__")) seen.push("polluted");
  }
  callback(null, { pid: process.pid, seen, polluted: String(globalThis.polluted ?? Object.polluted ?? Function.polluted) });`;

async function isClean(site: Site, pid?: number): Promise<void> {
  const next = (await site.call("/clean")).json() as { pid: number; seen: string[]; polluted: string };
  assert.deepEqual(next.seen, []);
  assert.equal(next.polluted, "undefined");
  if (pid !== undefined) assert.equal(next.pid, pid, "the same isolate");
}

function post(body: string | Buffer, type: string, ...more: string[]): CallOptions {
  return { body, headers: ["content-type", type, ...more] };
}

const site = (t: TestContext): Promise<Site> =>
  serve(
    t,
    { "functions/counts.js": counts, "functions/clean.js": clean, "functions/echo.js": "callback(null, event);" },
    alone,
  );

test("a hundred thousand levels, keys or parameters are read or refused", async (t) => {
  const served = await site(t);
  const levels = 100_000;
  const keys = (count: number, separator: string, key: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => key(index)).join(separator);
  const bodies: Record<string, [CallOptions, number | undefined]> = {
    "deep arrays": [post("[".repeat(levels) + "]".repeat(levels), json), 1],
    "deep objects": [post('{"a":'.repeat(levels) + "1" + "}".repeat(levels), json), 1],
    "deep and never closed": [post('{"a":['.repeat(levels), json), undefined],
    "JSON keys": [post(`{${keys(60_000, ",", (index) => `"key${index}":1`)}}`, json), 60_000],
    "JSON keys that are numbers far apart": [
      post(`{${keys(60_000, ",", (index) => `"${index * 65_536}":1`)}}`, json),
      60_000,
    ],
    "the same JSON key": [post(`{${keys(60_000, ",", () => '"a":1')}}`, json), 1],
    "form keys": [
      post(
        keys(100_000, "&", (index) => `k${index}`),
        form,
      ),
      100_000,
    ],
    "the same form key": [
      post(
        keys(200_000, "&", () => "a=1"),
        form,
      ),
      1,
    ],
    "form keys that are numbers": [
      post(
        keys(100_000, "&", (index) => `${index * 7}=`),
        form,
      ),
      100_000,
    ],
    "nothing but separators": [post("&".repeat(900_000), form), 0],
    "nothing but equals signs": [post("=".repeat(900_000), form), 1],
    "broken escapes": [post("a=" + "%".repeat(900_000), form), 1],
    "a number with a million digits": [post(`{"a":${"9".repeat(900_000)}}`, json), 1],
  };
  for (const [name, [options, count]] of Object.entries(bodies)) {
    const answer = await served.call("/counts", options);
    if (count === undefined) {
      assert.equal(answer.headers["x-offhook-error"], "body-malformed", name);
      assert.equal(answer.status, 400);
      assert.equal(served.requests.at(-1)?.code, "body-malformed");
    } else {
      assert.equal(answer.status, 200, `${name}: ${answer.text}`);
      assert.equal((answer.json() as { count: number }).count, count, name);
    }
  }
  const query = await served.call(`/counts?${keys(4_000, "&", (index) => `k${index}`)}`);
  assert.equal((query.json() as { count: number }).count, 4_000);
  const cookie = keys(2_000, ";", (index) => `k${index}=1`);
  const cookies = (await served.call("/counts", { headers: { cookie } })).json() as { cookies: string[] };
  assert.equal(cookies.cookies.length, 2_000);
  // It is too deep to become JSON text again. That is an error of the function, and not a crash.
  const echoed = await served.call("/echo", post("[".repeat(levels) + "]".repeat(levels), json));
  assert.equal(echoed.headers["x-offhook-error"], "reply-not-serializable");
  // With an escaped key, the parser recurses.
  const reviving = await served.call("/counts", post(`{"\\u0061":${"[".repeat(levels)}${"]".repeat(levels)}}`, json));
  assert.equal(reviving.headers["x-offhook-error"], "body-malformed");
  await isClean(served);
  // An isolate may be replaced because it still cleans up long after its reply. None has crashed.
  assert.ok(served.ended.every(({ reason }) => reason === "unresponsive"));
});

test("no key of a request pollutes the realm of the next invocation in the same isolate", async (t) => {
  const served = await site(t);
  const names = ["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "__defineGetter__", "valueOf"];
  const value = '{"polluted":1,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const nested = names.map((name) => `"${name}":${value}`).join(",");
  const requests: Record<string, [string, CallOptions]> = {
    query: [
      `/counts?${names.map((name) => `${name}=x&${name}[polluted]=1&${name}.polluted=1&a[${name}][polluted]=1`).join("&")}`,
      {},
    ],
    form: ["/counts", post(names.map((name) => `${name}=x&${name}=y&${name}[polluted]=1`).join("&"), form)],
    "escaped form": ["/counts", post("%5F_proto__=x&__proto__%5Bpolluted%5D=1&__prot%6F__=y", form)],
    JSON: ["/counts", post(`{${nested},"a":{${nested},"b":[{${nested}}]}}`, json)],
    "JSON array": ["/counts", post(`[{${nested}},{"\\u005f\\u005fproto__":{"polluted":1}}]`, json)],
    cookies: ["/counts", { headers: { cookie: names.map((name) => `${name}=x; ${name}[polluted]=1`).join("; ") } }],
    headers: ["/counts", { headers: [...names, ...names].flatMap((name) => [name, "polluted"]) }],
  };
  let pid: number | undefined;
  for (const [name, [path, options]] of Object.entries(requests)) {
    const answer = await served.call(path, options);
    assert.equal(answer.status, 200, `${name}: ${answer.text}`);
    const seen = answer.json() as { pid: number; headers: string[]; cookies: string[] };
    assert.ok(![...seen.headers, ...seen.cookies].includes("__proto__"), name);
    pid ??= seen.pid;
    await isClean(served, pid);
  }
  const echoed = await served.call("/echo", post(`{${nested},"a":[{${nested}}]}`, json));
  assert.doesNotMatch(echoed.text, /__proto__/);
  assert.deepEqual(served.ended, []);
});

test("if an author's own merge pollutes the realm, the next invocation gets another isolate", async (t) => {
  const merges = `
    const merge = (into, from) => {
      for (const key in from) {
        if (typeof from[key] === "object") merge((into[key] ??= {}), from[key]);
        else into[key] = from[key];
      }
      return into;
    };
    merge({}, event.options);
    callback(null, [{}.polluted, process.pid]);`;
  const served = await serve(t, { "functions/merges.js": merges, "functions/clean.js": clean }, alone);
  const body = '{"options":{"constructor":{"prototype":{"polluted":1}}}}';
  const [polluted, pid] = (await served.call("/merges", post(body, json))).json() as [number, number];
  assert.equal(polluted, 1);
  await isClean(served);
  assert.equal(served.ended[0]?.pid, pid);
  assert.equal(served.ended[0]?.reason, "leftovers");
  // With this key there is nothing to merge.
  const safe = (await served.call("/merges", post('{"options":{"__proto__":{"polluted":1}}}', json))).json();
  assert.equal((safe as unknown[])[0], null);
});

test("compression bombs are not unpacked, and corrupt, truncated or doubly packed bodies are refused", async (t) => {
  const served = await site(t);
  // Low quality, because packing the bomb would take longer than all else.
  const brotli = (body: Buffer): Buffer =>
    brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } });
  const packers = { gzip: gzipSync, deflate: deflateSync, br: brotli } as const;
  const bomb = Buffer.alloc(50_000_000, "a");
  const payload = Buffer.from('{"a":1,"b":2}');
  for (const [encoding, pack] of Object.entries(packers)) {
    const packed = pack(payload);
    const cases: Record<string, [Buffer, string[], string | undefined]> = {
      whole: [packed, [encoding], undefined],
      "cut off": [packed.subarray(0, -3), [encoding], "body-malformed"],
      corrupt: [Buffer.concat([packed.subarray(0, 2), Buffer.alloc(20, 255)]), [encoding], "body-malformed"],
      "not packed": [payload, [encoding], "body-malformed"],
      "packed twice": [pack(packed), [`${encoding}, ${encoding}`], "body-encoding-unsupported"],
      "packed twice, in two headers": [pack(packed), [encoding, encoding], "body-encoding-unsupported"],
      "packed twice, declared once": [pack(packed), [encoding], "body-malformed"],
      bomb: [pack(bomb), [encoding], "request-too-large"],
      "bomb in a bomb": [pack(pack(bomb)), [encoding], "body-malformed"],
    };
    for (const [name, [body, encodings, code]] of Object.entries(cases)) {
      const headers = encodings.flatMap((each) => ["content-encoding", each]);
      const answer = await served.call("/counts", post(body, json, ...headers));
      assert.equal(answer.headers["x-offhook-error"], code, `${encoding}, ${name}`);
      assert.equal(served.requests.at(-1)?.code, code);
      if (code === undefined) assert.equal((answer.json() as { count: number }).count, 2);
    }
  }
  await isClean(served);
  assert.deepEqual(served.ended, []);
});

test("bytes that are not UTF-8 are refused, and escapes of them become replacement characters", async (t) => {
  const served = await serve(
    t,
    { "functions/echo.js": "callback(null, [event.a, event.request.headers['x-a'], context.PATH]);" },
    alone,
  );
  const bad = Buffer.from([0xc0, 0xaf, 0xed, 0xa0, 0x80, 0xff, 0x00]);
  const echo = async (path: string, options?: CallOptions): Promise<unknown> =>
    (await served.call(path, options)).json();
  const replaced = "\ufffd".repeat(6) + "\0";
  assert.deepEqual(await echo("/echo", post("a=%c0%af%ed%a0%80%ff%00", form)), [replaced, null, "/echo"]);
  assert.deepEqual(await echo("/echo?a=%c0%af%ed%a0%80%ff%00"), [replaced, null, "/echo"]);
  const inJson = Buffer.concat([Buffer.from('{"a":"'), bad.subarray(0, 6), Buffer.from('"}')]);
  for (const sent of [post(inJson, json), post(Buffer.concat([Buffer.from("a="), bad]), form)]) {
    assert.equal((await served.call("/echo", sent)).headers["x-offhook-error"], "body-malformed");
  }
  assert.deepEqual(await echo("/echo", { headers: { "x-a": "\u00ff\u00c3" } }), [null, "\u00ff\u00c3", "/echo"]);
  const control = await served.call("/echo", post(Buffer.from('{"a":"\u0000"}'), json));
  assert.equal(control.headers["x-offhook-error"], "body-malformed");
  assert.equal((await served.call("/ech%ef")).status, 404);
});
