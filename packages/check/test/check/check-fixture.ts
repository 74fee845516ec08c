/**
 * Projects for rules: files in, findings out.
 */
import type { TestContext } from "node:test";

import { loadSettings } from "@offhook/runtime/settings";

import { makeProject } from "../../../runtime/test/unit/project/temp-project.ts";
import { check } from "../../src/check/check.ts";
import type { CheckResult } from "../../src/check/check.ts";
import { readCheckedProject } from "../../src/check/checked-project.ts";

export type Files = Readonly<Record<string, string>>;

export async function checkFiles(t: TestContext, files: Files): Promise<CheckResult> {
  const folder = makeProject(t, files);
  return check(await readCheckedProject(folder, await loadSettings(folder)));
}

/** A function whose handler has this body. */
export function handler(body: string, before = ""): string {
  return `${before}\nexports.handler = function (context, event, callback) {\n  ${body}\n  return callback(null, "x");\n};\n`;
}

/** The findings of one rule, such as `functions/a.js:3:3`. */
export function placesOf({ findings }: CheckResult, rule: string): string[] {
  return findings
    .filter((each) => each.rule === rule)
    .map(({ file, line, column }) => (line === undefined ? file : `${file}:${line}:${column}`));
}
