import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { exitCodes } from "@offhook/runtime/errors";
import { repository } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";
import { runOffhook, type CommandEnd } from "./typed-project.ts";

const secret = "a-token-that-nobody-sees";

let project: TemporaryProject;
before(async () => {
  project = await copyProject(undefined, {
    ".env": `AUTH_TOKEN=${secret}\nACCOUNT_SID=AC${"7".repeat(32)}\n`,
    "functions/echo.js": `exports.handler = (context, event, callback) => {
      console.log("to", context.DOMAIN_NAME, context.PATH);
      callback(null, event);
    };`,
    "functions/guarded.protected.js": "exports.handler = (context, event, callback) => callback(null, event);",
    "functions/lib.private.js": "",
    "functions/text.js": `exports.handler = (context, event, callback) => callback(null, "text");`,
    "functions/typo.js": `exports.handler = (context, event, callback) => {
      const response = new Twilio.Response();
      response.appendHeader("Content-Type", "text/xml");
      response.setBody('<Response><Gather numDigit="1"/></Response>');
      callback(null, response);
    };`,
    "functions/bytes.js": `exports.handler = (context, event, callback) => {
      const response = new Twilio.Response();
      response.appendHeader("Content-Type", "image/png");
      response.setBody(Buffer.from([0x89, 0xff, 0x00]));
      callback(null, response);
    };`,
    "functions/teapot.js": `exports.handler = (context, event, callback) => {
      const response = new Twilio.Response();
      response.setStatusCode(418);
      response.appendHeader("X-Kind", "earl grey");
      response.setCookie("a", "1");
      response.setCookie("b", "2");
      callback(null, response);
    };`,
    "functions/throws.js": `exports.handler = () => { console.warn("soon"); throw new TypeError("on purpose"); };`,
    "functions/broken.js": "exports.handler = (",
    "functions/noisy-neighbour.js": `console.log("nobody called me");`,
    "functions/leaves.js": `exports.handler = (context, event, callback) => {
      callback(null, "done");
      setInterval(() => {}, 1000);
    };`,
    "functions/unset.js": `exports.handler = (context, event, callback) => {
  context.API_KEY.trim();
};`,
    "functions/hangs.js": `exports.handler = () => console.log("pid", process.pid);`,
    "functions/loops.js": "exports.handler = () => { for (;;); };",
    "functions/exits.js": "exports.handler = () => process.exit(3);",
    "functions/größe.js": `exports.handler = (context, event, callback) => callback(null, context.PATH);`,
    "assets/page.html": "<p>page</p>",
    "sample.json": '{"from":"a file"}',
  });
});
after(() => project[Symbol.asyncDispose]());

const invoke = (...args: readonly string[]): Promise<CommandEnd> => runOffhook(project.folder, "invoke", ...args);

interface JsonOutput {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string | null;
  readonly bodyBase64?: string;
  readonly logs: readonly { level: string; text: string }[];
  readonly durationMs: number;
  readonly leftovers: string | null;
  readonly problems: readonly { number?: number; level: string; text: string; line?: number; next?: string }[];
  readonly hints: readonly { text: string; file?: string; line?: number }[];
  readonly error: { code: string; message: string; detail: string | null; next: string } | null;
}

async function invokeJson(...args: readonly string[]): Promise<JsonOutput & { code: number }> {
  const { code, out, err } = await invoke(...args, "--json");
  assert.equal(err, "");
  return { code, ...(JSON.parse(out) as JsonOutput) };
}

/** The `event` that the function got. */
async function sent(...args: readonly string[]): Promise<Record<string, unknown> & { request: EventRequest }> {
  const { code, out, err } = await invoke(...args);
  assert.equal(code, 0, err);
  return JSON.parse(out) as Record<string, unknown> & { request: EventRequest };
}

interface EventRequest {
  readonly headers: Readonly<Record<string, string>>;
}

test("only the body goes to standard output, everything else to standard error", async () => {
  const { code, out, err } = await invoke("text");
  assert.deepEqual([code, out], [0, "text"]);
  assert.match(err, /^GET \/text: 200 OK, \d+ ms\ncontent-type: text\/plain/);
  const { out: bytes } = await invoke("echo");
  assert.doesNotThrow(() => JSON.parse(bytes));
});

for (const named of ["/echo?a=1", "echo?a=1"]) {
  test(`${named} is a path with a query`, async () => assert.equal((await sent(named))["a"], "1"));
}

for (const named of ["functions/echo.js", "./functions/echo.js"]) {
  test(`${named} is a file`, async () => {
    const { err } = await invoke(named);
    assert.match(err, /^log {3}to localhost:3000 \/echo\n/);
  });
}

test("the folder can be an argument, and a file can be relative to either folder", async () => {
  const from = (...args: string[]): Promise<CommandEnd> => runOffhook(tmpdir(), "invoke", ...args);
  assert.equal((await from("text", project.folder)).out, "text");
  assert.equal((await from(join(project.folder, "functions/text.js"), project.folder)).out, "text");
  assert.equal((await from("functions/text.js", project.folder)).out, "text");
  assert.equal((await from("größe", project.folder)).out, "/gr%C3%B6%C3%9Fe");
});

test("parameters are sent as a form, or in the query", async () => {
  const posted = await sent("echo", "--data", "Body=a & b", "-d", "x=1", "-d", "x=2", "-d", "=".padStart(2, "e"));
  assert.deepEqual([posted["Body"], posted["x"], posted["e"]], ["a & b", ["1", "2"], ""]);
  assert.match(posted.request.headers["content-type"] ?? "", /^application\/x-www-form-urlencoded/);
  const got = await sent("echo?y=1", "--method", "GET", "--data", "Body=a & b");
  assert.deepEqual([got["Body"], got["y"]], ["a & b", "1"]);
});

test("a body is JSON, text, a file, or standard input", async () => {
  assert.equal((await sent("echo", "--json-data", '{"deep":{"a":[1]}}'))["deep"] !== undefined, true);
  assert.equal((await sent("echo", "--body", "@sample.json"))["from"], "a file");
  const typed = await sent("echo", "--body", "a=1", "--header", "Content-Type: application/x-www-form-urlencoded");
  assert.equal(typed["a"], "1");
  const child = spawn(process.execPath, [
    launcher,
    "invoke",
    "echo",
    project.folder,
    "--body",
    "@-",
    "-H",
    "content-type: application/json",
  ]);
  child.stdin.end('{"from":"a pipe"}');
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  await once(child, "close");
  assert.equal((JSON.parse(out) as { from: string }).from, "a pipe");
});

test("headers and the method come from the options", async () => {
  const event = await sent("echo", "-H", "X-Mine: yes: indeed", "-H", "Cookie: a=1");
  assert.equal(event.request.headers["x-mine"], "yes: indeed");
  assert.match((await invoke("text", "-X", "HEAD")).err, /^HEAD \/text: 200 OK/);
  assert.equal((await invokeJson("text", "-X", "OPTIONS")).status, 204);
});

const webhooks: readonly (readonly [string, Record<string, RegExp>])[] = [
  ["sms", { MessageSid: /^SM[0-9a-f]{32}$/, NumMedia: /^0$/, From: /^\+/, Body: /./ }],
  ["voice", { CallSid: /^CA/, CallStatus: /^ringing$/, Direction: /^inbound$/ }],
  ["gather", { CallSid: /^CA/, Digits: /^1$/ }],
  ["status", { MessageStatus: /^delivered$/ }],
  ["call-status", { CallStatus: /^completed$/, CallDuration: /^\d+$/ }],
  ["flex", { Token: /./ }],
];

for (const [name, fields] of webhooks) {
  test(`--as ${name} sends what Twilio would, and --data overrides it`, async () => {
    const event = await sent("echo", "--as", name, "--data", "Extra=1", "--data", "Direction=other");
    const { Direction: _, ...rest } = fields;
    for (const [field, pattern] of Object.entries(rest)) assert.match(String(event[field]), pattern, field);
    assert.deepEqual([event["Extra"], event["Direction"]], ["1", "other"]);
    if (name !== "flex") assert.equal(event["AccountSid"], `AC${"7".repeat(32)}`);
    // The testing package's event has a signature that was not made with a key. It must not be sent.
    assert.equal(event.request.headers["x-twilio-signature"], undefined);
  });
}

test("derived parameters follow the given ones, also in the query", async () => {
  const event = await sent("echo", "--as", "sms", "-d", "MediaUrl0=https://example.com/a.jpg", "-X", "GET");
  assert.deepEqual([event["NumMedia"], event["MediaContentType0"]], ["1", "image/jpeg"]);
  assert.deepEqual((await sent("echo", "--as", "studio", "-d", "order=7"))["order"], "7");
});

test("an unsigned call of a protected function is rejected, with advice to sign it", async () => {
  const { code, out, err } = await invoke("guarded", "--as", "sms");
  assert.deepEqual([code, out], [exitCodes.failed, "Twilio Request Validation Failed"]);
  assert.match(err, /signature-invalid[^]*Add --signed/);
  const { error } = await invokeJson("guarded");
  assert.match(error?.next ?? "", /--signed/);
});

for (const args of [
  [],
  ["--as", "sms", "-d", "Body=é & ü", "-d", "x=2", "-d", "x=1"],
  ["--json-data", '{"a":1}'],
  ["--body", "plain"],
  ["--as", "voice", "--method", "GET"],
  ["-d", "a=1", "--public-url", "https://example.com"],
  ["-H", "Host: localhost:4567", "-d", "a=1"],
]) {
  test(`--signed signs a request ${args.join(" ")}`, async () => {
    const { code, out, err } = await invoke("guarded?q=1%202", "--signed", ...args);
    assert.equal(code, 0, out + err);
    for (const text of [out, err]) assert.ok(!text.includes(secret));
  });
}

test("--signed needs AUTH_TOKEN", async () => {
  const { code, err } = await invoke("guarded", "--signed", "--env", "sample.json");
  assert.equal(code, exitCodes.project);
  assert.match(err, /\[signing-key-missing\]/);
});

test("invoke shows the full error of a function", async () => {
  const { code, out, err } = await invoke("throws");
  assert.deepEqual([code, out], [exitCodes.failed, '{"message":"on purpose","name":"TypeError"}']);
  assert.match(
    err,
    /^warn {2}soon\nGET \/throws: 500 [^]*handler-threw \(82002\)[^]*TypeError: on purpose\n +at .*functions\/throws\.js:1:\d+/,
  );
  const broken = await invokeJson("broken");
  assert.equal(broken.error?.code, "function-load-failed");
  assert.match(broken.error?.detail ?? "", /broken\.js:1/);
});

test("invoke only loads the called function", async () => {
  const { err } = await invoke("text");
  assert.doesNotMatch(err, /nobody called me|broken/);
});

test("invoke ends a function that times out, and one that blocks its thread", async () => {
  for (const name of ["hangs", "loops"]) {
    const { code, error, status } = await invokeJson(name, "--timeout", "200ms");
    assert.deepEqual([code, status, error?.code], [exitCodes.failed, 504, "handler-timed-out"]);
  }
  assert.equal((await invokeJson("exits")).error?.code, "process-exited");
});

test("invoke names leftovers, and prints the reply before them", async () => {
  const { code, out, err } = await invoke("leaves");
  assert.deepEqual([code, out], [0, "done"]);
  assert.match(err, /\nStill running after callback\(\), so it was stopped: (?:.*leaves\.js|kept running)/);
  assert.match((await invokeJson("leaves")).leftovers ?? "", /timer|kept running/);
  assert.equal((await invokeJson("text")).leftovers, null);
});

test("invoke shows hints as dev does, and the reply is that of start", async () => {
  const { code, hints, body, error } = await invokeJson("unset");
  assert.equal(code, exitCodes.failed);
  assert.deepEqual(hints, [{ text: "API_KEY is not set in .env.", file: "functions/unset.js", line: 2, column: 19 }]);
  assert.deepEqual(Object.keys(JSON.parse(body ?? "") as object), ["message", "name"]);
  assert.match(error?.detail ?? "", /unset\.js:2:19/);
  const { out, err } = await invoke("unset");
  assert.doesNotMatch(out, /hints|stack/);
  assert.match(err, /\n {4}TypeError[^]*\nHint: API_KEY is not set in \.env\. \(functions\/unset\.js:2\)\n$/);

  const forgotten = await invokeJson("hangs", "--timeout", "500ms");
  assert.equal(forgotten.body, "The function did not call callback() within its time limit");
  assert.equal(forgotten.hints.filter(({ text }) => text.startsWith("The handler ended")).length, 1);
  assert.match((await invoke("leaves")).err, /Hint: This work was still pending[^]*\(functions\/leaves\.js:3\)\n$/);
  assert.deepEqual((await invokeJson("text")).hints, []);
});

test("invoke says what Twilio would reject or ignore in the reply to a webhook", async () => {
  const { code, err } = await invoke("typo", "--as", "voice");
  assert.equal(code, 0);
  assert.match(err, /\nTwilio 12200: <Gather> has no attribute numDigit\. Did you mean numDigits\? \(line 1\)\n$/);
  const { problems } = await invokeJson("text", "--as", "voice", "--data", "CallStatus=completed");
  assert.deepEqual(problems, []);
  const wrongType = await invokeJson("teapot", "--as", "sms");
  assert.deepEqual(wrongType.problems, [
    {
      number: 11200,
      level: "error",
      text: "The function replied with status 418. Twilio sends no reply",
      next: "Reply to Twilio with a status from 200 to 299.",
    },
  ]);
  // Not a webhook.
  assert.deepEqual((await invokeJson("teapot")).problems, []);
});

test("--json prints everything on one line", async () => {
  const { code, status, headers, body, error } = await invokeJson("teapot");
  assert.deepEqual([code, status, body, error], [exitCodes.failed, 418, "", null]);
  assert.equal(headers["x-kind"], "earl grey");
  assert.equal(headers["set-cookie"]?.length, 2);
  const { body: none, bodyBase64 } = await invokeJson("bytes");
  assert.deepEqual([none, bodyBase64], [null, "if8A"]);
  const { logs, durationMs } = await invokeJson("throws");
  assert.deepEqual(logs, [{ level: "warn", text: "soon" }]);
  assert.ok(durationMs > 0);
});

const refusals: readonly (readonly [args: string[], code: number, RegExp])[] = [
  [["ecko"], exitCodes.usage, /\/ecko; did you mean \/echo\?[^]*\[function-unknown\]/],
  [["page.html"], exitCodes.usage, /\/page\.html is an asset[^]*\[function-unknown\]/],
  [["a\u001b[2Jb"], exitCodes.usage, /\/a\\u001b\[2Jb[^]*\[function-unknown\]/],
  [["lib"], exitCodes.usage, /functions\/lib\.private\.js[^]*\[function-private\]/],
  [["functions/lib.private.js"], exitCodes.usage, /\[function-private\]/],
  [[], exitCodes.usage, /Missing argument: the path of a function[^]*\[setting-invalid\]/],
  [["echo", "nowhere"], exitCodes.project, /\[folder-missing\]/],
  [["echo", "--as", "mms"], exitCodes.usage, /Did you mean sms\?/],
  [["echo", "--data", "Body"], exitCodes.usage, /Invalid value for --data: "Body"\. Expected name=value/],
  [["echo", "--data", "=x"], exitCodes.usage, /Expected name=value/],
  [["echo", "--json-data", "{"], exitCodes.usage, /Invalid value for --json-data\. Expected JSON/],
  [["echo", "--json-data", "{}", "--data", "a=1"], exitCodes.usage, /--data and --json-data cannot be combined/],
  [["echo", "--json-data", "{}", "--as", "sms"], exitCodes.usage, /--json-data cannot be combined with --as/],
  [["echo", "--body", "@nowhere"], exitCodes.project, /nowhere \(--body, ENOENT\)[^]*\[file-unreadable\]/],
  [["echo", "--body", "x", "-X", "GET"], exitCodes.usage, /A GET request cannot have a body/],
  [["echo", "-X", "PUT"], exitCodes.usage, /Invalid value for --method: "PUT"/],
  [["echo", "-H", "no header"], exitCodes.usage, /Expected "name: value"/],
  [["echo", "-H", "a: b\r\nc: d"], exitCodes.usage, /Expected "name: value"/],
  [["echo", "-H", "authorization secret"], exitCodes.usage, /Expected "name: value"/],
  [["echo", "-H", "a: €"], exitCodes.usage, /has characters that are invalid in a header/],
];

test("an invalid request is rejected, and nothing runs", async (t) => {
  for (const [args, code, message] of refusals) {
    await t.test(JSON.stringify(args), async () => {
      const end = await invoke(...args);
      assert.equal(end.code, code, end.err);
      assert.match(end.err, message);
      assert.equal(end.out, "");
      // oxlint-disable-next-line no-control-regex -- it looks for control characters
      assert.doesNotMatch(end.err, /\u001b|secret/);
    });
  }
});

const launcher = join(repository, "packages/cli/bin/offhook.js");

/** The process's state in the kernel. */
function listensOnTcp(pid: number): boolean {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return ["tcp", "tcp6"].some((table) => {
    const rows = readFileSync(`/proc/net/${table}`, "utf8").split("\n").slice(1);
    return rows.some((row) => {
      const columns = row.trim().split(/\s+/);
      return columns[3] === "0A" && inodes.includes(columns[9] ?? "");
    });
  });
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`the server of invoke does not listen on TCP, and ${signal} leaves nothing behind`, async (t) => {
    const temporary = await mkdtemp(join(tmpdir(), "offhook-invoke-test-"));
    t.after(() => rm(temporary, { recursive: true, force: true, maxRetries: 10 }));
    const child = spawn(process.execPath, [launcher, "invoke", "hangs", project.folder, "--timeout", "0"], {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], TMPDIR: temporary },
    });
    t.after(() => child.kill("SIGKILL"));
    let err = "";
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("close", () => reject(new Error(`It exited, and printed:\n${err}`)));
      child.stderr.on("data", (chunk: Buffer) => {
        err += chunk.toString();
        const [, pidText] = /pid (\d+)\n/.exec(err) ?? [];
        if (pidText !== undefined) resolve(Number(pidText));
      });
    });
    assert.equal(listensOnTcp(child.pid ?? 0), false);
    assert.ok(readdirSync(temporary).some((name) => name.startsWith("offhook-invoke-")));
    const closed = once(child, "close");
    child.kill(signal);
    assert.deepEqual(await closed, [code, null]);
    assert.equal(existsSync(`/proc/${pid}`), false);
    assert.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith("offhook-invoke-")),
      [],
    );
    // The end was intended, so no error is printed.
    assert.doesNotMatch(err, /internal-error/);
  });
}
