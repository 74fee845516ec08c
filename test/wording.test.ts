import assert from "node:assert/strict";
import { test } from "node:test";
import { findWords } from "../scripts/wording/check.ts";
import { exceptions } from "../scripts/wording/exceptions.ts";
import { Grammar } from "../scripts/wording/grammar.ts";
import { findNames } from "../scripts/wording/names.ts";
import { pagePassage, readPassages, sourcePassages } from "../scripts/wording/passages.ts";
import { longCells } from "../scripts/wording/table-cells.ts";
import { repository } from "./offhook-process.ts";

const problemsIn = (text: string): string[] => findWords(pagePassage("page.md", text)).map(({ problem }) => problem);

test("avoided words are found in prose", () => {
  assert.deepEqual(problemsIn("We mend it.\nHe starts it anew."), ["mend", "anew", "He"]);
  assert.deepEqual(problemsIn("Callers are told of the error."), ["are told", "told of"]);
});

test("a sentence does not begin with a free relative, a question may", () => {
  assert.deepEqual(problemsIn("What a handler leaves is ended."), ["What a handler leaves is ended."]);
  assert.deepEqual(problemsIn("It runs. Who waits gets a reply."), [". Who"]);
  assert.deepEqual(problemsIn("What does a handler leave? Leftovers."), []);
  assert.deepEqual(problemsIn("# What a handler leaves"), []);
});

test("code in prose is not looked at", () => {
  assert.deepEqual(problemsIn("Call `mend()` or:\n\n```js\nmend(); // anew\n```\n"), []);
});

test("comments and messages have their line, other literals are not prose", () => {
  const source = [
    "// The first line,",
    "// and the second.",
    'const message = "The file is missing";',
    "/** One\n * two. */",
    'const key = "content-type";',
    "const text = `Expected ${kind}, but ${value} is not one`;",
  ].join("\n");
  const found = sourcePassages("packages/x/src/file.ts", source);
  assert.deepEqual(
    found.map(({ kind, line, text }) => [kind, line, text.trim()]),
    [
      ["comment", 1, "The first line,\nand the second."],
      ["comment", 4, "One\ntwo."],
      ["message", 3, "The file is missing"],
      ["message", 7, "Expected `value`, but `value` is not one"],
    ],
  );
});

test("limits are named max and min", () => {
  const problems = findNames("file.ts", "const bytesAtMost = 1, mostFiles = 2, maxFiles = 3, almost = 4;");
  assert.deepEqual(
    problems.map(({ problem }) => problem),
    ["bytesAtMost", "mostFiles"],
  );
});

test("table cells are short, without counting the targets of links", () => {
  const cellOf = (text: string): string => `| a |\n| - |\n| ${text} |`;
  const page = (file: string, length: number) => longCells(pagePassage(file, cellOf("x".repeat(length))));
  assert.equal(page("docs/page.md", 120).length, 0);
  assert.equal(page("docs/page.md", 121).length, 1);
  assert.equal(page("README.md", 81).length, 1);
  assert.equal(longCells(pagePassage("README.md", cellOf(`[a](https://${"x".repeat(90)})`))).length, 0);
});

test("grammar mistakes have their passage and place", async () => {
  const grammar = await Grammar.load();
  const passages = [pagePassage("a.md", "All is well."), pagePassage("b.md", "This is an mistake.")];
  const found = await grammar.check(passages);
  assert.deepEqual([...found.keys()], [passages[1]]);
  const [finding] = found.get(passages[1]!) ?? [];
  assert.deepEqual([finding?.rule, finding?.problem, finding?.offset], ["AnA", "an", 8]);
});

test("rows of options are passages of their own", () => {
  const source = "const help = `Options:\n  --all     list all of them\n  --json    print a JSON array`;";
  assert.deepEqual(
    sourcePassages("packages/x/src/file.ts", source).map(({ line, text }) => [line, text]),
    [
      [1, "Options:"],
      [2, "  --all     list all of them"],
      [3, "  --json    print a JSON array"],
    ],
  );
});

test("each exception is still needed, and has a reason", () => {
  const passages = readPassages(repository);
  for (const { file = "", text, reason } of exceptions) {
    assert.ok(reason.length > 10, String(text));
    const isNeeded = passages.some((passage) => passage.file.endsWith(file) && passage.text.search(text) !== -1);
    assert.ok(isNeeded, `No passage needs the exception ${text} any more`);
  }
});
