import assert from "node:assert/strict";
import { test } from "node:test";
import { notices } from "../../src/observe/channels.ts";
import { testFaults, type Fault, type Faults } from "../fault.ts";
import { serve, until } from "../site.ts";

const unshowable = "the thrown value cannot be shown";
const overflow = "Maximum call stack size exceeded";

/** The handler's code → name and message of the error in the reply. */
const throwing: Readonly<Record<string, readonly [does: string, name: string, message: string]>> = {
  "a throw": ["throw new TypeError('boom')", "TypeError", "boom"],
  "a throw of a string": ["throw 'boom'", "Error", "boom"],
  "a throw of undefined": ["throw undefined", "Error", "undefined"],
  "a throw of null": ["throw null", "Error", "null"],
  "a throw of a symbol": ["throw Symbol('a')", "Error", "Symbol(a)"],
  "a throw of a function": ["throw () => 1", "Error", "() => 1"],
  "a throw of an object that cannot be shown": ["throw { get message() { throw 1; } }", "Error", unshowable],
  "a throw of an error whose stack throws": [
    "const e = new Error('boom'); Object.defineProperty(e, 'stack', { get() { throw 1 } }); throw e",
    "Error",
    unshowable,
  ],
  "a throw of a proxy": ["throw new Proxy({}, { has() { throw 1 } })", "Error", unshowable],
  "a throw of a revoked proxy": [
    "const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy",
    "Error",
    unshowable,
  ],
  "a throw of an error that is its own cause": ["const e = new Error('boom'); e.cause = e; throw e", "Error", "boom"],
  "a rejection": ["return Promise.reject(new RangeError('no'))", "RangeError", "no"],
  "a rejection with nothing": ["return Promise.reject()", "Error", "undefined"],
  "a thenable whose then throws": ["return { then() { throw new Error('then') } }", "Error", "then"],
  "a thenable whose then getter throws": ["return { get then() { throw new Error('then') } }", "Error", "then"],
  "a stack overflow": ["(function again() { again(); })()", "RangeError", overflow],
  "a regular expression that does not compile": [
    "new RegExp('(')",
    "SyntaxError",
    "Invalid regular expression: /(/: Unterminated group",
  ],
  "process.dlopen of a file that is not an addon": [
    "process.dlopen({ ['ex' + 'ports']: {} }, __filename)",
    "Error",
    "*",
  ],
  "a read of the empty standard input": [
    "if (require('fs').readFileSync(0, 'utf8') === '') throw new Error('empty')",
    "Error",
    "empty",
  ],
  "missing credentials": [
    "context.getTwilioClient()",
    "Error",
    "Account credentials are not available to this function: set ACCOUNT_SID and AUTH_TOKEN in the service's .env.",
  ],
};

/** Errors that only the process catches. */
const uncaught: typeof throwing = {
  "an unhandled rejection": ["Promise.reject(new Error('floating'))", "Error", "floating"],
  "a throw in a timer": ["setTimeout(() => { throw new Error('later') }, 5)", "Error", "later"],
  "a throw in a microtask": ["queueMicrotask(() => { throw new Error('soon') })", "Error", "soon"],
  "an error event without a listener": [
    "require('net').connect(1, '127.0.0.1')",
    "Error",
    "connect ECONNREFUSED 127.0.0.1:1",
  ],
};

const rows = (errors: typeof throwing): [string, Fault][] =>
  Object.entries(errors).map(([name, [does, error, message]]) => [
    name,
    {
      does,
      gets: "500 handler-threw",
      body: message === "*" ? /"message":/ : { name: error, message },
      isolate: "kept",
      detail: message === "*" ? /./ : new RegExp(message.replace(/[()[\].?|/]/g, "\\$&")),
    },
  ]);

const asyncOverflow = "return (async () => { const f = async () => { await f() }; await f() })()";
// Node 22 tracks every promise if anything asynchronous is tracked. It ends the process when that overflows the stack.
const endsOnAsyncOverflow = Number(process.versions.node.split(".")[0]) < 24;

testFaults("an error is a 500 at once, with its message and without its stack", {
  "a stack overflow in an async function": endsOnAsyncOverflow
    ? { does: asyncOverflow, gets: "500 isolate-crashed", isolate: "crashed" }
    : {
        does: asyncOverflow,
        gets: "500 handler-threw",
        body: { name: "RangeError", message: overflow },
        isolate: "kept",
      },
  ...Object.fromEntries([...rows(throwing), ...rows(uncaught)]),
  "a worker that throws": {
    does: "new (require('worker_threads').Worker)('throw new Error(`in the worker`)', { eval: true })",
    gets: "500 handler-threw",
    body: { name: "Error", message: "in the worker" },
    // The worker may still be closing.
    isolate: ["kept", "leftovers"],
  },
  "callback with an error": {
    does: "callback(new Error('bad'))",
    gets: "500 callback-error",
    body: { name: "Error", message: "bad" },
    isolate: "kept",
  },
  "callback with an object": {
    does: "callback({ a: 1 })",
    gets: "500 callback-error",
    body: { a: 1 },
    isolate: "kept",
  },
  "callback with a string": { does: "callback('bad')", gets: "500 callback-error", body: "bad", isolate: "kept" },
  "callback twice": {
    does: "callback(null, 'first'); callback(null, 'second'); callback(new Error('third'))",
    gets: "200",
    body: "first",
    isolate: "kept",
  },
  "a throw after callback": {
    does: "callback(null, 'replied'); throw new Error('thrown late')",
    gets: "200",
    body: "replied",
    isolate: "kept",
    prints: /^Uncaught after callback\(\): Error: thrown late/,
  },
  "a rejection after callback": {
    does: "callback(null, 'replied'); return Promise.reject(new Error('rejected late'))",
    gets: "200",
    body: "replied",
    isolate: "kept",
    prints: /^Uncaught after callback\(\): Error: rejected late/,
  },
  "a worker that calls process.exit()": {
    does: `new (require('worker_threads').Worker)('process.exit(7)', { eval: true })
      .on('exit', (code) => callback(null, 'exited ' + code))`,
    gets: "200",
    body: "exited 7",
    isolate: "kept",
  },
});

test("the stack is in the log, down to the handler", async (t) => {
  const site = await serve(t, { "functions/f.js": "throw new TypeError('boom')" });
  await site.call("/f");
  assert.match(site.requests[0]?.detail ?? "", /TypeError: boom\n +at exports\.handler \(.*f\.js:2:7\)$/);
});

test("a string that is called back as an error is the body", async (t) => {
  const site = await serve(t, { "functions/bad.js": "callback('bad')" });
  const answer = await site.call("/bad");
  assert.equal(answer.status, 500);
  assert.equal(answer.text, "bad");
  assert.match(answer.headers["content-type"] ?? "", /^text\/plain/);
});

const unloadable = {
  "no handler": ["exports.handle = 1;", "handler-missing"],
  "an empty file": ["// exports nothing", "handler-missing"],
  "a handler that is not a function": ["exports.handler = { handler: 1 };", "handler-missing"],
  "an export that is null": ["module.exports = null;", "handler-missing"],
  "a module that requires itself before it has a handler": [
    "exports.handler = require(__filename).handler;",
    "handler-missing",
  ],
  "a syntax error": ["exports.handler = (", "function-load-failed"],
  "a throw at module scope": ["exports.handler = 1; throw new Error('at load');", "function-load-failed"],
  "a throw of nothing at module scope": ["exports.handler = 1; throw null;", "function-load-failed"],
  "a getter that throws in place of the handler": [
    "Object.defineProperty(exports, 'handler', { get() { throw new Error('gotcha') } });",
    "function-load-failed",
  ],
  "a missing package": ["require('no-such-package'); exports.handler = () => {};", "function-load-failed"],
  "a stack overflow at module scope": ["(function deep() { deep() })(); exports.handler = 1;", "function-load-failed"],
  "an import of a file that is missing": [
    "import away from './away.js'; export const handler = () => away;",
    "function-load-failed",
  ],
} as const;

testFaults(
  "a function that cannot be loaded is a 500, and the log names the cause",
  Object.fromEntries(
    Object.entries(unloadable).map(([name, [does, code]]): [string, Fault] => [
      name,
      {
        does: `/* exports */ ${does}`,
        gets: `500 ${code}`,
        // Half of the module has run, and its changes are unknown.
        isolate: code === "handler-missing" ? "kept" : "tainted",
        detail: name.includes("nothing") ? /null/ : /f\d+\.js|deep/,
        next: "the same",
      },
    ]),
  ),
);

const ending: Faults = {
  "process.exit()": {
    does: "process.exit(); exports.handler = 1;",
    gets: "500 process-exited",
    isolate: "exited",
    next: "the same",
  },
  "process.abort()": {
    does: "process.abort(); exports.handler = 1;",
    gets: "500 process-exited",
    isolate: "exited",
    next: "the same",
  },
  "a full heap": {
    does: "const all = []; for (;;) all.push(new Array(1000).fill(0.5)); exports.handler = 1;",
    gets: "500 out-of-memory",
    isolate: "out-of-memory",
    next: "the same",
  },
};
testFaults("module scope that ends the process costs only its own function", ending, { memory: 64 });

test("a function that cannot be loaded is reported once at start, before any call", async (t) => {
  const messages: string[] = [];
  t.after(notices.subscribe(({ code, message }) => void (code === "function-load-failed" && messages.push(message))));
  const site = await serve(t, {
    "functions/needs.js": "require('no-such-package'); exports.handler = () => {};",
    "functions/exit.js": "process.exit()",
  });
  await until("it was reported", () => messages.length > 0);
  assert.match(messages[0] ?? "", /^\/needs cannot be loaded: Error: Cannot find module 'no-such-package'/);
  await site.call("/exit");
  await site.call("/exit");
  assert.equal(messages.length, 1);
});
