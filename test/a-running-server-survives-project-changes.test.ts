import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { childrenOf, isolateCommand } from "../packages/runtime/test/running.ts";
import { writeProject, type Answer } from "../packages/runtime/test/site.ts";
import type { LogLine } from "./offhook-process.ts";
import { eventually, openLog, startLimited, type LimitedOffhook } from "./offhook-under-limits.ts";

const files = {
  "functions/hello.js": "callback(null, 'hello')",
  "functions/other.js": "callback(null, 'other')",
  "functions/moves.js": "process.chdir('/'); callback(null, 'moved')",
  "functions/packaged.js":
    "const it = require('of-a-package'); exports.handler = (context, event, callback) => callback(null, it);",
  "functions/variable.js": "callback(null, context.VALUE)",
  "node_modules/of-a-package/index.js": "module.exports = 'packaged';",
  "assets/one.txt": "one",
  "assets/two.txt": "two",
  ".env": "VALUE=first",
};

interface Served extends LimitedOffhook {
  readonly folder: string;
  /** The project's folder. */
  file(name: string): string;
  lines(): LogLine[];
  /** Ends the isolates that loaded the old project. */
  renew(): Promise<void>;
}

async function serve(t: TestContext): Promise<Served> {
  const log = await openLog(t);
  // In its own folder, so that it can be renamed.
  const outer = await writeProject(
    t,
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`p/${name}`, text])),
  );
  const folder = join(outer, "p");
  const stdio = ["ignore", log.descriptor, "ignore"] as const;
  const offhook = await startLimited(t, folder, {
    stdio: [...stdio],
    // At most one isolate, so that no call goes to another that is still loading.
    flags: ["--timeout", "3s", "--log-level", "debug", "--concurrency", "1", "--spares", "0", "--queue-timeout", "30s"],
  });
  // Calls each function once, so that all of them are loaded.
  for (const path of ["/other", "/moves", "/variable", "/packaged", "/hello"])
    assert.equal((await offhook.call(path)).status, 200);
  return {
    ...offhook,
    folder,
    file: (name) => join(folder, name),
    lines: log.lines,
    async renew() {
      const isolates = childrenOf(offhook.pid, isolateCommand);
      for (const pid of isolates) process.kill(pid, "SIGKILL");
      const isReported = (pid: number): boolean =>
        log.lines().some((line) => line["event"] === "isolate-ended" && line["pid"] === pid);
      await eventually("their end was noticed", () => isolates.every(isReported));
    },
  };
}

function codeOf({ status, headers }: Answer): string {
  return `${status} ${String(headers["x-offhook-error"])}`;
}

const functionChanges: Readonly<Record<string, [change: (file: string) => void, code: string, cause: RegExp]>> = {
  "edited to nonsense": [
    (file) => writeFileSync(file, "exports.handler = ("),
    "500 function-load-failed",
    /SyntaxError/,
  ],
  removed: [(file) => unlinkSync(file), "500 function-load-failed", /Cannot find module/],
  "replaced by a folder": [
    (file) => {
      unlinkSync(file);
      mkdirSync(file);
    },
    "500 function-load-failed",
    /Cannot find module/,
  ],
  "replaced by a pipe": [
    (file) => {
      unlinkSync(file);
      execFileSync("mkfifo", [file]);
    },
    "504 handler-timed-out",
    /after 3000 ms/,
  ],
};

test("if a function's file changes, loaded isolates continue, new ones report the error, and others are served", async (t) => {
  const offhook = await serve(t);
  const file = offhook.file("functions/hello.js");
  for (const [name, [change, code, cause]] of Object.entries(functionChanges)) {
    await t.test(name, async () => {
      change(file);
      assert.equal((await offhook.call("/hello")).text, "hello");
      await offhook.renew();
      const [answer, beside] = await Promise.all([offhook.call("/hello"), offhook.call("/other")]);
      assert.equal(codeOf(answer), code);
      assert.equal(beside.text, "other");
      const isReported = (line: LogLine): boolean => line["path"] === "/hello" && cause.test(String(line["detail"]));
      await eventually("the cause is logged", () => offhook.lines().some(isReported));
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, "exports.handler = (context, event, callback) => callback(null, 'hello');");
      await offhook.renew();
      assert.equal((await offhook.call("/hello")).text, "hello");
    });
  }
});

test("only new isolates fail without a package that was removed", async (t) => {
  const offhook = await serve(t);
  assert.equal((await offhook.call("/packaged")).text, "packaged");
  renameSync(offhook.file("node_modules"), offhook.file("away"));
  assert.equal((await offhook.call("/packaged")).text, "packaged");
  await offhook.renew();
  assert.equal(codeOf(await offhook.call("/packaged")), "500 function-load-failed");
  assert.equal((await offhook.call("/hello")).text, "hello");
  renameSync(offhook.file("away"), offhook.file("node_modules"));
  await offhook.renew();
  assert.equal((await offhook.call("/packaged")).text, "packaged");
});

for (const [name, how] of Object.entries({ removed: "removed", renamed: "renamed" })) {
  test(`where the project's folder was ${name}, isolates continue, and new ones give a 503 until it is back`, async (t) => {
    const offhook = await serve(t);
    const away = `${offhook.folder}-away`;
    renameSync(offhook.folder, away);
    if (how === "removed") {
      execFileSync("cp", ["-r", away, `${away}-copy`]);
      rmSync(away, { recursive: true });
    }
    for (const path of ["/hello", "/other", "/hello"]) assert.equal((await offhook.call(path)).status, 200);
    // The isolate cannot return to the folder, so it ends. No other can start.
    assert.equal((await offhook.call("/moves")).text, "moved");
    const isReported = ({ message }: LogLine): boolean => /had leftovers.*no longer exists/.test(String(message));
    await eventually("it is logged", () => offhook.lines().some(isReported));
    await offhook.renew();
    await eventually("none is left", async () => (await offhook.call("/hello")).status === 503);
    assert.equal(codeOf(await offhook.call("/hello")), "503 isolate-not-started");
    const cause = /the project's folder cannot be entered: ENOENT/;
    const isCause = ({ code, message }: LogLine): boolean =>
      code === "isolate-not-started" && cause.test(String(message));
    await eventually("the cause is logged", () => offhook.lines().some(isCause));
    renameSync(how === "removed" ? `${away}-copy` : away, offhook.folder);
    await eventually("isolates start again", async () => (await offhook.call("/hello")).status === 200);
    assert.equal((await offhook.call("/one.txt")).text, "one");
    writeFileSync(offhook.file(".env"), "VALUE=second");
    await eventually("variables are read again", async () => (await offhook.call("/variable")).text === "second");
  });
}

test("an asset may change into anything without delaying the others", async (t) => {
  const offhook = await serve(t);
  const file = offhook.file("assets/one.txt");
  const changes: [name: string, change: () => void, code: string][] = [
    ["removed", () => {}, "404 not-found"],
    ["a folder", () => mkdirSync(file), "500 asset-unreadable"],
    ["a link that leads out", () => symlinkSync("/etc/hostname", file), "500 asset-unreadable"],
    ["a link that leads nowhere", () => symlinkSync("/nowhere", file), "404 not-found"],
    ["a link to itself", () => symlinkSync(file, file), "500 asset-unreadable"],
    ["a pipe", () => execFileSync("mkfifo", [file]), "500 asset-unreadable"],
  ];
  for (const [name, change, code] of changes) {
    await t.test(name, async () => {
      rmSync(file, { recursive: true, force: true });
      change();
      // More than Node has threads for files.
      const answers = await Promise.all(Array.from({ length: 8 }, () => offhook.call("/one.txt")));
      assert.deepEqual([...new Set(answers.map(codeOf))], [code]);
      assert.equal((await offhook.call("/two.txt")).text, "two");
      rmSync(file, { recursive: true, force: true });
      writeFileSync(file, "one");
      assert.equal((await offhook.call("/one.txt")).text, "one");
    });
  }
});

test("a broken .env ends nothing, and the next valid one is read", async (t) => {
  const offhook = await serve(t);
  const file = offhook.file(".env");
  const unreadable: [name: string, change: () => void, told: RegExp][] = [
    ["removed", () => {}, /does not exist/],
    ["a folder", () => mkdirSync(file), /EISDIR/],
    ["a link to itself", () => symlinkSync(file, file), /ELOOP/],
    ["a pipe", () => execFileSync("mkfifo", [file]), /is a pipe/],
  ];
  let value = "first";
  for (const [i, [name, change, told]] of unreadable.entries()) {
    await t.test(name, async () => {
      rmSync(file, { recursive: true, force: true });
      change();
      await eventually("it is logged", () =>
        offhook.lines().some(({ code, message }) => code === "file-unreadable" && told.test(String(message))),
      );
      assert.equal((await offhook.call("/variable")).text, value);
      // As editors do: writes a new file, then renames it over the old one.
      value = `next-${i}`;
      rmSync(file, { recursive: true, force: true });
      writeFileSync(`${file}.new`, `VALUE=${value}`);
      renameSync(`${file}.new`, file);
      await eventually("it is read again", async () => (await offhook.call("/variable")).text === value);
    });
  }
  await t.test("rubbish", async () => {
    writeFileSync(
      file,
      Buffer.concat([Buffer.from([0, 255, 254, 10]), Buffer.from("=\n==\n'\"`\nVALUE=rubbish"), Buffer.alloc(3)]),
    );
    assert.equal((await offhook.call("/hello")).text, "hello");
    writeFileSync(file, "VALUE=last");
    await eventually("it is read again", async () => (await offhook.call("/variable")).text === "last");
  });
});
