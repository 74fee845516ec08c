import assert from "node:assert/strict";
import { test } from "node:test";
import { commandWords, splitWords } from "../../../src/settings/command-words.ts";
import { invalid } from "../../../src/settings/setting-kinds.ts";

const split: readonly (readonly [string, string[] | undefined])[] = [
  ["cloudflared tunnel --url {url}", ["cloudflared", "tunnel", "--url", "{url}"]],
  ["  a\t b\n", ["a", "b"]],
  [`sh -c 'exec tunnel "$PORT" | cat'`, ["sh", "-c", 'exec tunnel "$PORT" | cat']],
  [`a "b c" d"e"'f' ""`, ["a", "b c", "def", ""]],
  [`a "say \\"x\\" \\n" b\\ c`, ["a", 'say "x" \\n', "b c"]],
  ["a 'b", undefined],
  ["", []],
  ["$HOME `id` $(id) ; &", ["$HOME", "`id`", "$(id)", ";", "&"]],
];

for (const [text, words] of split) {
  test(`${JSON.stringify(text)} splits into words`, () => assert.deepEqual(splitWords(text), words));
}

test("a command is a text or a list of words, and has a program", () => {
  const { parse } = commandWords();
  assert.deepEqual(parse(["my tunnel", "{port}"]), ["my tunnel", "{port}"]);
  for (const value of ["", "  ", "a 'b", [], [""], ["a", 1], 1, null, {}, true, "a\0b"]) {
    assert.equal(parse(value), invalid, JSON.stringify(value));
  }
});
