import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import type { Project } from "@offhook/runtime/project";

import { changeMatters } from "../../src/dev/project-watch.ts";

const folder = "/project";

function projectWith(functions: readonly [file: string, path: string][]): Project {
  return {
    service: {
      sid: "ZS",
      environmentSid: "ZE",
      folder,
      functions: functions.map(([file, path]) => {
        return { kind: "function", file: join(folder, file), path, name: path.slice(1), visibility: "public" };
      }),
      assets: [],
      variables: {},
    },
    envFile: "/elsewhere/production.env",
    envRemarks: [],
    warnings: [],
    remarks: [],
    otherFiles: [],
    packageJson: undefined,
  };
}

const project = projectWith([["code/sms/reply.protected.js", "/sms/reply"]]);

for (const file of [
  "functions/hello.js",
  "functions/coverage/check.js",
  "functions/template.html",
  "assets/new/photo.jpg",
  "static/page.html",
  "code/sms/words.txt",
  "lib/deep/price.ts",
  "tsconfig.json",
  "package.json",
  ".env",
  ".twilioserverlessrc",
  "node_modules/.package-lock.json",
  "/elsewhere/production.env",
]) {
  test(`a change of ${file} matters`, () => {
    assert.equal(changeMatters(file.startsWith("/") ? file : join(folder, file), project), true);
  });
}

for (const file of [
  "functions/.hello.js.swp",
  "functions/hello.js~",
  "functions/4913",
  "functions/.#hello.js",
  "functions/#hello.js#",
  "functions/hello.js.bak",
  "coverage/index.js",
  "node_modules/left-pad/index.js",
  "functions/node_modules/kit/index.js",
  ".git/config.json",
  "data/orders.sqlite",
  "README.md",
  "codes/x.txt",
]) {
  test(`a change of ${file} does not matter`, () => {
    assert.equal(changeMatters(join(folder, file), project), false);
  });
}
