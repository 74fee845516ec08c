/** How npm's library is used: a registry, and nothing else. */
import npa from "npm-package-arg";
import type { Tree } from "@npmcli/arborist";

/** @param npm registries, tokens, proxies, certificates, cache. */
export function arboristOptions(folder: string, npm: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return {
    ...npm,
    path: folder,
    ignoreScripts: true,
    audit: false,
    fund: false,
    packageLock: true,
    omit: ["dev", "optional-peer"],
    installLinks: false,
    // Only packages of a registry, at every depth of the tree.
    allowGit: "none",
    allowRemote: "none",
    allowFile: "none",
    allowDirectory: "none",
    // A lock says where each package comes from, also where npm is configured to leave that out.
    omitLockfileRegistryResolved: false,
    // Twice this and the pause between are less than the time for a task, so a silent registry is named as such.
    fetchRetries: 1,
    fetchRetryMintimeout: 500,
    fetchTimeout: 10_000,
  };
}

/** @throws Error that names the package whose own dependencies lead out of the registry. */
export function refuseForeign(tree: Tree): void {
  for (const node of tree.inventory.values()) {
    for (const edge of node.edgesOut.values()) {
      if (edge.spec === "" || edge.optional === true || isRegistrySpec(edge.name, edge.spec)) continue;
      throw new Error(
        `${node.isRoot ? "The build" : `${node.name}@${node.version}`} depends on ${edge.name}@${edge.spec}. Only packages of a registry are accepted.`,
      );
    }
  }
}

function isRegistrySpec(name: string, spec: string): boolean {
  try {
    return npa.resolve(name, spec).registry === true;
  } catch {
    return false;
  }
}
