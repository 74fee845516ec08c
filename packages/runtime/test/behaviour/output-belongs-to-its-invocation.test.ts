import assert from "node:assert/strict";
import { test } from "node:test";
import { testFaults } from "../fault.ts";
import { serve, until } from "../site.ts";

test("every way of printing reaches the log with its level, function and request", async (t) => {
  const site = await serve(t, {
    "functions/print.js": `
      console.log('log %s %d', 'text', 1, { a: [1] });
      console.info('info');
      console.debug('debug');
      console.warn('warn');
      console.error('error', new TypeError('shown'));
      console.group('group');
      console.log('inside');
      console.groupEnd();
      console.table([{ a: 1 }]);
      process.stdout.write('raw out\\n');
      process.stderr.write('raw err\\n');
      callback(null, 'printed');`,
  });
  const answer = await site.call("/print");
  const lines = site.output.filter((line) => line.function === "print");
  const levels = lines.map((line) => `${line.level}: ${line.text.split("\n")[0]}`);
  assert.deepEqual(
    levels.filter((line) => !line.includes("┌")),
    [
      "info: log text 1 { a: [ 1 ] }",
      "info: info",
      "debug: debug",
      "warn: warn",
      "error: error TypeError: shown",
      "info: group",
      "info:   inside",
      "info: raw out",
      "error: raw err",
    ],
  );
  assert.ok(lines.every((line) => line.requestId === answer.headers["x-offhook-request-id"]));
});

test("a very long line is split, and has no other effect", async (t) => {
  const site = await serve(t, { "functions/long.js": "console.log('x'.repeat(70e6)); callback(null, 'printed')" });
  assert.equal((await site.call("/long")).text, "printed");
  const bytes = site.output.reduce((sum, line) => sum + line.text.length, 0);
  assert.equal(bytes, 70e6);
});

test("the output of child processes is logged, and output of module scope belongs to no request", async (t) => {
  const site = await serve(t, {
    "functions/shell.js": `
      console.log('at module scope');
      exports.handler = (context, event, callback) => {
        require('child_process').execSync('echo from the shell', { stdio: 'inherit' });
        require('fs').writeSync(2, 'past the console\\n');
        callback(null, 'ran');
      };`,
  });
  await site.call("/shell");
  await until("all of it has arrived", () => site.output.length >= 3);
  assert.ok(site.output.some((line) => line.text === "from the shell" && line.function === "shell"));
  assert.ok(site.output.some((line) => line.text === "past the console" && line.level === "error"));
  assert.ok(site.output.some((line) => line.text === "at module scope" && line.requestId === undefined));
});

test("the output of invocations that run at once in one isolate is kept apart", async (t) => {
  const site = await serve(
    t,
    {
      "functions/wait.js":
        "console.log('start', event.n); setTimeout(() => { console.log('end', event.n); callback(null, event.n); }, 50)",
    },
    { isolateConcurrency: 10 },
  );
  const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => site.call(`/wait?n=${n}`)));
  for (const { text: n, headers } of answers) {
    const own = site.output.filter((line) => line.requestId === headers["x-offhook-request-id"]);
    assert.deepEqual(
      own.map((line) => line.text),
      [`start ${n}`, `end ${n}`],
    );
  }
});

testFaults("a flood of output costs only its own invocation", {
  "a line of a million characters": {
    does: "console.log('x'.repeat(1e6)); callback(null, 'printed')",
    gets: "200",
    body: "printed",
    isolate: "kept",
    prints: /^x{1000000}$/,
  },
  "100,000 lines": {
    does: "for (let i = 0; i < 1e5; i++) console.log(i); callback(null, 'printed')",
    gets: "200",
    body: "printed",
    isolate: "kept",
    prints: /^0\n1\n[^]*\n99999$/,
  },
  "an object whose inspection throws": {
    does: "console.log({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('shy') } })",
    gets: "500 handler-threw",
    body: { name: "Error", message: "shy" },
    isolate: "kept",
  },
});

testFaults(
  "endless output ends with the time limit",
  {
    "endless lines": {
      does: "console.log('first'); for (;;) console.log('more');",
      gets: "504 handler-timed-out",
      isolate: "timed-out",
      prints: /^first\nmore/,
    },
  },
  { timeout: 1000 },
);
