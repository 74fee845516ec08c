/** Resolves dependencies to exact versions, in a process of its own. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import Arborist from "@npmcli/arborist";
import { arboristOptions, refuseForeign } from "./arborist-options.ts";
import { runProgram, type ProgramInput } from "./program-io.ts";

export interface ResolveInput extends ProgramInput {
  /** Name → version, range or tag. */
  readonly dependencies: Readonly<Record<string, string>>;
}

export interface ResolveOutput {
  /** The text of a `package-lock.json`. */
  readonly lock: string;
  /** Name → installed version, of the dependencies themselves. */
  readonly versions: Readonly<Record<string, string>>;
}

await runProgram(async (input) => {
  const { folder, npm, dependencies } = input as ResolveInput;
  const manifest = { name: "build", version: "1.0.0", private: true, dependencies };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  const tree = await new Arborist(arboristOptions(folder, npm)).buildIdealTree();
  refuseForeign(tree);
  tree.meta.originalLockfileVersion = tree.meta.lockfileVersion = 3;
  const lock = String(tree.meta);
  const versions = Object.keys(dependencies).map((name) => [name, tree.children.get(name)?.version ?? ""]);
  return { lock, versions: Object.fromEntries(versions) } satisfies ResolveOutput;
});
