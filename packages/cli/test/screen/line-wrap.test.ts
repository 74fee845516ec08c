import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters, styleText } from "node:util";

import { wrapLine, wrapLines } from "../../src/screen/line-wrap.ts";
import { textWidth } from "../../src/screen/text-width.ts";

const hint =
  "12:04:31 3f2a  hint  /sms/reply            This timer was still pending when you called callback(), so it was cancelled. (functions/sms/reply.js:9)";

test("a long line is broken at words, and the further lines start in the given column", () => {
  assert.deepEqual(wrapLine(hint, 80, 43).split("\n"), [
    "12:04:31 3f2a  hint  /sms/reply            This timer was still pending when you",
    `${" ".repeat(43)}called callback(), so it was`,
    `${" ".repeat(43)}cancelled. (functions/sms/reply.js:9)`,
  ]);
  assert.equal(wrapLine(hint, hint.length, 43), hint);
});

for (const columns of [40, 80, 110]) {
  test(`with ${columns} columns no line of several words is longer, and no word is lost or broken`, () => {
    for (const indent of [0, 15, 43]) {
      const lines = wrapLine(hint, columns, indent).split("\n");
      for (const line of lines) assert.ok(line.length <= columns || !line.trim().includes(" "), line);
      assert.deepEqual(lines.join(" ").split(/ +/), hint.split(/ +/));
    }
  });
}

test("a word that is longer than the line stays whole", () => {
  const url = `http://localhost:3000/${"a".repeat(60)}`;
  assert.deepEqual(wrapLine(`Dashboard: ${url} ready`, 40, 2).split("\n"), ["Dashboard:", `  ${url}`, "  ready"]);
  assert.equal(wrapLine(url, 40, 2), url);
});

test("the indent of the line itself stays, and a narrow terminal has a small hanging indent", () => {
  assert.equal(
    wrapLine(`    ${"word ".repeat(9)}end`, 30, 4),
    `    ${"word ".repeat(5).trim()}\n    word word word word end`,
  );
  assert.match(wrapLine(hint, 40, 43), /\n {2}\S/);
});

test("a long line of blanks keeps its indent", () => {
  assert.equal(wrapLine(`${" ".repeat(15)}${"\t".repeat(90)}`, 80), " ".repeat(15));
});

test("escape sequences take no columns", () => {
  const colored = hint.replace("pending", styleText("red", "pending", { validateStream: false }));
  assert.equal(stripVTControlCharacters(wrapLine(colored, 80, 43)), wrapLine(hint, 80, 43));
  assert.equal(textWidth(styleText("cyan", "abc", { validateStream: false })), 3);
});

test("wide characters take two columns, and combining ones none", () => {
  assert.equal(textWidth("日本語"), 6);
  assert.equal(textWidth("ｱｲ"), 2);
  assert.equal(textWidth("e\u0301"), 1);
  assert.equal(textWidth("👩‍💻"), 2);
  assert.equal(textWidth("📞 +1"), 5);
  assert.equal(textWidth("안녕"), 4);
  assert.equal(textWidth("𠮷"), 2);
  assert.equal(textWidth("𝒜é…"), 3);
});

test("a text without spaces is broken between wide characters, but not before a full stop", () => {
  const lines = wrapLine("これは長い文です。改行しても読めるはずです。", 25, 0).split("\n");
  assert.ok(lines.length > 1);
  for (const line of lines) {
    assert.ok(textWidth(line) <= 25, line);
    assert.doesNotMatch(line, /^[。、]/);
  }
  assert.deepEqual(wrapLine("一二三四五六七八九。十", 19, 0).split("\n"), ["一二三四五六七八", "九。十"]);
});

test("in a report, further lines start in the last column of the row", () => {
  const rows = ["  --port <number>   Port to listen on, and more words.", "offhook: The folder does not exist: /x"];
  assert.deepEqual(wrapLines(rows.join("\n"), 44).split("\n"), [
    "  --port <number>   Port to listen on, and",
    "                    more words.",
    "offhook: The folder does not exist: /x",
  ]);
  assert.deepEqual(wrapLines(rows[1] ?? "", 30).split("\n"), ["offhook: The folder does not", "  exist: /x"]);
});

test("a line that nobody can read stays whole", () => {
  const line = "a ".repeat(100_000);
  assert.equal(wrapLine(line, 80, 15), line);
});
