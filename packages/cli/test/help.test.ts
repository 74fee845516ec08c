import assert from "node:assert/strict";
import { test } from "node:test";

import { readInput } from "../src/command-input.ts";
import { run } from "../src/command-line.ts";
import { commandTable, loadCommand, type CommandName } from "../src/command-table.ts";
import { commandHelp, helpText } from "../src/help.ts";
import { fakeContext } from "./fake-context.ts";

const names = Object.keys(commandTable) as CommandName[];

async function printed(...args: string[]): Promise<string> {
  const context = fakeContext();
  assert.equal(await run(args, context), 0);
  return context.stdout.text;
}

for (const name of ["dev", "start"] as const) {
  test(`the help of ${name} begins with usage and examples, has ten options, and says how to see all`, async () => {
    const short = await printed(name, "--help");
    assert.ok(short.startsWith(`Usage: offhook ${name} [folder] [options]\n`));
    assert.match(short, /\nExamples:\n( {2}offhook .+\n){2}/);
    assert.equal(short.match(/^ {2}(?:-\w, | {4})--/gm)?.length, 10);
    assert.ok(short.endsWith(`\nMore options: offhook ${name} --help --all\n`));
    for (const full of [await printed(name, "--help", "--all"), await printed("help", name, "--all")]) {
      for (const flag of ["--port", "--timeout", "--spares", "--json", "--log-level"]) {
        assert.equal(full.match(new RegExp(`^ {2}(?:-\\w, | {4})${flag}\\b(?!-)`, "gm"))?.length, 1, flag);
      }
      assert.doesNotMatch(full, /More options/);
    }
  });
}

test("each command has an example that it accepts", async () => {
  for (const name of names) {
    const command = await loadCommand(name);
    for (const example of command.examples) {
      const [, words = ""] = /offhook (.+?)(?:\)"| [|<>].*)?$/.exec(example) ?? [];
      const [first = "", ...args] = [...words.matchAll(/'([^']*)'|(\S+)/g)].map(
        ([, quoted, word]) => quoted ?? word ?? "",
      );
      assert.equal(first, name);
      readInput(name, command, args);
    }
  }
});

for (const columns of [40, 80, 110]) {
  test(`the help fits into ${columns} columns`, async () => {
    const texts = [helpText(columns)];
    for (const name of names) texts.push(commandHelp(name, await loadCommand(name), { columns, isFull: true }));
    for (const line of texts.flatMap((text) => text.split("\n"))) {
      // Examples are for copying, and a word stays whole.
      const isWhole = /^ +(?:cd|offhook|bash|zsh|fish) /.test(line) || /^ *(?:-\w, )?\S+(?: <\S+>)?$/.test(line);
      assert.ok(line.length <= columns || isWhole, line);
    }
  });
}
