import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { saveWrittenTest } from "../../src/server/test-file.ts";
import { serve } from "./dashboard-fixture.ts";

test("a test of the page is written under a new name, where the project's tests are", async (t) => {
  const folder = makeProject(t, { "spec/a.js": "" });
  const call = { name: "call-voice.test.mjs", text: "one" };
  const project = { folder, variables: {} };
  assert.deepEqual(await saveWrittenTest(project, call), { file: "spec/call-voice.test.mjs" });
  assert.deepEqual(await saveWrittenTest(project, { ...call, text: "two" }), { file: "spec/call-voice-2.test.mjs" });
  assert.equal(readFileSync(join(folder, "spec/call-voice.test.mjs"), "utf8"), "one");
});

test("secrets are masked in a test of the page", async (t) => {
  const folder = makeProject(t);
  const variables = { API_SECRET: "correct-horse-battery" };
  const text = 'await call.hears("The secret is correct-horse-battery");';
  const { file } = await saveWrittenTest({ folder, variables }, { name: "a.test.mjs", text });
  const written = readFileSync(join(folder, file), "utf8");
  assert.match(written, /The secret is •••/);
  assert.doesNotMatch(written, /horse/);
});

test("only the name of a test is accepted", async (t) => {
  const folder = makeProject(t);
  for (const name of ["a.mjs", "../a.test.mjs", "a/b.test.mjs", ".test.mjs", "a.test.mjs\n", "a.test.js"]) {
    await assert.rejects(saveWrittenTest({ folder, variables: {} }, { name, text: "" }), { code: "no-test" }, name);
  }
});

test("the page sends a test as a name and a text", async (t) => {
  const { api } = await serve(t);
  const { status, text } = await api("POST", "tests", { name: "a.test.mjs", text: "" });
  assert.deepEqual([status, JSON.parse(text)], [200, { file: "test/a.test.mjs" }]);
  assert.equal((await api("POST", "tests", { name: "a.test.mjs" })).status, 400);
});
