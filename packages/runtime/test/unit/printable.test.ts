import assert from "node:assert/strict";
import { test } from "node:test";
import { printable } from "../../src/observe/log-text.ts";
import { escapeUnsafe } from "../../src/printable.ts";

const unsafe = {
  "an escape sequence": ["\u001b[2Ja", "\\u001b[2Ja"],
  "a carriage return": ["a\rb", "a\\u000db"],
  "a C1 control": ["a\u009bb", "a\\u009bb"],
  "a zero-width space": ["a\u200bb", "a\\u200bb"],
  "a byte order mark": ["\ufeffa", "\\ufeffa"],
  "a soft hyphen": ["a\u00adb", "a\\u00adb"],
  "a word joiner": ["a\u2060b", "a\\u2060b"],
  "a change of the writing direction": ["a\u202eb", "a\\u202eb"],
  "a line separator": ["a\u2028b", "a\\u2028b"],
  "a tag": ["a\u{e0061}b", "a\\udb40\\udc61b"],
  "a lone surrogate": ["a\ud800b", "a\\ud800b"],
  "a joiner that joins nothing": ["a\u200db", "a\\u200db"],
  "joiners in a row": ["é\u200d\u200dé", "é\\u200d\\u200dé"],
} as const;

for (const [name, [text, escaped]] of Object.entries(unsafe)) {
  test(`${name} is escaped, in the log too`, () => {
    assert.equal(escapeUnsafe(text), escaped);
    // The log writes the first 256 characters with two digits.
    assert.equal(printable(text), escaped.replace(/\\u00(..)/g, "\\x$1"));
  });
}

test("visible text stays unchanged", () => {
  for (const text of [
    "plain",
    "Größe 名前 ✓",
    "👨\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👩🏽\u200d🚒",
    "می\u200cخواهم",
    "क्\u200dष",
  ]) {
    assert.equal(escapeUnsafe(text), text);
    assert.equal(printable(text), text);
  }
});

test("the log keeps newlines and tabs, and names have none", () => {
  assert.equal(printable("a\n\tb"), "a\n\tb");
  assert.equal(escapeUnsafe("a\n\tb"), "a\\u000a\\u0009b");
});
