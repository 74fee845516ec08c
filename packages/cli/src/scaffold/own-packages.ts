/**
 * How a project's `package.json` names the packages of Offhook: by version if they come from a registry, otherwise by
 * the archives that this command was installed from, or that its checkout packs.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

type Table = Readonly<Record<string, string>>;

export interface OwnPackages {
  /** Name → version range, or `file:` with the path of an archive. */
  readonly specifiers: Table;
  /**
   * Whether the project must name each of them. npm looks for the dependencies of an archive in the registry, unless
   * the project has them.
   */
  readonly areArchives: boolean;
}

/** This package's folder: in a checkout, or in a `node_modules`. */
const ownFolder = fileURLToPath(new URL("../../", import.meta.url));

/** `node_modules` is the folder that has this package, if npm installed it. */
const nodeModules = resolve(ownFolder, "..");

/**
 * @param folder the project's. It must exist.
 * @param onPack called before a checkout packs its packages, which takes many seconds.
 */
export async function findOwnPackages(folder: string, onPack: () => void): Promise<OwnPackages> {
  const archives = existsSync(resolve(ownFolder, "src/main.ts"))
    ? await archivesOfCheckout(onPack)
    : archivesInLockFile(nodeModules);
  if (archives === undefined) return { specifiers: versionRanges(), areArchives: false };
  const project = realpathSync(folder);
  const specifiers = [...archives]
    .map(([name, archive]) => [name, `file:${relative(project, archive)}`] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { specifiers: Object.fromEntries(specifiers), areArchives: true };
}

async function archivesOfCheckout(onPack: () => void): Promise<ReadonlyMap<string, string>> {
  const script = new URL("../../../../scripts/packed-packages.ts", import.meta.url).href;
  const { packedPackages } = (await import(script)) as PackScript;
  return await packedPackages({ onPack });
}

/** The script of the checkout, which is not part of this package. */
interface PackScript {
  packedPackages(options: { readonly onPack: () => void }): Promise<ReadonlyMap<string, string>>;
}

interface LockFile {
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}

/**
 * The archives that npm installed, as its lock file inside `node_modules` records them. Undefined if a package came
 * from a registry, or another package manager installed it.
 */
export function archivesInLockFile(modules: string): ReadonlyMap<string, string> | undefined {
  const file = resolve(modules, ".package-lock.json");
  if (!existsSync(file)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(file, "utf8")) as LockFile;
  const archives = new Map<string, string>();
  for (const [path, { resolved = "" }] of Object.entries(packages)) {
    const [, name] = /^node_modules\/(offhook|@offhook\/[^/]+)$/.exec(path) ?? [];
    if (name === undefined) continue;
    if (!resolved.startsWith("file:")) return undefined;
    // Relative to the folder that has `node_modules`.
    archives.set(name, resolve(modules, "..", resolved.slice("file:".length)));
  }
  return archives.has("offhook") ? archives : undefined;
}

/** This package and those that it depends on. They are published together. */
function versionRanges(): Table {
  const { name, version, dependencies } = JSON.parse(readFileSync(resolve(ownFolder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    dependencies: Record<string, string>;
  };
  const ours = Object.entries({ ...dependencies, [name]: version }).filter(
    ([each]) => each === name || each.startsWith("@offhook/"),
  );
  return Object.fromEntries(ours.map(([each, exact]) => [each, `^${exact}`]));
}
