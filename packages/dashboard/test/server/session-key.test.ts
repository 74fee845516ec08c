/**
 * An open page continues after a restart, because the project keeps the key of its sessions. No other user can read the
 * key.
 */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { readSessionKey, replaceSessionKey } from "../../src/server/session-key.ts";

test("all starts of a project have the same key, which only this user can read", async (t) => {
  const project = makeProject(t);
  const key = await readSessionKey(project);
  assert.match(key, /^[\w-]{43}$/);
  assert.equal(await readSessionKey(project), key);
  assert.equal(statSync(join(project, ".offhook/session-key")).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(project, ".offhook/.gitignore"), "utf8"), "*\n");
  assert.notEqual(await readSessionKey(makeProject(t)), key);
});

test("a key that other users can read, or that is malformed, is replaced", async (t) => {
  const project = makeProject(t);
  const file = join(project, ".offhook/session-key");
  const key = await readSessionKey(project);
  chmodSync(file, 0o644);
  const next = await readSessionKey(project);
  assert.notEqual(next, key);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, `${next}"><script>`);
  assert.match(await readSessionKey(project), /^[\w-]{43}$/);
  rmSync(file);
  const elsewhere = join(project, "elsewhere");
  writeFileSync(elsewhere, key, { mode: 0o600 });
  symlinkSync(elsewhere, file);
  assert.notEqual(await readSessionKey(project), key);
  assert.equal(readFileSync(elsewhere, "utf8"), key);
});

test("a project that cannot be written to has a key for each start", async (t) => {
  const project = makeProject(t);
  writeFileSync(join(project, ".offhook"), "a file");
  assert.match(await readSessionKey(project), /^[\w-]{43}$/);
});

test("a replaced key is the one that the next start reads", async (t) => {
  const project = makeProject(t);
  const key = await readSessionKey(project);
  const next = await replaceSessionKey(project);
  assert.notEqual(next, key);
  assert.equal(await readSessionKey(project), next);
});
