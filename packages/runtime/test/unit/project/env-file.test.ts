import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { loadVariables } from "../../../src/project/env-file.ts";
import { makeProject } from "./temp-project.ts";

test("variables never come from the host's environment", async (t) => {
  const folder = makeProject(t, { ".env": "A=1" });
  assert.deepEqual((await loadVariables(join(folder, ".env"))).variables, { A: "1" });
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
