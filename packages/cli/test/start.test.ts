import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { OffhookError } from "@offhook/runtime/offhook-error";
import { notices } from "@offhook/runtime/observe";

import { makeProject } from "../../runtime/test/unit/project/temp-project.ts";
import { devBanner } from "../src/dev/dev-banner.ts";
import { start } from "../src/start.ts";
import { serve } from "../src/serving.ts";
import type { ServingParts } from "../src/serving.ts";
import { fakeContext } from "./fake-context.ts";
import { keepAlive } from "./keep-alive.ts";

type LogOptions = Parameters<ServingParts["startLog"]>[0];

/** A fake server that records calls. A test decides when its `stop()` resolves. */
function fakeParts() {
  const signals = new EventEmitter();
  const stopped = Promise.withResolvers<void>();
  const updated = Promise.withResolvers<Readonly<Record<string, string>>>();
  const seen = { stops: 0, kills: 0, logEnds: 0, log: undefined as LogOptions | undefined };
  const parts: ServingParts = {
    signals,
    startLog(options) {
      seen.log = options;
      return () => void seen.logEnds++;
    },
    startServer: async () => ({
      address: { host: "127.0.0.1", port: 1 },
      url: "http://localhost:3000",
      updateVariables: (variables) => updated.resolve(variables),
      update: () => undefined,
      updatePublicUrl: () => undefined,
      hold: () => () => undefined,
      stop() {
        seen.stops++;
        return stopped.promise;
      },
      // A kill ends a pending stop, as in the real server.
      kill() {
        seen.kills++;
        stopped.resolve();
      },
    }),
  };
  return { parts, seen, signals, stopped, updated };
}

const files = {
  "functions/hello.js": "",
  "functions/sms/reply.protected.js": "",
  "functions/lib.private.js": "",
  "assets/é.txt": "",
  ".env": "SECRET=hunter2",
};

test("the banner lists functions, assets and URLs, but no secrets", async (t) => {
  const folder = makeProject(t, files);
  const context = fakeContext({ OFFHOOK_TIMOUT: "1" });
  const { parts, seen, signals, stopped } = fakeParts();
  const ended = serve(start, folder, {}, context, Promise.resolve(parts));
  await context.stdout.until(/Ready in \d+ ms\. Press Ctrl\+C to stop\.\n/);
  const { text } = context.stdout;
  assert.ok(text.includes(`Folder  ${folder}\n`));
  assert.match(text, /^ {2}http:\/\/localhost:3000\/hello {6,}public$/m);
  assert.match(text, /^ {2}http:\/\/localhost:3000\/sms\/reply {2}protected$/m);
  assert.match(text, /^ {2}\/lib +\(private\)$/m);
  assert.match(text, /^ {2}http:\/\/localhost:3000\/%C3%A9\.txt {2}public$/m);
  assert.match(text, /^Warning: The variable OFFHOOK_TIMOUT/m);
  assert.doesNotMatch(text, /hunter2|SECRET/);
  assert.equal(seen.log?.format, "text");
  stopped.resolve();
  signals.emit("SIGINT");
  assert.equal(await ended, 0);
});

test("with log: json the banner is one line of JSON", async (t) => {
  const context = fakeContext({ OFFHOOK_LOG: "json" });
  const { parts, seen, signals, stopped } = fakeParts();
  const ended = serve(start, makeProject(t, files), {}, context, Promise.resolve(parts));
  await context.stdout.until(/\n/);
  assert.equal(context.stdout.text.split("\n").length, 2);
  const line = JSON.parse(context.stdout.text) as Record<string, unknown>;
  assert.equal(line["event"], "started");
  assert.equal(line["level"], "info");
  assert.equal(line["url"], "http://localhost:3000");
  assert.deepEqual(line["functions"], [
    { path: "/hello", visibility: "public", url: "http://localhost:3000/hello" },
    { path: "/lib", visibility: "private" },
    { path: "/sms/reply", visibility: "protected", url: "http://localhost:3000/sms/reply" },
  ]);
  assert.equal(seen.log?.format, "json");
  stopped.resolve();
  signals.emit("SIGTERM");
  assert.equal(await ended, 0);
});

test("a long list is cut", async (t) => {
  const many = Array.from({ length: 45 }, (_, index) => `functions/f${index}.js`);
  const context = fakeContext();
  const { parts, signals, stopped } = fakeParts();
  const ended = serve(start, makeProject(t, many), {}, context, Promise.resolve(parts));
  await context.stdout.until(/Ready/);
  assert.equal(context.stdout.text.match(/localhost:3000\/f/g)?.length, 40);
  assert.match(context.stdout.text, /… and 5 more\n/);
  stopped.resolve();
  signals.emit("SIGTERM");
  await ended;
});

for (const [signal, code, words] of [
  ["SIGHUP", 129, /^SIGHUP: stopping after/],
  ["SIGINT", 130, /^Stopping after/],
  ["SIGTERM", 143, /^SIGTERM: stopping after/],
] as const) {
  test(`the first ${signal} drains, a second kills and exits with ${code}`, async (t) => {
    const context = fakeContext();
    const { parts, seen, signals } = fakeParts();
    const ended = serve(start, makeProject(t, files), {}, context, Promise.resolve(parts));
    await context.stdout.until(/Ready in/);
    const messages: string[] = [];
    const unsubscribe = notices.subscribe(({ message }) => messages.push(message));
    signals.emit(signal);
    unsubscribe();
    assert.match(messages.join("\n"), words);
    assert.deepEqual([seen.stops, seen.kills, seen.logEnds], [1, 0, 0]);
    signals.emit(signal);
    assert.equal(await ended, code);
    assert.deepEqual([seen.stops, seen.kills, seen.logEnds], [1, 1, 1]);
    assert.deepEqual(signals.eventNames(), []);
  });
}

test("a server that fails to stop is an error of the command", async (t) => {
  const context = fakeContext();
  const { parts, signals, stopped } = fakeParts();
  const ended = serve(start, makeProject(t, files), {}, context, Promise.resolve(parts));
  await context.stdout.until(/Ready in/);
  stopped.reject(new Error("stuck"));
  signals.emit("SIGTERM");
  await assert.rejects(ended, { message: "stuck" });
});

test("a server that cannot listen ends the command and the log", async (t) => {
  const { parts, seen } = fakeParts();
  const startServer = () => Promise.reject(new OffhookError("port-in-use", "127.0.0.1:3000"));
  const ended = serve(start, makeProject(t, files), {}, fakeContext(), Promise.resolve({ ...parts, startServer }));
  await assert.rejects(ended, { code: "port-in-use" });
  assert.equal(seen.logEnds, 1);
});

test("a changed .env reaches the running server, and the log shows names without values", async (t) => {
  keepAlive(t);
  const folder = makeProject(t, files);
  const context = fakeContext();
  const { parts, signals, stopped, updated } = fakeParts();
  const messages: string[] = [];
  t.after(notices.subscribe(({ message }) => messages.push(message)));
  const ended = serve(start, folder, {}, context, Promise.resolve(parts));
  await context.stdout.until(/Ready in/);
  // As editors do: write a new file, then rename it over the old one.
  writeFileSync(join(folder, ".env.new"), "SECRET=hunter3\nMORE=1");
  renameSync(join(folder, ".env.new"), join(folder, ".env"));
  assert.deepEqual({ ...(await updated.promise) }, { SECRET: "hunter3", MORE: "1" });
  assert.match(messages.join("\n"), /added MORE; changed SECRET$/);
  assert.doesNotMatch(messages.join("\n"), /hunter/);
  stopped.resolve();
  signals.emit("SIGTERM");
  await ended;
});

test("the banner warns of misleading lines of .env, without values", async (t) => {
  const env = 'A="hunter2\nB=hunter2 # hunter2\nexport C=hunter2\nhunter2\n';
  const folder = makeProject(t, { ...files, "other.env": env });
  const { parts, signals, stopped } = fakeParts();
  const context = fakeContext();
  const ended = serve(start, folder, { env: "other.env" }, context, Promise.resolve(parts));
  await context.stdout.until(/Ready in/);
  stopped.resolve();
  signals.emit("SIGTERM");
  assert.equal(await ended, 0);
  const { text } = context.stdout;
  assert.match(text, /^Warning: other\.env:1: A begins with a quote \("\) that is never closed\./m);
  assert.match(text, /^Warning: other\.env:2: Offhook reads B up to the comment \(7 characters\)\. Twilio's tools/m);
  assert.match(text, /^Warning: other\.env:3: Offhook reads C .+ because of the export in front\./m);
  assert.match(text, /^Warning: other\.env:4: This line sets no variable\./m);
  assert.doesNotMatch(text, /hunter2/);
});

test("the banner of dev shows some warnings, and counts the others", () => {
  const warnings = Array.from({ length: 10 }, (_, index) => `.env:${index + 1}: odd`);
  const service = { folder: "/x", functions: [], assets: [], variables: {} };
  const content = { version: "1", service, url: "http://localhost:1", warnings, startedInMs: 1 };
  const text = devBanner(content as unknown as Parameters<typeof devBanner>[0]);
  assert.deepEqual(
    text.match(/Warning: .+/g),
    warnings.slice(0, 8).map((warning) => `Warning: ${warning}`),
  );
  assert.match(text, /\(and 2 more warnings; run offhook check to see all\)/);
});
