/** The parts of npm's libraries that builds use. The libraries have no types of their own. */
declare module "@npmcli/arborist" {
  export interface TreeNode {
    readonly name: string;
    readonly version: string;
    readonly isRoot: boolean;
    readonly edgesOut: ReadonlyMap<string, Edge>;
  }

  interface Edge {
    readonly name: string;
    readonly spec: string;
    readonly optional?: boolean;
  }

  export interface Tree extends TreeNode {
    readonly children: ReadonlyMap<string, TreeNode>;
    readonly inventory: ReadonlyMap<string, TreeNode>;
    /** Its text is that of the lock file. */
    readonly meta: { lockfileVersion: number; originalLockfileVersion: number; toString(): string };
  }

  export default class Arborist {
    constructor(options: Readonly<Record<string, unknown>>);
    buildIdealTree(): Promise<Tree>;
    loadVirtual(): Promise<Tree>;
    loadActual(): Promise<Tree>;
    reify(): Promise<Tree>;
    rebuild(options: { readonly nodes: readonly TreeNode[]; readonly handleOptionalFailures: boolean }): Promise<void>;
  }
}

declare module "npm-package-arg" {
  const npa: { resolve(name: string, spec: string): { readonly registry?: boolean } };
  export default npa;
}

declare module "ini" {
  export function parse(text: string): Record<string, unknown>;
}
