import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { envWarnings, loadVariables } from "../../../src/project/env-file.ts";
import { parseEnvText } from "../../../src/project/env-syntax.ts";
import { makeProject } from "./temp-project.ts";

test("variables never come from the host's environment", async (t) => {
  const folder = makeProject(t, { ".env": "A=1" });
  assert.deepEqual((await loadVariables(join(folder, ".env"))).variables, { A: "1" });
});

test("a missing file of variables is an error that names the file", async (t) => {
  const file = join(makeProject(t), "missing.env");
  await assert.rejects(loadVariables(file), { code: "file-unreadable", message: /missing\.env/ });
});

test("a folder in place of the file of variables is an error that names it", async (t) => {
  const folder = makeProject(t, [".env/file"]);
  await assert.rejects(loadVariables(join(folder, ".env")), {
    code: "file-unreadable",
    message: /\.env \(EISDIR\)/,
  });
});

test("a key on many lines without quotes is one warning, and other lines keep their own", () => {
  const pem = ["-----BEGIN PRIVATE KEY-----", ...Array.from({ length: 26 }, () => "ab+/"), "-----END PRIVATE KEY-----"];
  const text = `lone\nA=1\nKEY=${pem.join("\n")}\nB=2\nlast\nC="open`;
  assert.deepEqual(envWarnings(parseEnvText(text), ".env"), [
    ".env:1: This line sets no variable.",
    ".env:4: 27 lines from here set no variable. A value of several lines needs quotes around it.",
    ".env:32: This line sets no variable.",
    '.env:33: C begins with a quote (") that is never closed. Its value is the rest of the line.',
  ]);
});
