/** Other commands of the same user find the running server. Other users do not. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { writeDevServerInfo, readDevServerInfo } from "../../src/server/dev-server-info.ts";

const info = {
  url: "http://localhost:3000",
  dashboard: "http://127.0.0.1:3001",
  cookieName: "offhook-dashboard-3001",
  cookie: "def",
  token: "abc",
  pid: 1,
};

test("the file exists while the server runs, and only this user can read it", async (t) => {
  const project = makeProject(t);
  assert.equal(await readDevServerInfo(project), undefined);
  const leave = await writeDevServerInfo(project, info);
  assert.deepEqual(await readDevServerInfo(project), info);
  assert.equal(statSync(join(project, ".offhook/dev.json")).mode & 0o777, 0o600);
  assert.ok(existsSync(join(project, ".offhook/.gitignore")));
  await leave();
  assert.equal(await readDevServerInfo(project), undefined);
});

test("a later server is found, also after the first one has ended", async (t) => {
  const project = makeProject(t);
  const leave = await writeDevServerInfo(project, info);
  await writeDevServerInfo(project, { ...info, token: "later" });
  await leave();
  assert.equal((await readDevServerInfo(project))?.token, "later");
});

test("a file with wide permissions, or a link, does not get the token", async (t) => {
  const project = makeProject(t);
  mkdirSync(join(project, ".offhook"));
  writeFileSync(join(project, "elsewhere"), "mine");
  symlinkSync(join(project, "elsewhere"), join(project, ".offhook/dev.json"));
  await writeDevServerInfo(project, info);
  assert.equal(statSync(join(project, ".offhook/dev.json")).mode & 0o777, 0o600);
  assert.equal(statSync(join(project, "elsewhere")).size, 4);
  chmodSync(join(project, ".offhook/dev.json"), 0o644);
  await writeDevServerInfo(project, info);
  assert.equal(statSync(join(project, ".offhook/dev.json")).mode & 0o777, 0o600);
});

for (const content of [
  "",
  "null",
  "{}",
  "[]",
  JSON.stringify({ ...info, dashboard: "http://evil.com" }),
  JSON.stringify({ ...info, dashboard: "http://127.0.0.1:1@evil.com" }),
  JSON.stringify({ ...info, dashboard: "http://localhost:3001" }),
  JSON.stringify({ ...info, token: "a\r\nx: y" }),
  JSON.stringify({ ...info, cookie: undefined }),
]) {
  test(`a file with the content ${content} is ignored`, async (t) => {
    const project = makeProject(t);
    mkdirSync(join(project, ".offhook"));
    writeFileSync(join(project, ".offhook/dev.json"), content);
    assert.equal(await readDevServerInfo(project), undefined);
  });
}
