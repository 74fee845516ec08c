import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { loadVariables, parseVariables } from "../../../src/project/env-file.ts";
import { makeProject } from "./temp-project.ts";

const matrix: readonly (readonly [string, string, Record<string, string>])[] = [
  ["plain lines", "A=1\nB=2", { A: "1", B: "2" }],
  ["an empty file", "", {}],
  ["a key without a value", "A=\nB=1", { A: "", B: "1" }],
  ["a key with blanks for a value", "A=  \nB=1\nC=\t", { A: "", B: "1", C: "" }],
  ["an exported key with blanks for a value", "export A= \nB=1", { A: "", B: "1" }],
  ["an empty quoted value", "A=''\nB=\"\"", { A: "", B: "" }],
  ["export", "export A=1", { A: "1" }],
  ["a key that only begins like export", "exported=1", { exported: "1" }],
  ["blanks around", "  A = 1  ", { A: "1" }],
  ["blanks within quotes", 'A=" 1 "', { A: " 1 " }],
  ["a byte order mark", "\uFEFFA=1", { A: "1" }],
  ["Windows line ends", "A=1\r\nB=\r\nC=3\r\n", { A: "1", B: "", C: "3" }],
  ["old Mac line ends", "A=1\rB=2", { A: "1", B: "2" }],
  ["comments", "# A=0\nA=1 # one\n  # more\nB=2", { A: "1", B: "2" }],
  ["a hash within quotes", "A=\"#1\"\nB='#2' # two", { A: "#1", B: "#2" }],
  ["double quotes over lines", 'A="x\ny"\nB=1', { A: "x\ny", B: "1" }],
  ["single quotes over lines", "A='x\ny'\nB=1", { A: "x\ny", B: "1" }],
  ["lines with Windows ends", 'A="x\r\ny"\r\nB=1', { A: "x\ny", B: "1" }],
  ["\\n in double quotes", 'A="x\\ny"', { A: "x\ny" }],
  ["\\n in single quotes", "A='x\\ny'", { A: "x\\ny" }],
  ["backticks", "A=`\"x\" 'y'`", { A: "\"x\" 'y'" }],
  ["an equals sign in the value", "A=b=c==", { A: "b=c==" }],
  ["JSON", "A='{\"a\": 1}'", { A: '{"a": 1}' }],
  ["what looks like an expansion", "A=1\nB=$A ${A}", { A: "1", B: "$A ${A}" }],
  ["other scripts", "A=é✓", { A: "é✓" }],
  ["a key twice", "A=1\nA=2", { A: "2" }],
  ["lines that are no variables", "A\n=1\nB=2", { B: "2" }],
];

for (const [name, text, expected] of matrix) {
  test(`a .env file is read with ${name}`, () => {
    assert.deepEqual({ ...parseVariables(text) }, expected);
  });
}

test("a key and certificate over several lines arrives whole", () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nabc=\ndef==\n-----END PRIVATE KEY-----";
  assert.equal(parseVariables(`KEY="${pem}"\nB=1`)["KEY"], pem);
});

test("variables never come from the host's environment", async (t) => {
  const folder = makeProject(t, { ".env": "A=1" });
  assert.deepEqual({ ...(await loadVariables(join(folder, ".env"))) }, { A: "1" });
});

test("a file of variables that is missing is refused by name", async (t) => {
  const file = join(makeProject(t), "missing.env");
  await assert.rejects(loadVariables(file), { code: "file-unreadable", message: /missing\.env/ });
});

test("a folder where the file of variables should be is refused by name", async (t) => {
  const folder = makeProject(t, [".env/file"]);
  await assert.rejects(loadVariables(join(folder, ".env")), {
    code: "file-unreadable",
    message: /\.env \(EISDIR\)/,
  });
});
