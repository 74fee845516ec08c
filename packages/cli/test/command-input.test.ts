/**
 * A command line becomes a command's input, or an error that names the mistake.
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { asksForHelp, readInput } from "../src/command-input.ts";
import { commandTable, isCommand, loadCommand } from "../src/command-table.ts";
import { command } from "../src/command.ts";

const example = command({
  usage: "",
  positionals: ["path", "folder"],
  about: "",
  examples: ["offhook test"],
  options: {
    json: { kind: "switch", short: "j", description: "" },
    as: { kind: "text", choices: ["sms", "voice"], description: "" },
    data: { kind: "list", placeholder: "name=value", description: "" },
  },
  settings: ["env", "logLevel"],
  exitCodes: [],
  run: () => Promise.resolve(0),
});

function read(...args: string[]): ReturnType<typeof readInput> {
  return readInput("example", example, args);
}

test("missing options are false, undefined or empty", () => {
  assert.deepEqual(read(), { positionals: [], options: { json: false, as: undefined, data: [] }, flags: {} });
});

test("options, settings and arguments may come in any order", () => {
  const { positionals, options, flags } = read(
    "a",
    "--data",
    "x=1",
    "-j",
    "--env",
    ".env.test",
    "b",
    "--data=y=2",
    "--as",
    "sms",
  );
  assert.deepEqual(positionals, ["a", "b"]);
  assert.deepEqual(options, { json: true, as: "sms", data: ["x=1", "y=2"] });
  assert.deepEqual(flags, { env: ".env.test" });
});

test("after --, everything is an argument", () => {
  assert.deepEqual(read("--", "--json", "-h").positionals, ["--json", "-h"]);
  assert.equal(asksForHelp(["x", "--", "-h"]), false);
  assert.equal(asksForHelp(["x", "-h", "--"]), true);
});

const refused: readonly (readonly [string[], RegExp])[] = [
  [["--jsno"], /--jsno; did you mean --json\?/],
  [["--log-lvl", "debug"], /--log-lvl; did you mean --log-level\?/],
  [["-x"], /-x$/],
  // A setting that exists, but not for this command.
  [["--port", "1"], /--port/],
  [["--json=yes"], /Invalid value for --json: "yes"\. Expected no value\./],
  [["--as"], /Missing value for --as\. Expected sms or voice\./],
  [["--as", "smss"], /Invalid value for --as: "smss"\. Expected sms or voice\. Did you mean sms\?/],
  [["--data"], /Missing value for --data\. Expected --data <name=value>\.$/],
  [["--log-level", "loud"], /Invalid value for --log-level: "loud"/],
  [["a", "b", "c"], /"c"; example accepts 2 arguments: path, folder/],
];

for (const [args, message] of refused) {
  test(`example ${args.join(" ")} is rejected`, () => {
    assert.throws(() => read(...args), message);
  });
}

for (const name of Object.keys(commandTable)) {
  test(`the options of ${name} have unique names, and descriptions`, async () => {
    assert.ok(isCommand(name));
    const { options, usage, takesProgram } = await loadCommand(name);
    const shorts = Object.values(options).flatMap(({ short }) => short ?? []);
    assert.equal(new Set(shorts).size, shorts.length);
    assert.ok(!shorts.includes("h"));
    for (const [option, { description }] of Object.entries(options)) assert.match(description, /[.\]]$/, option);
    assert.match(usage, takesProgram === true ? /^-- <program>/ : /\[options\]$/);
  });
}
