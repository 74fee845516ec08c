import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import type { BannerContent } from "../../src/banner.ts";
import { readInput } from "../../src/command-input.ts";
import { run } from "../../src/command-line.ts";
import { loadCommand } from "../../src/command-table.ts";
import { warnOfOwnInspector, warnOfOpenDebugger } from "../../src/dev/debugger-warnings.ts";
import { devBanner } from "../../src/dev/dev-banner.ts";
import { readInspect, type InspectFlags } from "../../src/dev/inspect-flags.ts";
import { fakeContext } from "../fake-context.ts";

const usual = { host: "127.0.0.1", port: 9229, breaks: false };

for (const [args, expected, positionals] of [
  [["folder"], undefined, ["folder"]],
  [["--inspect", "folder"], usual, ["folder"]],
  [["--inspect-brk", "folder"], { ...usual, breaks: true }, ["folder"]],
  [["folder", "--inspect=9230", "--port", "1"], { ...usual, port: 9230 }, ["folder"]],
  [["--inspect=0"], { ...usual, port: 0 }, []],
  [["--inspect=0.0.0.0"], { ...usual, host: "0.0.0.0" }, []],
  [["--inspect=0.0.0.0:1"], { ...usual, host: "0.0.0.0", port: 1 }, []],
  [["--inspect=[::1]:9230"], { ...usual, host: "::1", port: 9230 }, []],
  [["--inspect=[::1]"], { ...usual, host: "::1" }, []],
  [["--inspect-brk=devbox:9230"], { host: "devbox", port: 9230, breaks: true }, []],
  [["--inspect-brk", "--inspect=9230"], { ...usual, port: 9230, breaks: true }, []],
  [["--", "--inspect"], undefined, ["--inspect"]],
] as const) {
  test(`offhook dev ${args.join(" ")}`, async () => {
    const input = readInput("dev", await loadCommand("dev"), args);
    assert.deepEqual(readInspect(input.options as unknown as InspectFlags), expected);
    assert.deepEqual(input.positionals, positionals);
  });
}

for (const value of [
  "abc:def",
  "65536",
  "-1",
  "127.0.0.1:65536",
  "127.0.0.1:",
  "a b",
  ":9229",
  "::1",
  "1.2.3",
  "\u001b[2J",
]) {
  test(`offhook dev ${JSON.stringify(`--inspect=${value}`)} is rejected with the allowed values`, async (t) => {
    const context = fakeContext();
    assert.equal(await run(["dev", makeProject(t), `--inspect=${value}`], context), 2);
    const { text } = context.stderr;
    assert.match(text, /Invalid value for --inspect: ".*"\. Expected a port, a host, or host:port\./);
    assert.match(text, /\[setting-invalid\]/);
    assert.ok(!text.includes("\u001b"));
  });
}

for (const flag of ["--inspect", "--inspect-brk=9230"]) {
  test(`offhook start ${flag} is rejected, because a debugger can run any code`, async (t) => {
    const context = fakeContext();
    assert.equal(await run(["start", makeProject(t), flag], context), 2);
    assert.match(context.stderr.text, /only works with offhook dev[^]*\[setting-unknown\]/);
  });
}

test("a port in use is an error, before anything is served", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  const context = fakeContext();
  const folder = makeProject(t, { "functions/hello.js": "" });
  assert.equal(await run(["dev", folder, "--port", "0", "--isolate-user", "same", `--inspect=${port}`], context), 4);
  assert.equal(context.stdout.text, "");
  assert.match(context.stderr.text, new RegExp(`127\\.0\\.0\\.1:${port}[^]*\\[debugger-port-in-use\\]`));
});

test("if the server cannot have its port, the debugger's port is free again", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  t.after(() => taken.close());
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  const folder = makeProject(t, { "functions/hello.js": "" });
  // Starts twice on a port that was free. The second start only gets it if the first one has released it.
  const free = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => free.once("listening", resolve));
  const inspect = `--inspect=${(free.address() as AddressInfo).port}`;
  await new Promise((resolve) => free.close(resolve));
  for (let times = 0; times < 2; times++) {
    const context = fakeContext();
    assert.equal(await run(["dev", folder, "--port", String(port), inspect], context), 4);
    assert.match(context.stderr.text, /\[port-in-use\]/);
  }
});

test("the help of dev has the flags, and that of start does not", async () => {
  const [dev, start] = [fakeContext(), fakeContext()];
  await run(["dev", "--help"], dev);
  await run(["start", "--help"], start);
  assert.match(dev.stdout.text, /--inspect\[=\[host:\]port\][^]*--inspect-brk\[=/);
  assert.doesNotMatch(start.stdout.text, /--inspect/);
});

test("the banner names the address and has six lines, with warnings above them", () => {
  const made = {
    version: "1.0.0",
    service: { folder: "/project", functions: [{ path: "/a", visibility: "public" }], assets: [] },
    url: "http://localhost:3000",
    dashboard: "http://127.0.0.1:3001/?code=x",
    debugger: { address: "127.0.0.1:9229", devtoolsUrl: "devtools://somewhere" },
    warnings: [],
    startedInMs: 1,
  };
  const linesWith = (warnings: readonly string[]): string[] =>
    devBanner({ ...made, warnings } as unknown as BannerContent)
      .trimEnd()
      .split("\n");
  const lines = linesWith([]);
  assert.equal(lines.length, 6);
  assert.equal(lines[0], "Dashboard: http://127.0.0.1:3001/?code=x");
  assert.ok(lines[1]?.endsWith("http://localhost:3000"));
  assert.ok(lines.includes("  Debugger at 127.0.0.1:9229  devtools://somewhere"));
  assert.deepEqual(linesWith(["one", "two"]), ["Warning: one", "Warning: two", ...lines]);
  const many = linesWith(Array.from({ length: 50 }, (_, index) => `number ${index}`));
  assert.equal(many.length, 15);
  assert.equal(many[8], "(and 42 more warnings; run offhook check to see all)");
  assert.deepEqual(many.slice(-6), lines);
});

test("the banner warns of a debugger that other machines can reach, and not of a local one", () => {
  for (const address of [undefined, "127.0.0.1:9229", "[::1]:9229", "localhost:1"]) {
    assert.deepEqual(warnOfOpenDebugger(address), []);
  }
  for (const address of ["0.0.0.0:9229", "[::]:9229", "192.168.0.7:1", "devbox:1"]) {
    assert.match(warnOfOpenDebugger(address).join(), /open to other machines/);
  }
});

test("the banner warns authors who debug Offhook instead of functions", () => {
  for (const nodeFlags of ["--inspect", "--inspect-brk=1", "--no-warnings --inspect=0", "--inspect-wait"]) {
    assert.match(warnOfOwnInspector([], { NODE_OPTIONS: nodeFlags }).join(), /offhook dev --inspect/);
    assert.equal(warnOfOwnInspector(nodeFlags.split(" "), {}).length, 1);
  }
  assert.deepEqual(warnOfOwnInspector(["--inspect-publish-uid=http"], { NODE_OPTIONS: "--conditions=x" }), []);
});
