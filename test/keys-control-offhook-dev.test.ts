/**
 * `offhook dev` at a real terminal.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { heldFunction, release } from "../packages/runtime/test/overlap.ts";
import { call, until } from "../packages/runtime/test/site.ts";
import { repository } from "./offhook-process.ts";
import { openTerminal, type PseudoTerminal } from "./pseudo-terminal.ts";
import { copyProject } from "./temporary-project.ts";

const files = {
  "functions/count.js": `let count = 0;
    exports.handler = (context, event, callback) => callback(null, String(++count));`,
  "functions/heard.js": `exports.handler = (context, event, callback) => {
      console.log("heard " + event.Body);
      callback();
    };`,
  "functions/slow.js": `exports.handler = (context, event, callback) => {
      console.log("under way");
      ${heldFunction(`"slow"`)}
    };`,
};

const keyList = /d {2}turn details of each request/;

async function project(t: TestContext): Promise<{ folder: string; command: string }> {
  const copy = await copyProject(undefined, files);
  t.after(() => copy[Symbol.asyncDispose]());
  const program = join(repository, "packages/cli/bin/offhook.js");
  return { folder: copy.folder, command: `'${process.execPath}' '${program}' dev '${copy.folder}' --port 0` };
}

async function command(t: TestContext): Promise<string> {
  return (await project(t)).command;
}

async function urlOf(terminal: PseudoTerminal): Promise<string> {
  await terminal.shows(/Changes are live when saved[^\n]*\n/);
  const text = stripVTControlCharacters(terminal.text);
  return /ready in \d+ ms: (http:\/\/localhost:\d+)/.exec(text)?.[1]?.replace("localhost", "127.0.0.1") ?? "";
}

test("the banner lists the functions and the keys, and h explains the keys", async (t) => {
  const terminal = openTerminal(t, await command(t));
  const url = await urlOf(terminal);
  await terminal.shows(/h\S* help\r\n/);
  const banner = stripVTControlCharacters(terminal.text).trimEnd().split("\r\n");
  assert.match(banner[0] ?? "", /^Dashboard: http/);
  const local = url.replace("127.0.0.1", "localhost");
  assert.deepEqual(
    banner.filter((line) => line.startsWith("  http")),
    ["count", "heard", "slow"].map((name) => `  ${local}/${name}`),
  );
  assert.equal(banner.length, 8, terminal.text);
  assert.equal(banner.at(-1), "  o dashboard  r replay  s restart  d details  l list  c clear  q quit  h help");
  for (const key of ["h", "?"]) {
    const from = terminal.text.length;
    terminal.type(key);
    await terminal.shows(keyList, from);
  }
  // An arrow key. Its last letter must not count as a key.
  terminal.type("\u001b[D");
  terminal.type("q");
  assert.equal(await terminal.end(), 0);
  assert.doesNotMatch(terminal.text, /Details are on/);
});

test("a small window gets the first URLs, and l lists all functions and assets", async (t) => {
  const names = Array.from({ length: 30 }, (_, index) => `f${String(index).padStart(2, "0")}`);
  const handler = "exports.handler = (context, event, callback) => callback();";
  const copy = await copyProject(undefined, {
    ...Object.fromEntries(names.map((name) => [`functions/${name}.js`, handler])),
    "functions/voice.protected.js": handler,
    "functions/lib.private.js": "",
    "assets/logo.svg": "<svg/>",
  });
  t.after(() => copy[Symbol.asyncDispose]());
  const program = join(repository, "packages/cli/bin/offhook.js");
  const started = `'${process.execPath}' '${program}' dev '${copy.folder}' --port 0`;
  const terminal = openTerminal(t, `stty rows 16 cols 100; ${started}`, { NO_COLOR: "1" });
  await terminal.shows(/h help\r\n/);
  const banner = terminal.text.trimEnd().split("\r\n");
  assert.equal(banner.length, 15, terminal.text);
  assert.match(banner[2] ?? "", /^ {2}31 functions, 1 private function, 1 asset in /);
  assert.match(banner[3] ?? "", /^ {2}http:\/\/localhost:\d+\/voice {2}\(protected\)$/);
  assert.match(terminal.text, /… and 23 more \(1 private\): press l\r\n/);
  const from = terminal.text.length;
  terminal.type("l");
  await terminal.shows(/logo\.svg/, from);
  const list = terminal.text.slice(from);
  for (const name of names) assert.match(list, new RegExp(`http://localhost:\\d+/${name}\r\n`));
  assert.match(list, /\/lib +\(private\)/);
});

test("s restarts everything, including isolates, at the same address", async (t) => {
  const terminal = openTerminal(t, await command(t));
  const url = await urlOf(terminal);
  // A call that comes before its isolate has settled goes to another isolate.
  await until("an isolate answers for the second time", async () => (await call(url, "/count")).text === "2");
  terminal.type("s");
  await terminal.shows(/Restarted in \d+ ms/);
  assert.equal((await call(url, "/count")).text, "1");
});

test("d shows the content of each request without secrets, and a second d switches it off", async (t) => {
  const terminal = openTerminal(t, await command(t));
  const url = await urlOf(terminal);
  terminal.type("d");
  const from = await terminal.shows(/Details are on/);
  const headers = { "x-mine": "shown", authorization: "Basic hunter2", "x-twilio-signature": "hunter2" };
  await call(url, "/count?a=b", { form: { Body: "Hi \u001b[31mthere", AuthToken: "hunter2" }, headers });
  await terminal.shows(/AuthToken: /, from);
  const shown = terminal.text.slice(from);
  assert.match(shown, /x-mine: shown/);
  assert.match(shown, /RQ[0-9a-f]{32}/);
  assert.match(shown, /a: b/);
  assert.match(shown, /Body: Hi \\x1b\[31mthere/);
  assert.doesNotMatch(shown, /hunter2/);
  terminal.type("d");
  const off = await terminal.shows(/Details are off/, from);
  await call(url, "/count?a=again");
  await terminal.shows(/GET .*\/count/, off);
  assert.doesNotMatch(terminal.text.slice(off), /again|RQ/);
});

test("c clears the screen", async (t) => {
  const terminal = openTerminal(t, await command(t));
  await urlOf(terminal);
  terminal.type("c");
  // oxlint-disable-next-line no-control-regex -- this sequence clears the screen
  await terminal.shows(/\u001b\[2J\u001b\[3J\u001b\[H/);
});

for (const [key, code] of [
  ["q", 130],
  ["\u0003", 130],
] as const) {
  test(`${JSON.stringify(key)} lets invocations finish, and a second one ends everything at once`, async (t) => {
    // Without a shell around it, which would end on the same key.
    const { folder, ...started } = await project(t);
    const line = `exec ${started.command}`;
    const patient = openTerminal(t, line);
    const reply = call(await urlOf(patient), "/slow");
    await patient.shows(/under way/);
    patient.type(key);
    await patient.shows(/Stopping/);
    await release(folder);
    assert.equal((await reply).text, "slow");
    assert.equal(await patient.end(), 0);

    const hasty = openTerminal(t, line);
    const cut = call(await urlOf(hasty), "/slow?latch=never").then(
      () => "answered",
      () => "cut",
    );
    await hasty.shows(/under way/);
    hasty.type(key);
    await hasty.shows(/Stopping/);
    hasty.type(key);
    assert.equal(await hasty.end(), code);
    assert.equal(await cut, "cut");
  });
}

/** A shell with job control, in which `dev` was started. */
async function inShell(t: TestContext, ending = ""): Promise<PseudoTerminal> {
  const terminal = openTerminal(t, "PS1='ready$ ' exec sh -i", { ENV: "" });
  await terminal.shows(/ready\$ /);
  terminal.type(`${await command(t)}${ending}\n`);
  return terminal;
}

/** The terminal's modes when the shell has it. */
async function isOrdinary(terminal: PseudoTerminal): Promise<void> {
  const from = terminal.text.length;
  // The typed command is shown as well. This must not match it.
  terminal.type("stty -a; echo to''ld\n");
  await terminal.shows(/told\r\n/, from);
  assertOrdinary(terminal.text.slice(from));
}

/** @param modes as `stty -a` lists them. */
function assertOrdinary(modes: string): void {
  for (const mode of ["icanon", "isig", "echo"]) assert.match(modes, new RegExp(`(?<![\\w-])${mode}\\b`), modes);
}

test("Ctrl+Z and an exit give the terminal back, and fg takes it again", { timeout: 90_000 }, async (t) => {
  const terminal = await inShell(t);
  const url = await urlOf(terminal);
  for (let times = 0; times < 2; times++) {
    let from = terminal.text.length;
    terminal.type("\u001a");
    from = await terminal.shows(/Stopped/, from);
    await isOrdinary(terminal);
    terminal.type("fg\n");
    // The shell prints the command that it continues.
    await terminal.shows(/offhook\.js/, from);
    assert.equal((await call(url, "/count")).status, 200);
    from = terminal.text.length;
    terminal.type("h");
    await terminal.shows(keyList, from);
  }
  const from = terminal.text.length;
  terminal.type("q");
  await terminal.shows(/ready\$ /, from);
  await isOrdinary(terminal);
});

test(
  "in the background, it serves and ignores keys until it is brought to the foreground",
  { timeout: 90_000 },
  async (t) => {
    const terminal = await inShell(t, " &");
    const url = await urlOf(terminal);
    assert.equal((await call(url, "/count")).status, 200);
    await isOrdinary(terminal);
    terminal.type("fg\n");
    await call(url, "/count");
    const from = terminal.text.length;
    terminal.type("h");
    await terminal.shows(keyList, from);
  },
);

for (const [what, signal, code] of [
  ["a crash", "SIGUSR2", 1],
  ["SIGTERM", "SIGTERM", 0],
] as const) {
  test(`after ${what} the terminal is as it was`, async (t) => {
    const preload = `
      process.stderr.write("process " + process.pid + "\\n");
      process.on("SIGUSR2", () => { throw new Error("no fruit"); });`;
    const terminal = openTerminal(t, `${await command(t)}; echo "ended $?"; stty -a; echo told`, {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    });
    await urlOf(terminal);
    const from = terminal.text.length;
    terminal.type("h");
    await terminal.shows(keyList, from);
    process.kill(Number(/process (\d+)/.exec(terminal.text)?.[1]), signal);
    await terminal.shows(/told/, from);
    assert.match(terminal.text.slice(from), new RegExp(`ended ${code}`));
    assertOrdinary(terminal.text.slice(from));
  });
}

test("input that is not a terminal is ignored, and its end does not stop the server", async (t) => {
  const [program = "", ...args] = (await command(t)).split(" ").map((word) => word.replaceAll("'", ""));
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "exit");
  t.after(() => child.kill("SIGKILL"));
  let text = "";
  const banner = Promise.withResolvers<string>();
  child.stdout.setEncoding("utf8").on("data", (more: string) => {
    text += more;
    const url = /ready in \d+ ms: http:\/\/localhost:(\d+)[^]*saved\. Press Ctrl\+C to stop\./.exec(text)?.[1];
    if (url !== undefined) banner.resolve(`http://127.0.0.1:${url}`);
  });
  child.stdin.end("q\nh\n\u0003");
  const url = await banner.promise;
  assert.equal((await call(url, "/count")).text, "1");
  // From the same isolate, or from the spare if that isolate has not settled yet.
  assert.match((await call(url, "/count")).text, /^[12]$/);
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
  // oxlint-disable-next-line no-control-regex -- the output must not have any
  assert.doesNotMatch(text, /\u001b|details of each request/);
});

test("r sends the last request again, o says where the dashboard is", async (t) => {
  const terminal = openTerminal(t, `BROWSER=no-such-browser ${await command(t)}`);
  const url = await urlOf(terminal);
  terminal.type("r");
  await terminal.shows(/There is no request to replay yet/);
  // Browsers request the icon automatically, so a replay of it would surprise the author.
  const beforeIcon = terminal.text.length;
  assert.equal((await fetch(`${url}/favicon.ico`)).status, 404);
  terminal.type("r");
  await terminal.shows(/There is no request to replay yet/, beforeIcon);
  await call(url, "/heard", { form: { Body: "the first" } });
  await call(url, "/heard", { form: { Body: "the last" } });
  await terminal.shows(/(POST {2}\/heard[^]*){2}/);
  await terminal.shows(/heard the first[^]*heard the last/);
  const from = terminal.text.length;
  terminal.type("r");
  // The function itself prints what it received, because the isolate differs on a busy machine.
  await terminal.shows(/POST {2}\/heard/, from);
  await terminal.shows(/heard the last/, from);
  assert.doesNotMatch(terminal.text.slice(from), /heard the first/);
  terminal.type("o");
  await terminal.shows(/The dashboard is at http:\/\/127\.0\.0\.1:\d+\/\?code=[\w-]{32}/);
});
