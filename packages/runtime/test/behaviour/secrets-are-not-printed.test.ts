/**
 * When something fails, replies and logs of `start` say enough to act on, and show nothing that the reader may not
 * know.
 */
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test, type TestContext } from "node:test";
import { startLog } from "../../src/observe/log.ts";
import { serve, until, type CallOptions, type Site } from "../site.ts";

const secrets = {
  AUTH_TOKEN: "variable5ecret0123456789abcdef0123",
  API_KEY: "variable5ecretkey",
} as const;
const sent = "caller5ecret";

const failing = {
  throws: "throw new Error('boom');",
  rejects: "return Promise.reject(new TypeError('boom'));",
  calls: "callback(new Error('boom'));",
  loops: "while (true);",
  exits: "process.exit(3);",
  crashes: "process.kill(process.pid, 'SIGSEGV');",
  cycles: "const a = {}; a.a = a; callback(null, a);",
  header: "const r = new Twilio.Response(); r.appendHeader('x', 'a\\r\\nb'); callback(null, r);",
  status: "const r = new Twilio.Response(); r.setStatusCode(42); callback(null, r);",
  large: "callback(null, 'x'.repeat(5e6));",
  heap: "const all = []; for (;;) all.push(new Array(1000).fill(all.length));",
  late: "callback(null, 'fine'); process.nextTick(() => { throw new Error('late'); });",
};
const broken = {
  syntax: "exports.handler = (",
  missing: "require('not-installed'); exports.handler = () => {};",
  top: "throw new Error('at the top'); exports.handler = () => {};",
  none: "exports.other = 1;",
};

function listen(t: TestContext, format: "text" | "json"): { text: string } {
  const log = { text: "" };
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.text += chunk.toString();
      done();
    },
  });
  t.after(startLog({ format, level: "debug", accessLog: true, stream }));
  return log;
}

/** Requests with a secret in every part that a request has. */
const carrying: CallOptions[] = [
  { headers: { cookie: `s=${sent}`, authorization: `Bearer ${sent}`, "x-twilio-signature": sent }, form: { s: sent } },
  { headers: { cookie: `s=${sent}` }, json: { deep: { s: sent } } },
  { headers: { "content-type": "application/json", "x-secret": sent }, body: `{"s": "${sent}` },
  { headers: { "content-encoding": "gzip", "content-type": "application/json" }, body: sent },
];

for (const format of ["text", "json"] as const) {
  test(`replies and the log (${format}) show no secrets and no internals`, async (t) => {
    const log = listen(t, format);
    const site = await serve(
      t,
      {
        ...Object.fromEntries(Object.entries(failing).map(([name, code]) => [`functions/${name}.js`, code])),
        ...Object.fromEntries(Object.entries(broken).map(([name, code]) => [`functions/${name}.js`, code])),
        "functions/none.js": broken.none,
        "functions/signed.protected.js": "callback(null, 'signed')",
        "functions/hidden.private.js": "callback(null, 'hidden')",
        ".env": Object.entries(secrets)
          .map(([name, value]) => `${name}=${value}`)
          .join("\n"),
      },
      { timeout: 1_000, memory: 64 },
    );
    const names = [...Object.keys(failing), ...Object.keys(broken), "signed", "hidden", "nowhere"];
    const replies: string[] = [];
    for (const [i, name] of names.entries()) {
      const answer = await site.call(`/${name}?s=${sent}`, carrying[i % carrying.length]);
      replies.push(`${name}: ${answer.rawHeaders.join(" ")}\n${answer.text}`);
      if (name !== "late") assert.ok(answer.status >= 400, `${name} ${answer.status}`);
    }
    for (const options of carrying) replies.push((await site.call(`/throws?s=${sent}`, options)).text);
    await until("all requests are logged", () => log.text.includes("nowhere"));
    for (const reply of replies) assertTellsNothing(reply, site);
    for (const value of [...Object.values(secrets), sent])
      assert.ok(!log.text.includes(value), `${value} is in the log`);
    // The log shows the author where the error is.
    assert.match(log.text, /throws\.js:2/);
  });
}

function assertTellsNothing(reply: string, site: Site): void {
  for (const value of [...Object.values(secrets), sent, site.folder, "node:internal", import.meta.dirname]) {
    assert.ok(!reply.includes(value), `${value} is in ${reply}`);
  }
  assert.doesNotMatch(reply, /\n\s+at |\.js:\d+|x-powered-by|node\/\d/i);
}

const forged = "00:00:00.000 ERROR /admin has logged in";

test("no text of a function, a child process or a caller can look like a line of the log", async (t) => {
  const text = listen(t, "text");
  const json = listen(t, "json");
  const site = await serve(t, {
    "functions/prints.js": `
      const lines = ['\\n', '\\r', '\\r\\n', '\\u2028', '\\x1b[2J\\x1b[H', '\\x85', '\\0', '\\x9b2J'].map((c) => 'a' + c + ${JSON.stringify(forged)});
      for (const line of lines) { console.log(line); console.error(line); process.stdout.write(line + '\\n'); }
      require('fs').writeSync(2, lines.join(''));
      callback(new Error(lines.join('')));`,
  });
  await site.call(`/prints?${encodeURIComponent(`\n${forged}`)}`);
  await site.call(`/${encodeURIComponent(`\r\n${forged}`)}`);
  await site.call("/x\u0085y\u009b2J".replace(/[^ -~]/g, encodeURIComponent));
  await until("all output is logged", () => site.requests.length === 3 && site.output.length > 24);
  await until("the last line is written", () => json.text.includes("x%C2%85"));
  for (const line of text.text.split("\n").slice(0, -1)) {
    assert.match(line, /^(\d\d:\d\d:\d\d\.\d{3} (DEBUG|INFO |WARN |ERROR) |    )/);
    assert.ok(!line.startsWith(forged));
    // oxlint-disable-next-line no-control-regex -- the test looks for control characters
    assert.doesNotMatch(line, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
  }
  for (const line of json.text.split("\n").slice(0, -1)) {
    const { event } = JSON.parse(line) as { event: string };
    assert.match(event, /^(output|request|isolate-ended|notice)$/);
  }
});
