/**
 * Well-meant code changes objects that all invocations of an isolate share: mocks, instrumentation, settings, slips.
 * The next call must not see any of these changes, in the same process or in another.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

/** "put back": the isolate is reused. "ends": another isolate replaces it. */
type Fate = "put back" | "ends";
type Row = readonly [change: string, probe: string, fate: Fate];

const mock = (path: string): Row => [`${path} = mock`, `${path} === mock`, "ends"];

const groups: Readonly<Record<string, readonly Row[]>> = {
  "settings behind functions": [
    ["dns.setDefaultResultOrder('ipv6first')", "dns.getDefaultResultOrder()", "put back"],
    ["dns.setServers(['127.0.0.9'])", "dns.getServers().join()", "ends"],
    ["net.setDefaultAutoSelectFamily(false)", "net.getDefaultAutoSelectFamily()", "put back"],
    ["net.setDefaultAutoSelectFamilyAttemptTimeout(999)", "net.getDefaultAutoSelectFamilyAttemptTimeout()", "put back"],
    ["stream.setDefaultHighWaterMark(true, 3)", "stream.getDefaultHighWaterMark(true)", "put back"],
    ["events.defaultMaxListeners = 2", "events.defaultMaxListeners", "put back"],
    ["events.setMaxListeners(3)", "events.defaultMaxListeners", "put back"],
    ["events.captureRejections = true", "events.captureRejections", "ends"],
    ["process.setSourceMapsEnabled(true)", "process.sourceMapsEnabled", "put back"],
    ["process.report.directory = '/reports'", "process.report.directory", "put back"],
    ["workers.setEnvironmentData('who', 'A')", "workers.getEnvironmentData('who')", "put back"],
    ["process.loadEnvFile(path.join(__dirname, '../loaded.env'))", "process.env.LOADED", "put back"],
    ["v8.setFlagsFromString('--expose-gc')", "vm.runInNewContext('typeof gc')", "ends"],
    ["os.setPriority(0, 10)", "os.getPriority()", "ends"],
    ["util.inspect.defaultOptions.depth = 9", "util.inspect.defaultOptions.depth", "ends"],
    ["process.title = 'mine'", "process.title", "ends"],
    ["process.throwDeprecation = true", "process.throwDeprecation", "ends"],
    ["process.noDeprecation = true", "process.noDeprecation", "ends"],
    ["Error.stackTraceLimit = 1", "Error.stackTraceLimit", "ends"],
    ["buffer.INSPECT_MAX_BYTES = 3", "buffer.INSPECT_MAX_BYTES", "put back"],
    ["Object.setPrototypeOf(process.env, { mine: '1' })", "process.env.mine", "put back"],
    ["(blob = URL.createObjectURL(new Blob(['a'])))", "buffer.resolveObjectURL(blob) !== undefined", "put back"],
    ["vm.runInThisContext('const declared = 1')", "vm.runInThisContext('typeof declared')", "ends"],
    ["new vm.Script('class Declared {}').runInThisContext()", "vm.runInThisContext('typeof Declared')", "ends"],
  ],
  "agents, TLS and dispatchers": [
    ["https.globalAgent.options.rejectUnauthorized = false", "https.globalAgent.options.rejectUnauthorized", "ends"],
    ["http.globalAgent.maxSockets = 1", "http.globalAgent.maxSockets", "ends"],
    ["http.globalAgent = new http.Agent()", "http.globalAgent === agent", "put back"],
    ["http.globalAgent.on('free', mock)", "http.globalAgent.listenerCount('free')", "ends"],
    ["http.globalAgent.requests = { mine: 1 }", "http.globalAgent.requests.mine", "ends"],
    ["globalThis[dispatcher].dispatch = mock", "globalThis[dispatcher].dispatch === mock", "ends"],
    ["prototypeOf(globalThis[dispatcher]).close = mock", "globalThis[dispatcher].close === mock", "ends"],
    ["tls.DEFAULT_MIN_VERSION = 'TLSv1'", "tls.DEFAULT_MIN_VERSION", "ends"],
    ["globalThis[dispatcher] = { mine: true }", "globalThis[dispatcher].mine", "ends"],
  ],
  hooks: [
    [
      "diagnostics.subscribe('http.client.request.start', mock)",
      "diagnostics.hasSubscribers('http.client.request.start')",
      "put back",
    ],
    [
      "diagnostics.channel('own').bindStore(new asyncHooks.AsyncLocalStorage())",
      "diagnostics.channel('own').hasSubscribers",
      "put back",
    ],
    [
      "asyncHooks.createHook({ init() { hooked++; } }).enable()",
      "(hooked = 0, setImmediate(() => {}), hooked)",
      "put back",
    ],
    ["performance.mark('of A')", "performance.getEntriesByName('of A').length", "put back"],
    ["performance.clearMarks()", "performance.getEntriesByName('of module scope').length", "put back"],
    ["performance.measure('of A')", "performance.getEntriesByName('of A').length", "put back"],
    [
      "Module.registerHooks({ resolve: (name, context, next) => next(name === 'mine' ? 'fs' : name, context) })",
      "resolves('mine')",
      "put back",
    ],
    [
      "performance.addEventListener('resourcetimingbufferfull', mock)",
      "events.getEventListeners(performance, 'resourcetimingbufferfull').length",
      "ends",
    ],
    ["performance.onresourcetimingbufferfull = mock", "performance.onresourcetimingbufferfull === mock", "ends"],
    ["process.on('SIGUSR2', mock)", "process.listenerCount('SIGUSR2')", "ends"],
    [
      "process.removeAllListeners('uncaughtException').on('uncaughtException', mock)",
      "process.listeners('uncaughtException').includes(mock)",
      "ends",
    ],
    ["Error.prepareStackTrace = mock", "Error.prepareStackTrace", "ends"],
  ],
  "prototypes of what functions return": [
    [
      "prototypeOf(crypto.createSecretKey('a', 'utf8')).export = mock",
      "crypto.KeyObject.prototype.export === mock",
      "ends",
    ],
    ["prototypeOf(keys.privateKey).export = mock", "keys.privateKey.export === mock", "ends"],
    ["prototypeOf(keys.publicKey).export = mock", "keys.publicKey.export === mock", "ends"],
    [
      "prototypeOf(diagnostics.tracingChannel('a')).traceSync = mock",
      "diagnostics.tracingChannel('a').traceSync === mock",
      "ends",
    ],
    ["prototypeOf(subscribed).publish = mock", "subscribed.publish === mock", "ends"],
    [
      "prototypeOf(perf.monitorEventLoopDelay()).percentile = mock",
      "perf.monitorEventLoopDelay().percentile === mock",
      "ends",
    ],
    ["prototypeOf(watched()).mine = 1", "watched().mine", "ends"],
    ["prototypeOf(new ReadableStream().values()).next = mock", "new ReadableStream().values().next === mock", "ends"],
    ["prototypeOf(new Headers().values()).next = mock", "new Headers().values().next === mock", "ends"],
  ],
  "modules of Node": [
    "asyncHooks.AsyncLocalStorage.prototype.run",
    "asyncHooks.AsyncLocalStorage.prototype.getStore",
    "asyncHooks.AsyncLocalStorage.bind",
    "fs.ReadStream.prototype.close",
    "net.BlockList.prototype.check",
    "net.SocketAddress.prototype.mine",
    "events.EventEmitterAsyncResource.prototype.mine",
    "ReadableStream.prototype.tee",
    "WritableStream.prototype.abort",
    "TransformStream.prototype.mine",
    "ByteLengthQueuingStrategy.prototype.mine",
    "fs.readFile",
    "fs.promises.readFile",
    "dns.promises.lookup",
    "timers.promises.setTimeout",
    "stream.promises.pipeline",
    "util.types.isDate",
    "path.win32.join",
    "assert.strict.equal",
    "events.once",
    "http.request",
    "http.Agent.prototype.createConnection",
    "http.ClientRequest.prototype.end",
    "http.IncomingMessage.prototype.setEncoding",
    "crypto.webcrypto.randomUUID",
    "Module.prototype.require",
    "Module._extensions['.own']",
    "process.hrtime.bigint",
    "process.memoryUsage.rss",
  ].map(mock),
  "globals and their prototypes": [
    ...[
      "TextDecoder.prototype.decode",
      "Headers.prototype.get",
      "Response.prototype.json",
      "AbortSignal.timeout",
      "EventTarget.prototype.addEventListener",
      "Intl.DateTimeFormat.prototype.formatToParts",
      "URL.canParse",
      "globalThis.Headers",
      "globalThis.WebSocket",
      "globalThis.btoa",
      "globalThis.performance",
      "performance.now",
      "globalThis.fetch",
      "console.log",
      "Symbol.prototype.toString",
      "Atomics.load",
      "WebAssembly.compile",
      "fetch.mine",
      "Object.prototype[Symbol.for('mine')]",
    ].map(mock),
    ["define(String.prototype, 'hidden')", "'hidden' in String.prototype", "ends"],
    ["define(globalThis, 'navigator')", "globalThis.navigator === mock", "ends"],
    [
      "Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', { get: mock })",
      "new Intl.DateTimeFormat().format === 'mock'",
      "ends",
    ],
    ["Object.setPrototypeOf(URL.prototype, { mine: 1 })", "URL.prototype.mine", "ends"],
    ["Object.freeze(http)", "Object.isFrozen(http)", "ends"],
    [
      "Object.defineProperty(fs, 'stat', { writable: false })",
      "Object.getOwnPropertyDescriptor(fs, 'stat').writable",
      "ends",
    ],
    ["globalThis[Symbol.for('mine')] = 1", "Symbol.for('mine') in globalThis", "put back"],
    ["define(globalThis, 'hidden')", "'hidden' in globalThis", "put back"],
  ],
  process: [
    ["define(process, 'platform')", "process.platform === mock", "ends"],
    ["define(process, 'stdout')", "process.stdout === mock", "ends"],
    ["process.argv.push('mine')", "process.argv.length", "ends"],
    ["process.stdout.cork()", "process.stdout.writableCorked", "put back"],
    ["process.stdout.setMaxListeners(3)", "process.stdout.getMaxListeners()", "put back"],
    ["console._stdout = mock", "console._stdout === mock", "put back"],
    ["process.stdin.setEncoding('utf8')", "process.stdin.readableEncoding", "ends"],
    ["readline.emitKeypressEvents(process.stdin)", "process.stdin.listenerCount('newListener')", "ends"],
    ["process.umask(0o77)", "process.umask()", "put back"],
    ["console.group('mine')", "indentation()", "put back"],
    ["console.count('mine')", "counted()", "put back"],
    ["/number (\\d+)/.exec('number 555')", "RegExp.input === 'number 555' || RegExp.$1 === '555'", "put back"],
    ["fs.closeSync(0)", "isOpen(0)", "ends"],
    ["fs.closeSync(1)", "isOpen(1)", "ends"],
    ["(fs.closeSync(1), fs.openSync('/dev/zero'))", "fs.fstatSync(1).rdev", "ends"],
  ],
  "modules and what Twilio has": [
    ["require.cache['/mine.js'] = { exports: {}, loaded: true }", "'/mine.js' in require.cache", "put back"],
    ["require.cache[require.resolve('../own.js')].exports = mock", "require('../own.js') === mock", "put back"],
    ["delete require.cache[require.resolve('../own.js')]", "require('../own.js').loads", "put back"],
    ["Module.globalPaths.push('/mine')", "Module.globalPaths.includes('/mine')", "ends"],
    mock("Twilio.Response.prototype.setBody"),
    mock("Twilio.twiml.VoiceResponse.prototype.say"),
    mock("Twilio.twiml.MessagingResponse"),
    ["Runtime.mine = 1", "Runtime.mine", "ends"],
    [
      "Runtime.getAssets()['/note.txt'].path = '/mine'",
      "Runtime.getAssets()['/note.txt'].path === '/mine'",
      "put back",
    ],
    ["Runtime.getFunctions().changes.path = '/mine'", "Runtime.getFunctions().changes.path === '/mine'", "put back"],
  ],
};

const rows = Object.values(groups).flat();

const source = `
const assert = require('assert'), asyncHooks = require('async_hooks'), buffer = require('buffer'), crypto = require('crypto');
const diagnostics = require('diagnostics_channel'), dns = require('dns'), events = require('events'), fs = require('fs');
const http = require('http'), https = require('https'), Module = require('module'), net = require('net'), os = require('os');
const path = require('path'), stream = require('stream'), timers = require('timers'), tls = require('tls'), util = require('util');
const v8 = require('v8'), vm = require('vm'), workers = require('worker_threads');
require('../own.js');
const dispatcher = Symbol.for('undici.globalDispatcher.1');
const agent = http.globalAgent, perf = require('perf_hooks'), readline = require('readline');
const prototypeOf = Object.getPrototypeOf;
const keys = crypto.generateKeyPairSync('ed25519');
const subscribed = diagnostics.channel('subscribed');
subscribed.subscribe(() => {});
performance.mark('of module scope');
const watched = () => { const watcher = fs.watch('.'); watcher.close(); return watcher; };
let blob = '';
let hooked = 0;
function mock() { return 'mock'; }
const define = (owner, key) => Object.defineProperty(owner, key, { value: mock, configurable: true });
const resolves = (name) => { try { return require(name) === fs; } catch { return false; } };
const isOpen = (fd) => { try { return fs.fstatSync(fd).ino > 0; } catch { return false; } };
const indentation = () => { console.log('indented?'); };
const counted = () => { console.count('mine'); };
const rows = [${rows.map(([change, probe]) => `[() => ${change}, () => ${probe}]`).join(",\n")}];
exports.handler = (context, event, callback) => {
  const [change, probe] = rows[event.row];
  if (event.change) { change(); return callback(null, { pid: process.pid }); }
  callback(null, { pid: process.pid, seen: String(probe()) });
};`;

test("the next call does not see changes of the call before", async (t) => {
  const files = {
    "functions/changes.js": source,
    "own.js": "globalThis.ownLoads = (globalThis.ownLoads ?? 0) + 1; exports.loads = 1;",
    "loaded.env": "LOADED=A\n",
    "assets/note.private.txt": "note",
  };
  const site = await serve(t, files, { spares: 0 });
  const call = async (query: string): Promise<{ pid: number; seen?: string; printed: string[] }> => {
    site.output.length = 0;
    const answer = await site.call(`/changes?${query}`);
    assert.equal(answer.status, 200, answer.text);
    const printed = site.output.map(({ text }) => text);
    return { ...(answer.json() as { pid: number; seen?: string }), printed };
  };
  for (const [group, changes] of Object.entries(groups)) {
    await t.test(group, async () => {
      for (const row of changes) {
        const [change, , fate] = row;
        const query = `row=${rows.indexOf(row)}`;
        const before = await call(query);
        const made = await call(`${query}&change=1`);
        const after = await call(query);
        const why = JSON.stringify(site.ended.at(-1)?.detail);
        assert.equal(after.seen, before.seen, `${change} is seen by the next call`);
        if (change.startsWith("console.")) assert.equal(after.printed[0]?.replace(/2$/, "1"), before.printed[0]);
        assert.equal(made.pid === after.pid ? "put back" : "ends", fate, `${change}: ${why}`);
      }
    });
  }
});
