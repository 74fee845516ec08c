/**
 * The imports of a file, in both kinds of modules.
 */
import type { Node } from "oxc-parser";

import { requiredBy, someFile, stringOf } from "./chain.ts";
import type { Import } from "./facts.ts";
import type { Positions } from "./positions.ts";
import type { Scopes } from "./scope.ts";
import { isTypeOnly, nameOf } from "./tree.ts";

interface NamedImport {
  readonly plain: Import;
  /** Names that the import declares. Undefined if it declares none; TypeScript never drops such an import. */
  readonly names: readonly string[] | undefined;
}

export class ImportList {
  readonly #imports: NamedImport[] = [];
  readonly #used = new Set<string>();
  readonly #scopes: Scopes;
  readonly #positions: Positions;

  constructor(scopes: Scopes, positions: Positions) {
    this.#scopes = scopes;
    this.#positions = positions;
  }

  /**
   * Adds the import of an `import` statement or of `export … from`.
   * @param isGuarded whether it is inside a `try`.
   */
  statement(node: Node, isGuarded: boolean): void {
    switch (node.type) {
      case "ImportDeclaration": {
        const locals = node.specifiers.filter((each) => !isTypeOnly(each)).map(({ local }) => local.name);
        const names = node.specifiers.length === 0 ? undefined : locals;
        return this.#add(node, "import", node.source.value, isGuarded, names);
      }
      case "TSImportEqualsDeclaration": {
        const { moduleReference: from, id } = node;
        if (from.type !== "TSExternalModuleReference") return;
        return this.#add(node, "require", from.expression.value, isGuarded, [id.name]);
      }
      case "ExportAllDeclaration":
        return this.#add(node, "import", node.source.value, isGuarded);
      case "ExportNamedDeclaration":
        for (const { local } of node.specifiers) this.use(nameOf(local) ?? "");
        if (node.source !== null) this.#add(node, "import", node.source.value, isGuarded);
        return;
      default:
    }
  }

  /**
   * Adds the import of `require("…")` or `import("…")`, where the specifier is a plain string.
   * @param isGuarded whether it is inside a `try`.
   */
  expression(node: Node, isGuarded: boolean): void {
    if (node.type === "ImportExpression") return this.#add(node, "dynamic", stringOf(node.source), isGuarded);
    const specifier = requiredBy(node, this.#scopes);
    if (specifier !== someFile) this.#add(node, "require", specifier, isGuarded);
  }

  #add(
    { start }: Node,
    kind: Import["kind"],
    specifier: string | undefined,
    isGuarded: boolean,
    names?: readonly string[],
  ): void {
    if (specifier === undefined) return;
    this.#imports.push({ plain: { specifier, kind, isGuarded, ...this.#positions.at(start) }, names });
  }

  /** Records that the name is used as a value. */
  use(name: string): void {
    this.#used.add(name);
  }

  /** TypeScript drops an import if only its types are used. */
  found(isTypeScript: boolean): Import[] {
    return this.#imports
      .filter(({ names }) => !isTypeScript || names === undefined || names.some((name) => this.#used.has(name)))
      .map(({ plain }) => plain);
  }
}
