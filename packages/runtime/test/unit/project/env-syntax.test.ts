import assert from "node:assert/strict";
import { test } from "node:test";

import { parseEnvText } from "../../../src/project/env-syntax.ts";

/**
 * Name, text, variables. These get no remarks: Twilio's tools read them in the same way, except those in the second
 * table.
 */
const readAlike: readonly (readonly [string, string, Record<string, string>])[] = [
  ["plain lines", "A=1\nB=2", { A: "1", B: "2" }],
  ["an empty file", "", {}],
  ["a key without a value", "A=\nB=1", { A: "", B: "1" }],
  ["a key with blanks for a value", "A=  \nB=1\nC=\t", { A: "", B: "1", C: "" }],
  ["an empty quoted value", "A=''\nB=\"\"", { A: "", B: "" }],
  ["a key that only starts like export", "exported=1\nexport=2", { exported: "1", export: "2" }],
  ["blanks around keys and values", "  A = 1  \n\tB\t=\t2\t", { A: "1", B: "2" }],
  ["a byte order mark", "\uFEFFA=1", { A: "1" }],
  ["Windows line ends", "A=1\r\nB=\r\nC=3\r\n", { A: "1", B: "", C: "3" }],
  ["comments on their own lines", "# A=0\nA=1\n  # more\nB=2\n#", { A: "1", B: "2" }],
  [
    "a hash in an unquoted value",
    "A=not#a!secret\nB=https://x.org/#/y#z",
    { A: "not#a!secret", B: "https://x.org/#/y#z" },
  ],
  ["a hash at the start", "A=#ff0000\nB=##", { A: "#ff0000", B: "##" }],
  ["a hash in quotes", "A=\"#1\"\nB='x #2'", { A: "#1", B: "x #2" }],
  ["\\n in double quotes", 'A="x\\ny"', { A: "x\ny" }],
  ["\\n in single quotes and without any", "A='x\\ny'\nB=x\\ny", { A: "x\\ny", B: "x\\ny" }],
  ["escaped quotes", 'A="she said \\"hi\\" twice"\nB=1', { A: 'she said \\"hi\\" twice', B: "1" }],
  ["escaped single quotes", "A='it\\'s'\nB=1", { A: "it\\'s", B: "1" }],
  ["quotes inside quotes", `A="say "hi" now"\nB='it's'\nC="it's"`, { A: 'say "hi" now', B: "it's", C: "it's" }],
  ["quotes inside an unquoted value", `A=say "hi" now\nB=it's`, { A: 'say "hi" now', B: "it's" }],
  ["a list of quoted words", 'A="a","b"\nB=1', { A: 'a","b', B: "1" }],
  ["an equals sign in the value", "A=b=c==\nB==", { A: "b=c==", B: "=" }],
  ["JSON in quotes", "A='{\"a\": 1}'", { A: '{"a": 1}' }],
  [
    "JSON without quotes",
    'A={"tag":"#1"}\nB={"tag": "a #1", "b": [1]}\nC=["a #1"]',
    {
      A: '{"tag":"#1"}',
      B: '{"tag": "a #1", "b": [1]}',
      C: '["a #1"]',
    },
  ],
  ["text that looks like a variable", "A=1\nB=$A ${A}", { A: "1", B: "$A ${A}" }],
  ["characters of other scripts", "A=é✓\nB=😀 ok", { A: "é✓", B: "😀 ok" }],
  ["a repeated key", "A=1\nA=2", { A: "2" }],
  ["dots, hyphens and digits in keys", "a.b=1\nc-d=2\n3=4", { "a.b": "1", "c-d": "2", 3: "4" }],
];

for (const [name, text, expected] of readAlike) {
  test(`a .env file is read with ${name}`, () => {
    assert.deepEqual(parseEnvText(text), { variables: expected, remarks: [] });
  });
}

const pem = "-----BEGIN PRIVATE KEY-----\nabc=\ndef==\n-----END PRIVATE KEY-----";

/** Name, text, variables, and the remarks as `line: text`. */
const remarked: readonly (readonly [string, string, Record<string, string>, readonly string[]])[] = [
  [
    "a comment after a value",
    "A=general # for everybody\nB=\t# none\nC='x' #y",
    { A: "general", B: "", C: "x" },
    [
      "1: Offhook reads A up to the comment (7 characters). Twilio's tools make the # and what follows a part of the value (23 characters).",
      "2: Offhook reads B up to the comment (empty). Twilio's tools make the # and what follows a part of the value (6 characters).",
      "3: Offhook reads C up to the comment (1 character). Twilio's tools make the # and what follows a part of the value (5 characters).",
    ],
  ],
  [
    "a comment after JSON",
    'A={"tag": "a #1"} # b\nB={"a": # 1}',
    { A: '{"tag": "a #1"}', B: '{"a":' },
    [
      "1: Offhook reads A up to the comment (15 characters). Twilio's tools make the # and what follows a part of the value (19 characters).",
      "2: Offhook reads B up to the comment (5 characters). Twilio's tools make the # and what follows a part of the value (10 characters).",
    ],
  ],
  [
    "a quote that is never closed",
    'A="no end\nB=still here\nC="a value"\nD=\'1\nE=it\'s',
    { A: "no end", B: "still here", C: "a value", D: "1", E: "it's" },
    [
      '1: A begins with a quote (") that is never closed. Its value is the rest of the line.',
      "4: D begins with a quote (') that is never closed. Its value is the rest of the line.",
    ],
  ],
  [
    "an unclosed quote before a comment, and one before an empty quoted value",
    'A="no # end\nB=""\nC="\nD="x" # y "z"',
    { A: "no # end", B: "", C: "", D: "x" },
    [
      '1: A begins with a quote (") that is never closed. Its value is the rest of the line.',
      '3: C begins with a quote (") that is never closed. Its value is the rest of the line.',
      "4: Offhook reads D up to the comment (1 character). Twilio's tools make the # and what follows a part of the value (9 characters).",
    ],
  ],
  [
    "a path that ends in a backslash, in quotes",
    'A="C:\\x\\"\nB="y"',
    { A: "C:\\x\\", B: "y" },
    ['1: A begins with a quote (") that is never closed. Its value is the rest of the line.'],
  ],
  [
    "a quoted value of several lines",
    `A="${pem.replaceAll("\n", "\r\n")}"\r\nB='x\n#y\nC=1'\nD=\`1\n"2"\``,
    { A: pem, B: "x\n#y\nC=1", D: '1\n"2"' },
    [
      "1: Offhook reads A from 4 lines (64 characters). Twilio's tools read the first line only (27 characters).",
      "5: Offhook reads B from 3 lines (8 characters). Twilio's tools read the first line only (1 character).",
      "8: Offhook reads D from 2 lines (5 characters). Twilio's tools read the first line only (2 characters).",
    ],
  ],
  [
    "export before the key",
    "export A=1\n export\tB= \nexport C",
    { A: "1", B: "" },
    [
      "1: Offhook reads A (1 character). Twilio's tools read no variable here, because of the export in front.",
      "2: Offhook reads B (empty). Twilio's tools read no variable here, because of the export in front.",
      "3: This line sets no variable.",
    ],
  ],
  [
    "backticks",
    "A=`\"x\" 'y'`",
    { A: "\"x\" 'y'" },
    ["1: Offhook reads A without the backticks (7 characters). Twilio's tools keep the backticks (9 characters)."],
  ],
  [
    "blanks inside quotes",
    'A=" 1 "',
    { A: " 1 " },
    [
      "1: Offhook reads A with the blanks inside the quotes (3 characters). Twilio's tools remove these blanks (1 character).",
    ],
  ],
  [
    "a blank after the closing quote",
    'A="x" \t',
    { A: "x" },
    [
      "1: Offhook reads A up to the closing quote (1 character). Twilio's tools keep this quote, because of the blank after it (2 characters).",
    ],
  ],
  [
    "a quote at the end only",
    "A=5\"\nB=rock 'n'",
    { A: '5"', B: "rock 'n'" },
    [
      "1: Offhook reads A with the quote at its end (2 characters). Twilio's tools remove this quote (1 character).",
      "2: Offhook reads B with the quote at its end (8 characters). Twilio's tools remove this quote (7 characters).",
    ],
  ],
  [
    "lines without a variable",
    "A\n=1\nB: 2\nMY KEY=1\nC=3",
    { C: "3" },
    [1, 2, 3, 4].map((line) => `${line}: This line sets no variable.`),
  ],
  [
    "old Mac line ends",
    "A=1\rB=2",
    { A: "1", B: "2" },
    ["1: A carriage return without a line feed ends this line. Twilio's tools do not end a line there."],
  ],
  ["a NUL", "A=1\0x", { A: "1\0x" }, ["1: A has a NUL character, where its value in process.env ends."]],
  [
    "a Unicode line separator in a value",
    "A=1\u20282",
    { A: "1\u20282" },
    ["1: Offhook reads A (3 characters). Twilio's tools read no variable here."],
  ],
];

for (const [name, text, variables, expected] of remarked) {
  test(`a .env file is read, and remarked on, with ${name}`, () => {
    const { remarks, ...rest } = parseEnvText(text);
    assert.deepEqual(rest, { variables });
    assert.deepEqual(
      remarks.map((remark) => `${remark.line}: ${remark.text}`),
      expected,
    );
  });
}

test("a .env file in UTF-16 gets one remark", () => {
  const text = Buffer.from("\uFEFFA=1\nB=2\n", "utf16le").toString("utf8");
  assert.deepEqual(parseEnvText(text).remarks[0], {
    line: 1,
    kind: "unusable",
    text: "The file is not in UTF-8. Save it as UTF-8.",
  });
});

test("a variable named __proto__ is an ordinary variable", () => {
  assert.deepEqual(Object.entries(parseEnvText("__proto__=1").variables), [["__proto__", "1"]]);
});
