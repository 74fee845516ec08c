/** The file of saved requests. A cloned project may come with any file in its place. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import type { NamedRequest } from "@offhook/dashboard/api";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { SavedRequests } from "../../src/server/saved-requests.ts";
import { serve } from "./dashboard-fixture.ts";

const request: NamedRequest = {
  name: "a",
  kind: "plain",
  target: "/sms",
  method: "GET",
  format: "form",
  fields: [],
  body: "",
  headers: [],
};

function open(t: TestContext) {
  const folder = makeProject(t);
  mkdirSync(join(folder, ".offhook"));
  const file = join(folder, ".offhook", "requests.json");
  return { folder, file, saved: new SavedRequests(folder, () => ({})) };
}

test("a link in place of the file is not followed", async (t) => {
  const { folder, file, saved } = open(t);
  const other = join(folder, "other.json");
  writeFileSync(other, JSON.stringify({ requests: [request] }));
  symlinkSync(other, file);
  await assert.rejects(saved.list(), { code: "file-invalid" });
});

test("a file that never ends is not read", async (t) => {
  const { file, saved } = open(t);
  assert.equal(spawnSync("mkfifo", [file]).status, 0);
  await assert.rejects(saved.list(), { code: "file-invalid" });
});

test("a link in place of the temporary file is replaced, and what it leads to stays as it is", async (t) => {
  const { folder, file, saved } = open(t);
  const other = join(folder, "other.txt");
  writeFileSync(other, "mine");
  symlinkSync(other, `${file}.${process.pid}`);
  assert.deepEqual(await saved.save(request), [request]);
  assert.equal(readFileSync(other, "utf8"), "mine");
  assert.ok(lstatSync(file).isFile());
});

test("a name with an invalid escape is the fault of the request", async (t) => {
  const { api } = await serve(t);
  assert.equal((await api("POST", "saved-requests/%zz/delete")).status, 400);
});
