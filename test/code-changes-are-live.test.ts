/**
 * `offhook dev`, as authors use it: files change while requests continue.
 */
import assert from "node:assert/strict";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startOffhook, type OffhookProcess } from "./offhook-process.ts";
import { copyProject, type TemporaryProject } from "./temporary-project.ts";

const deadlineMs = 10_000;

let project: TemporaryProject;
let offhook: OffhookProcess;
before(async () => {
  project = await copyProject(undefined, {
    "functions/hello.js": answering("first"),
    "functions/slow.js": slow("first"),
    "functions/uses.js":
      'const { text } = require("../lib/text");\nexports.handler = (context, event, callback) => callback(null, text);',
    "lib/text.js": 'exports.text = "first";',
    "assets/page.txt": "first",
    ".env": "GREETING=first\n",
    "functions/greet.js": "exports.handler = (context, event, callback) => callback(null, context.GREETING);",
  });
  offhook = await startOffhook(project.folder, { verb: "dev" });
});
after(async () => {
  await offhook.stop();
  await project[Symbol.asyncDispose]();
});

function answering(text: string): string {
  return `exports.handler = (context, event, callback) => callback(null, ${JSON.stringify(text)});`;
}

/** Reports that it runs, then waits for its file. */
function slow(text: string): string {
  return `
    const { existsSync } = require("node:fs");
    exports.handler = (context, event, callback) => {
      console.log("under way", event.nonce);
      const timer = setInterval(() => {
        if (!existsSync(event.gate)) return;
        clearInterval(timer);
        callback(null, ${JSON.stringify(text)});
      }, 5);
    };`;
}

async function get(path: string): Promise<string> {
  const reply = await fetch(offhook.url + path, { signal: AbortSignal.timeout(deadlineMs) });
  return `${reply.status} ${await reply.text()}`;
}

/** Repeats a request until this is the answer. @throws at the deadline, with the last answer. */
async function until(path: string, expected: string): Promise<void> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await get(path);
    if (answer === expected) return;
    if (performance.now() > end) assert.equal(answer, expected);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function reloaded(file: string): Promise<void> {
  await offhook.logged(({ message }) => isReload(message) && String(message).includes(file));
}

function isReload(message: unknown): boolean {
  return String(message).startsWith("Reloaded in");
}

/** The log's lines about reloads. A line can arrive after a reply that already has the change. */
function reloads(): string[] {
  return offhook.log.map(({ message }) => String(message)).filter(isReload);
}

test("a changed function is live, and the log reports it", async () => {
  assert.equal(await get("/hello"), "200 first");
  await project.write("functions/hello.js", answering("second"));
  await until("/hello", "200 second");
  await reloaded("functions/hello.js");
});

test("changed files that it requires, variables and assets are live too", async () => {
  assert.equal(await get("/uses"), "200 first");
  await project.write("lib/text.js", 'exports.text = "second";');
  await until("/uses", "200 second");
  await project.write(".env", "GREETING=second\n");
  await until("/greet", "200 second");
  await reloaded("variables changed GREETING");
  await project.write("assets/page.txt", "second");
  await until("/page.txt", "200 second");
});

test("TypeScript functions can be added and removed", async () => {
  const typed = (text: string): string => `
    enum Word { Said = ${JSON.stringify(text)} }
    export const handler = (context: unknown, event: unknown, callback: (error: null, text: string) => void): void =>
      callback(null, Word.Said);`;
  await project.write("functions/typed.ts", typed("first"));
  await until("/typed", "200 first");
  await project.write("functions/typed.ts", typed("second"));
  await until("/typed", "200 second");
  await rm(join(project.folder, "functions/typed.ts"));
  await until("/typed", await get("/never-there"));
});

test("a new function has its URL, a removed one has none", async () => {
  assert.match(await get("/added/later"), /^404 /);
  await project.write("functions/added/later.js", answering("here"));
  await until("/added/later", "200 here");
  await rm(join(project.folder, "functions/added/later.js"));
  await until("/added/later", await get("/never-there"));
});

test("a file that an editor replaces by renaming is never missed", async () => {
  for (const text of ["one", "two", "three"]) {
    const aside = join(project.folder, "functions/.hello.js.swp");
    await writeFile(aside, answering(text));
    await rename(aside, join(project.folder, "functions/hello.js"));
    await until("/hello", `200 ${text}`);
  }
});

test("a file that is being written is not read before it is whole", async () => {
  const file = join(project.folder, "functions/hello.js");
  const code = answering("written in two steps");
  // As editors do: the file is emptied first, and its content follows a moment later.
  await writeFile(file, "");
  await offhook.logged(() => true);
  const answer = get("/hello");
  await writeFile(file, code);
  assert.match(await answer, /^200 (three|written in two steps)$/);
  await until("/hello", "200 written in two steps");
  assert.deepEqual(
    offhook.log.filter((line) => String(line["path"]) === "/hello" && line["status"] !== 200),
    [],
  );
});

test("requests in flight end with the code that they started with", async () => {
  const gate = join(project.folder, "open");
  const answer = get(`/slow?nonce=n1&gate=${encodeURIComponent(gate)}`);
  await offhook.logged((line) => String(line["message"]).includes("under way n1"));
  await project.write("functions/slow.js", slow("second"));
  await reloaded("functions/slow.js");
  await writeFile(gate, "");
  assert.equal(await answer, "200 first");
  assert.equal(await get(`/slow?gate=${encodeURIComponent(gate)}`), "200 second");
});

test("while files change, every request is answered, and none by an older version than the one before", async () => {
  await project.write("functions/hello.js", answering("0"));
  await until("/hello", "200 0");
  const over = new AbortController();
  const callers = Array.from({ length: 4 }, async () => {
    let last = 0;
    while (!over.signal.aborted) {
      const answer = await get("/hello");
      const version = Number(/^200 (\d+)$/.exec(answer)?.[1] ?? Number.NaN);
      assert.ok(version >= last, `${answer} after ${last}`);
      last = version;
    }
    return last;
  });
  const calling = Promise.all(callers);
  try {
    for (let version = 1; version <= 6; version += 1) {
      await project.write("functions/hello.js", answering(String(version)));
      await until("/hello", `200 ${version}`);
    }
  } finally {
    over.abort();
    await calling;
  }
});

test("a function that does not load says why, and the next version is live", async () => {
  await project.write("functions/hello.js", "exports.handler = (context, event, callback => {");
  const end = performance.now() + deadlineMs;
  let answer = "";
  while (!answer.startsWith("500") && performance.now() < end) answer = await get("/hello");
  assert.match(answer, /^500 /);
  assert.match(answer, /SyntaxError/);
  await project.write("functions/hello.js", answering("mended"));
  await until("/hello", "200 mended");
});

test("a project that cannot be served leaves the last one in place", async () => {
  await project.write("functions/hello.protected.js", answering("twice"));
  await offhook.logged((line) => line["code"] === "path-duplicate");
  assert.equal(await get("/hello"), "200 mended");
  await rm(join(project.folder, "functions/hello.protected.js"));
  await reloaded("functions/hello.protected.js");
  assert.equal(await get("/hello"), "200 mended");
});

test("replies to errors have the stack", async () => {
  await project.write("functions/throws.js", 'exports.handler = () => {\n  throw new TypeError("no fruit");\n};');
  await until("/uses", "200 second");
  const end = performance.now() + deadlineMs;
  let answer = "";
  while (!answer.startsWith("500") && performance.now() < end) answer = await get("/throws");
  assert.match(answer, /TypeError: no fruit\\n {4}at .*functions\/throws\.js:2:9/);
});

test("files that functions write beside their sources cause no reload", async () => {
  await reloaded("functions/throws.js");
  const count = reloads().length;
  await project.write("data/orders.log", "x");
  await project.write("node_modules_are_not/x.txt", "x");
  await project.write("functions/hello.js", answering("last"));
  await until("/hello", "200 last");
  await offhook.logged(() => reloads().length > count);
  // One reload, of one file. A change of the others would have been read with it, or before it.
  const [first = "", ...others] = reloads().slice(count);
  assert.match(first, /: functions\/hello\.js$/);
  assert.deepEqual(others, []);
});

test("without changes, nothing is read again", async () => {
  await using quiet = await copyProject(undefined, { "functions/quiet.js": answering("first"), ".env": "A=1\n" });
  await using served = await startOffhook(quiet.folder, { verb: "dev" });
  // By the time that this change is noticed, an earlier one would have been noticed too.
  await quiet.write("functions/new.js", answering("here"));
  const { message } = await served.logged((line) => String(line["message"]).startsWith("Reloaded"));
  assert.match(String(message), /: functions\/new\.js$/);
});

test("changes in the first moment are live too, also in a folder that takes long to scan", async () => {
  const many = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`assets/${index}.txt`, "x"]));
  await using large = await copyProject(undefined, {
    ...many,
    "functions/kept.js": answering("first"),
    "functions/gone.js": answering("first"),
  });
  await using served = await startOffhook(large.folder, { verb: "dev" });
  // The test did not wait since the server reported its start.
  await Promise.all([
    large.write("functions/kept.js", answering("second")),
    large.write("functions/added.js", answering("here")),
    rm(join(large.folder, "functions/gone.js")),
  ]);
  for (const [path, expected] of [
    ["/kept", "200 second"],
    ["/added", "200 here"],
    ["/gone", "404 "],
  ] as const) {
    const end = performance.now() + deadlineMs;
    for (let answer = ""; !answer.startsWith(expected);) {
      assert.ok(performance.now() < end, `${path}: ${answer}`);
      const reply = await fetch(served.url + path);
      answer = `${reply.status} ${await reply.text()}`;
    }
  }
});
