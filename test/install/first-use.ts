/**
 * The first minutes of a user, with real packages: an empty folder, npm and a Node. Other tests link the packages of
 * the checkout instead. These need a registry for packages of others, such as `twilio`.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { TestContext } from "node:test";
import type { Language, TemplateName } from "../../packages/cli/src/scaffold/template-names.ts";
import { startOffhook } from "../offhook-process.ts";
import { authTokenOf, calls, makeCall, type Call } from "../template-calls.ts";

export interface Machine {
  /** An empty folder that every user can read. */
  readonly folder: string;
  readonly node: string;
  /** Runs a program, and returns what it printed. Fails if the program fails. */
  run(cwd: string, file: string, ...args: readonly string[]): Promise<string>;
}

/** @param node the only Node that programs find on the PATH. */
export async function machineWith(t: TestContext, node: string): Promise<Machine> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "offhook-first-use-")));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
  // Isolates may have a user of their own.
  await chmod(folder, 0o755);
  const programs = join(folder, "programs");
  await mkdir(programs);
  await symlink(node, join(programs, "node"));
  // npm runs on the Node that started it, so the one of this machine is linked.
  for (const name of ["npm", "npx"]) await symlink(await whereIs(name), join(programs, name));
  const env = { ...environment(), PATH: [programs, "/usr/bin", "/bin"].join(delimiter) };
  const run = (cwd: string, file: string, ...args: readonly string[]): Promise<string> =>
    new Promise((resolve, reject) => {
      execFile(file, args, { cwd, env, timeout: 170_000 }, (error, out, err) => {
        if (error === null) resolve(out);
        else reject(new Error(`${[file, ...args].join(" ")} failed in ${cwd}:\n${out}${err}`, { cause: error }));
      });
    });
  return { folder, node, run };
}

/** This process's environment, without what npm, Node and this test put into it. */
function environment(): Record<string, string | undefined> {
  const isKept = (name: string): boolean =>
    /^npm_config_(?:registry|cache|userconfig|cafile)$/i.test(name) ||
    !/^(?:npm_|NODE_(?!EXTRA_)|OFFHOOK_|INIT_CWD)/i.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => isKept(name)));
}

async function whereIs(program: string): Promise<string> {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const found = await realpath(join(folder, program)).catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error(`${program} is not on the PATH`);
}

/** Installs what `offhook init` asks for, runs the project's test, serves it, calls it, and edits it. */
export async function useProject(
  { node, run }: Machine,
  folder: string,
  template: TemplateName,
  language: Language,
): Promise<void> {
  await run(folder, "npm", "install");
  assert.match(await run(folder, "npm", "test"), /^(?:ℹ|#) pass [1-9]/m);
  if (language === "ts") await run(folder, "npm", "run", "check");
  const command = join(folder, "node_modules/offhook/bin/offhook.js");
  await using offhook = await startOffhook(folder, { command, verb: "dev", node, flags: ["--dashboard-port", "0"] });
  const token = await authTokenOf(folder);
  for (const call of calls[template]) await makeCall(call, offhook.url, token);
  const [first] = calls[template];
  assert.ok(first !== undefined);
  await edit(folder, first, language);
  await offhook.logged(({ message }) => String(message).startsWith("Reloaded in"));
  await makeCall({ ...first, status: 200, says: /^edited$/ }, offhook.url, token);
  assert.match(offhook.dashboard ?? "", /^http:/);
}

/** Replaces the function that a call reaches. */
async function edit(folder: string, { path, isSigned = false }: Call, language: Language): Promise<void> {
  const name = path.replace(/\?.*/, "") + (isSigned ? ".protected" : "");
  const file = join(folder, "functions", `${name}.${language}`);
  const before = await readFile(file, "utf8");
  assert.match(before, /handler/);
  const head = language === "ts" ? "export const handler" : "exports.handler";
  await writeFile(file, `${head} = (context, event, callback) => callback(null, "edited");\n`);
}
