import assert from "node:assert/strict";
import { test } from "node:test";
import { findContent } from "../../src/project/project.ts";
import { startServer } from "../../src/server.ts";
import type { Service } from "../../src/service.ts";
import { resolveSettings } from "../../src/settings/settings.ts";
import { call, writeProject } from "../site.ts";

test("a build is served with the SIDs and variables passed to it, not with those in its folder", async (t) => {
  const folder = await writeProject(t, {
    "functions/who.js": "callback(null, [context.NAME, context.OTHER, context.SERVICE_SID, context.ENVIRONMENT_SID]);",
    "functions/typed.ts":
      "export const handler = (c: object, e: object, callback: Function) => callback(null, 'typed');",
    "assets/a.txt": "text",
    ".env": "NAME=folder\nOTHER=folder",
    "offhook.json": '{ "port": "no port" }',
    ".twilioserverlessrc": '{ "functionsFolder": "nowhere" }',
  });
  const { content } = await findContent(folder, { assetLimit: 1000, privateAssetLimit: 1000, isSelfContained: true });
  const sid = `ZS${"1".repeat(32)}`;
  const environmentSid = `ZE${"2".repeat(32)}`;
  const service: Service = { sid, environmentSid, ...content, variables: { NAME: "given" } };
  const project = {
    service,
    envFile: undefined,
    envRemarks: [],
    warnings: [],
    remarks: [],
    otherFiles: [],
    packageJson: undefined,
  };
  const server = await startServer({ project, settings: { ...resolveSettings(), port: 0 } });
  t.after(() => server.kill());
  const url = `http://127.0.0.1:${server.address.port}`;
  assert.deepEqual((await call(url, "/who")).json(), ["given", null, sid, environmentSid]);
  assert.equal((await call(url, "/typed")).text, "typed");
  assert.equal((await call(url, "/a.txt")).text, "text");
});
