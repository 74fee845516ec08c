/** Installs the packages of a lock, in a process of its own. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Arborist from "@npmcli/arborist";
import { arboristOptions, refuseForeign } from "./arborist-options.ts";
import { runProgram, type ProgramInput } from "./program-io.ts";

export interface InstallInput extends ProgramInput {
  readonly dependencies: Readonly<Record<string, string>>;
  /** The text of a `package-lock.json`. */
  readonly lock: string;
  /** Names of packages whose install scripts run. */
  readonly allowedScripts: readonly string[];
}

await runProgram(async (input) => {
  const { folder, npm, dependencies, lock, allowedScripts } = input as InstallInput;
  const manifest = { name: "build", version: "1.0.0", private: true, dependencies };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "package-lock.json"), lock);
  await mkdir(join(folder, "node_modules"), { recursive: true });
  const options = arboristOptions(folder, npm);
  const arborist = new Arborist(options);
  refuseForeign(await arborist.loadVirtual());
  await arborist.reify();
  if (allowedScripts.length > 0) {
    const withScripts = new Arborist({ ...options, ignoreScripts: false });
    const tree = await withScripts.loadActual();
    const nodes = [...tree.inventory.values()].filter((node) => allowedScripts.includes(node.name));
    if (nodes.length > 0) await withScripts.rebuild({ nodes, handleOptionalFailures: true });
  }
  return {};
});
