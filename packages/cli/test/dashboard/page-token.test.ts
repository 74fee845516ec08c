/**
 * A page that is open goes on when the server was started anew, and nobody else has its token.
 */
import assert from "node:assert/strict";
import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { pageToken } from "../../src/dashboard/page-token.ts";

test("it is the same for all starts of a project, for this user alone", async (t) => {
  const project = makeProject(t);
  const token = await pageToken(project);
  assert.match(token, /^[\w-]{32}$/);
  assert.equal(await pageToken(project), token);
  assert.equal(statSync(join(project, ".offhook/page-token")).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(project, ".offhook/.gitignore"), "utf8"), "*\n");
  assert.notEqual(await pageToken(makeProject(t)), token);
});

test("one that others may know, or that is none, is made anew", async (t) => {
  const project = makeProject(t);
  const file = join(project, ".offhook/page-token");
  const token = await pageToken(project);
  chmodSync(file, 0o644);
  const next = await pageToken(project);
  assert.notEqual(next, token);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, `${next}"><script>`);
  assert.match(await pageToken(project), /^[\w-]{32}$/);
  rmSync(file);
  const elsewhere = join(project, "elsewhere");
  writeFileSync(elsewhere, token, { mode: 0o600 });
  symlinkSync(elsewhere, file);
  assert.notEqual(await pageToken(project), token);
  assert.equal(readFileSync(elsewhere, "utf8"), token);
});

test("where it cannot be kept there is one all the same", async (t) => {
  const project = makeProject(t);
  writeFileSync(join(project, ".offhook"), "a file");
  assert.match(await pageToken(project), /^[\w-]{32}$/);
});
