/** Finds imports in the text of a source. Comments and strings may look like imports. */

export interface ImportText {
  readonly specifier: string;
  /** Position of the specifier in the source. */
  readonly at: number;
}

const specifierPattern = /\b(?:from|import|require(?:\.resolve)?)\s*\(?\s*["'`]([^"'`\n\\]+)["'`]/dg;

export function importsIn(source: string): ImportText[] {
  return [...source.matchAll(specifierPattern)].map(({ 1: specifier = "", indices }) => ({
    specifier,
    at: indices?.[1]?.[0] ?? 0,
  }));
}
