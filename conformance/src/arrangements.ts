import { appendFile, mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A change to a copy of the project, for rows that need their own start of the server. */
export interface Arrangement {
  /** Why a plain URL cannot show it. Printed for rows that are not visible. */
  readonly needs: string;
  readonly arrange: (folder: string) => Promise<void>;
}

export const arrangements = {
  /** An unchanged project, on an instance without other calls. */
  alone: { needs: "needs an instance of its own", arrange: async () => {} },
  "other-variables": {
    needs: "needs a start with other variables and without /assets/index.html",
    arrange: async (folder: string) => {
      await writeFile(join(folder, ".env"), "DOMAIN_NAME=overridden.example\nA=before\n");
      await rm(join(folder, "assets", "assets"), { recursive: true });
    },
  },
  clash: {
    needs: "needs a start with a clashing project",
    arrange: async (folder: string) => {
      await writeFile(join(folder, "assets", "hello"), "an asset where a function is\n");
    },
  },
  "large-context": {
    needs: "needs a start with other variables",
    arrange: async (folder: string) => {
      // Each variable is within its own limit of 450 bytes. Together they are too large.
      const lines = Array.from({ length: 12 }, (_, i) => `LARGE_${i}=${"v".repeat(400)}`);
      await appendFile(join(folder, ".env"), `${lines.join("\n")}\n`);
    },
  },
  "large-public-asset": {
    needs: "needs a start with a 26 MB asset",
    arrange: (folder: string) => writeHollow(join(folder, "assets", "large.bin"), 26),
  },
  "large-private-asset": {
    needs: "needs a start with an 11 MB private asset",
    arrange: (folder: string) => writeHollow(join(folder, "assets", "large.private.bin"), 11),
  },
} as const satisfies Record<string, Arrangement>;

export type ArrangementName = keyof typeof arrangements;

/** Sets one variable in a project's `.env`, like an author with an editor. */
export async function changeVariable(folder: string, name: string, value: string): Promise<void> {
  const file = join(folder, ".env");
  const lines = (await readFile(file, "utf8"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(`${name}=`));
  await writeFile(file, `${[...lines, `${name}=${value}`].join("\n")}\n`);
}

/** The package for row 188: an ES module that `require` rejects. */
export async function addModulePackage(folder: string): Promise<void> {
  const home = join(folder, "node_modules", "functions-conformance-esm");
  await mkdir(home, { recursive: true });
  const manifest = { name: "functions-conformance-esm", version: "1.0.0", type: "module", exports: "./index.js" };
  await writeFile(join(home, "package.json"), JSON.stringify(manifest));
  // With top-level await, `require` fails on every version of Node.
  await writeFile(join(home, "index.js"), 'export const greeting = await Promise.resolve("hello from a module");\n');
}

/** A file of that size that takes no space on the disk. */
async function writeHollow(file: string, megabytes: number): Promise<void> {
  const handle = await open(file, "w");
  await handle.truncate(megabytes * 1024 * 1024);
  await handle.close();
}
