/**
 * What a file imports, in both kinds of modules.
 */
import type { Import, Place } from "./facts.ts";

interface NamedImport {
  readonly plain: Import;
  /** Under which it is known in the file; undefined for what is imported for its effect. */
  readonly names: readonly string[] | undefined;
}

export class ImportList {
  readonly #imports: NamedImport[] = [];
  readonly #used = new Set<string>();

  add(specifier: string, kind: Import["kind"], place: Place, isGuarded: boolean, names?: readonly string[]): void {
    this.#imports.push({ plain: { specifier, kind, isGuarded, ...place }, names });
  }

  /** The name is used as a value. */
  use(name: string): void {
    this.#used.add(name);
  }

  /** TypeScript drops an import of which only types are used. */
  found(isTypeScript: boolean): Import[] {
    return this.#imports
      .filter(({ names }) => !isTypeScript || names === undefined || names.some((name) => this.#used.has(name)))
      .map(({ plain }) => plain);
  }
}
