import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { notices } from "../../../src/observe/channels.ts";
import { loadProject } from "../../../src/project/project.ts";
import { makeProject } from "./temp-project.ts";

test("a folder becomes a service", async (t) => {
  const folder = makeProject(t, {
    "functions/hello.js": "",
    ".env": "A=1",
    "package.json": '{"name": "demo", "type": "module", "version": 1}',
  });
  const project = await loadProject(folder);
  assert.equal(project.service.folder, folder);
  assert.deepEqual({ ...project.service.variables }, { A: "1" });
  assert.equal(project.envFile, join(folder, ".env"));
  assert.deepEqual(project.packageJson, { name: "demo", type: "module" });
  assert.deepEqual(project.warnings, []);
});

test("the SIDs have their form and are the same at every start", async (t) => {
  const folder = makeProject(t, ["functions/a.js"]);
  const { service } = await loadProject(folder);
  assert.match(service.sid, /^ZS[0-9a-f]{32}$/);
  assert.match(service.environmentSid, /^ZE[0-9a-f]{32}$/);
  assert.notEqual(service.sid.slice(2), service.environmentSid.slice(2));
  const again = await loadProject(join(folder, "functions/.."));
  assert.equal(again.service.sid, service.sid);
  const other = await loadProject(makeProject(t, ["functions/a.js"]));
  assert.notEqual(other.service.sid, service.sid);
});

test("the default .env may be missing, one that a setting names may not", async (t) => {
  const folder = makeProject(t, ["functions/a.js"]);
  const project = await loadProject(folder);
  assert.equal(project.envFile, undefined);
  assert.deepEqual(project.service.variables, {});
  assert.equal(project.packageJson, undefined);
  await assert.rejects(loadProject(folder, { env: ".env" }), { code: "file-unreadable" });
});

test("another file of variables is read if a setting names it", async (t) => {
  const folder = makeProject(t, { "functions/a.js": "", ".env": "A=1", "env/x": "A=2" });
  const project = await loadProject(folder, { env: "env/x" });
  assert.equal(project.service.variables["A"], "2");
  assert.equal(project.envFile, join(folder, "env/x"));
});

test(".twilioserverlessrc names the folders, commands.start beats the top level, settings beat both", async (t) => {
  const folder = makeProject(t, {
    "fns/a.js": "",
    "old/b.js": "",
    "mine/c.js": "",
    "pub/d.txt": "",
    "other.env": "A=other",
    ".twilioserverlessrc": `{
      // written by a tool
      "functionsFolder": "old", "assetsFolder": "pub", "env": "other.env", "runtime": "node22",
      "commands": { "start": { "functionsFolder": "fns" }, "deploy": { "env": "x" } },
    }`,
  });
  const { service } = await loadProject(folder);
  assert.deepEqual(
    service.functions.map((each) => each.path),
    ["/a"],
  );
  assert.deepEqual(
    service.assets.map((each) => each.path),
    ["/d.txt"],
  );
  assert.equal(service.variables["A"], "other");
  const mine = await loadProject(folder, { functionsFolder: "mine" });
  assert.deepEqual(
    mine.service.functions.map((each) => each.path),
    ["/c"],
  );
});

test(".twilioserverlessrc is JSON5, as for Twilio's tool", async (t) => {
  const folder = makeProject(t, {
    "fns/a.js": "",
    "other.env": "A=other",
    ".twilioserverlessrc": "{ functionsFolder: 'fns', /* why */ env: './other\\\n.env', retries: +0x3, }",
  });
  const { service } = await loadProject(folder);
  assert.deepEqual(
    service.functions.map((each) => each.path),
    ["/a"],
  );
  assert.equal(service.variables["A"], "other");
});

test("a broken .twilioserverlessrc is reported with file and place", async (t) => {
  const malformed = makeProject(t, { "functions/a.js": "", ".twilioserverlessrc": "{\n nope" });
  await assert.rejects(loadProject(malformed), {
    code: "file-malformed",
    message: /\.twilioserverlessrc: .* at 2:\d+$/,
  });
  const mistyped = makeProject(t, { "functions/a.js": "", ".twilioserverlessrc": '{"env": 1}' });
  await assert.rejects(loadProject(mistyped), {
    code: "setting-invalid",
    message: /^Invalid value for "env" in .*: 1\. Expected a path\.$/,
  });
});

test("a folder that does not exist, is a file or is empty is rejected with a specific message", async (t) => {
  const folder = makeProject(t, { "file.txt": "", "empty/functions/x.tsx": "" });
  await assert.rejects(loadProject(join(folder, "nope")), { code: "folder-missing", message: /nope$/ });
  await assert.rejects(loadProject(join(folder, "file.txt")), {
    code: "folder-missing",
    message: /file\.txt is not a folder$/,
  });
  await assert.rejects(loadProject(join(folder, "file.txt/x")), { code: "folder-missing" });
  await assert.rejects(loadProject(join(folder, "empty")), {
    code: "project-empty",
    message: /functions\/x\.tsx is not served/,
  });
});

test("variables over three thousand bytes cause a warning without their values", async (t) => {
  const published: string[] = [];
  t.after(notices.subscribe(({ message }) => published.push(message)));
  const small = makeProject(t, { "functions/a.js": "", ".env": `A=${"s".repeat(2992)}` });
  assert.deepEqual((await loadProject(small)).warnings, []);
  const large = makeProject(t, { "functions/a.js": "", ".env": `A=${"s".repeat(2993)}` });
  const { warnings } = await loadProject(large);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /3001 bytes \(context-too-large, 82006\)/);
  assert.ok(!warnings[0]?.includes("sss"));
  assert.deepEqual(published, warnings);
});

test("the hosted limits of assets are the default", async (t) => {
  const folder = makeProject(t, { "assets/a.private.txt": "x".repeat(10_485_761) });
  await assert.rejects(loadProject(folder), { code: "asset-too-large" });
  const project = await loadProject(folder, { privateAssetLimit: Infinity });
  assert.equal(project.service.assets.length, 1);
});
