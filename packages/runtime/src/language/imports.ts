/** What the text of a source says that it imports. Comments and strings may look like it. */

export interface ImportText {
  readonly specifier: string;
  /** Where the specifier stands. */
  readonly at: number;
}

const specifierPattern = /\b(?:from|import|require(?:\.resolve)?)\s*\(?\s*["'`]([^"'`\n\\]+)["'`]/dg;

export function importsIn(source: string): ImportText[] {
  return [...source.matchAll(specifierPattern)].map(({ 1: specifier = "", indices }) => ({
    specifier,
    at: indices?.[1]?.[0] ?? 0,
  }));
}
