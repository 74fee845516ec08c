/**
 * A project whose functions are compiled. It has a copy of the published types of `@offhook/runtime`, so that their
 * imports are resolved in the project and not in the checkout.
 */
import { execFile } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { makeProject } from "../packages/runtime/test/unit/project/temp-project.ts";
import { repository } from "./offhook-process.ts";

const command = fileURLToPath(new URL("../packages/cli/bin/offhook.js", import.meta.url));

export interface CommandEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function runProgram(file: string, args: readonly string[], cwd: string): Promise<CommandEnd> {
  // Without the host's settings.
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"] };
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, env, timeout: 120_000 }, (error, out, err) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, out, err });
      else reject(error);
    });
  });
}

/** The launcher, as a user's shell would run it. */
export function runOffhook(folder: string, ...args: readonly string[]): Promise<CommandEnd> {
  return runProgram(process.execPath, [command, ...args], folder);
}

const options = {
  module: "nodenext",
  target: "es2023",
  lib: ["es2023"],
  types: ["node"],
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  allowJs: true,
  noImplicitAny: true,
} as const;

/** @returns the compiler's output, with each error on one line. */
export async function compile(folder: string, changes: Readonly<Record<string, unknown>> = {}): Promise<string[]> {
  const config = {
    compilerOptions: { ...options, ...changes },
    include: ["**/*"],
    exclude: ["node_modules"],
  };
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  const { out, err } = await runProgram(
    join(repository, "node_modules/.bin/tsc"),
    ["-p", folder, "--pretty", "false"],
    folder,
  );
  return `${out}${err}`.split("\n").filter((line) => line !== "");
}

/**
 * @param packages of the checkout, to be installed in the project.
 * @returns its folder.
 */
export async function makeTypedProject(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  packages: readonly string[] = ["twilio", "@types/node"],
): Promise<string> {
  const folder = makeProject(t, files);
  const copy = join(folder, "node_modules/@offhook/runtime");
  for (const part of ["package.json", "src/types"]) {
    await cp(join(repository, "packages/runtime", part), join(copy, part), { recursive: true });
  }
  for (const name of packages) {
    await mkdir(dirname(join(folder, "node_modules", name)), { recursive: true });
    await symlink(join(repository, "node_modules", name), join(folder, "node_modules", name));
  }
  return folder;
}
