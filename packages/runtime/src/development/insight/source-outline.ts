/**
 * Names and places in an author's source file, which hints need. It never contains values. The runtime has no parser:
 * the command that starts the server provides one.
 */

export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export interface SourcePlace {
  /** Counts from 1, as editors do. */
  readonly line: number;
  readonly column: number;
}

/**
 * A use of a service's variable that a statement needs. A use does not count if the code expects that it may be
 * missing.
 */
export interface VariableUse {
  readonly name: string;
  /** Line of the use. The line may name a constant that was made from the variable. */
  readonly line: number;
}

/** `r` of `const r = new Twilio.Response()`. */
export interface Instance {
  readonly name: string;
  readonly className: string;
}

export type SourceExport = SourcePlace &
  (
    | {
        readonly kind: "assigned";
        /** `exports`, `module.exports`, or a misspelling such as `module.export`. */
        readonly object: string;
        readonly name: string;
      }
    /** `export const name` */
    | { readonly kind: "declared"; readonly name: string }
    /** `module.exports = () => {}` */
    | { readonly kind: "whole" }
  );

/** `Runtime.getAssets()["/key"]`. The assets may be in a variable first, and the key in a constant. */
export interface ResourceLookup extends SourcePlace {
  readonly method: "getFunctions" | "getAssets";
  readonly key: string;
  /** The line of the lookup, and lines that use the name that it defines. */
  readonly lines: readonly number[];
}

/** `const name = require("specifier")` */
export interface NamedRequire extends SourcePlace {
  readonly name: string;
  readonly specifier: string;
}

export interface SourceOutline {
  /** Where the parser stopped. All else is empty then. */
  readonly problem: (SourcePlace & { readonly text: string }) | undefined;
  /** Innermost statements, without their blocks. */
  readonly statements: readonly LineRange[];
  /** Sorted by line. Within a line, uses through a constant come first. */
  readonly variables: readonly VariableUse[];
  /** `Body` of `event.Body`. */
  readonly parameters: readonly { readonly name: string; readonly line: number }[];
  readonly instances: readonly Instance[];
  readonly exports: readonly SourceExport[];
  /** Where the handler is defined. Undefined if the source does not show it. */
  readonly handler: SourcePlace | undefined;
  /** The name of the handler's third parameter. */
  readonly callbackName: string;
  readonly callbackCalls: readonly SourcePlace[];
  readonly lookups: readonly ResourceLookup[];
  /** Lines that read headers or cookies of the request. */
  readonly requestReads: readonly number[];
  readonly requires: readonly NamedRequire[];
  readonly imports: readonly ({ readonly specifier: string } & SourcePlace)[];
}

export interface OutlineReader {
  /** Returns at once, from the current content of the file. Undefined if it cannot be read or is too large. */
  outlineOf(file: string): SourceOutline | undefined;
}
