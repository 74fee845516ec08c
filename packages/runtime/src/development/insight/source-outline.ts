/**
 * What hints need to know about an author's source file: names and places, never values. The runtime has no parser. The
 * command that starts the server brings one.
 */

export interface LineRange {
  readonly first: number;
  readonly last: number;
}

export interface SourcePlace {
  /** From 1, as editors count. */
  readonly line: number;
  readonly column: number;
}

/** A variable of the service that a statement needs. It does not count where the code expects that it may be missing. */
export interface VariableUse {
  readonly name: string;
  /** Of the use. It can be the name of a constant that was made from the variable. */
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
        /** `exports`, `module.exports`, or what looks like it: `module.export`. */
        readonly object: string;
        readonly name: string;
      }
    /** `export const name` */
    | { readonly kind: "declared"; readonly name: string }
    /** `module.exports = () => {}` */
    | { readonly kind: "whole" }
  );

/** `Runtime.getAssets()["/key"]`, also behind a name for all of them, and with a constant as its key. */
export interface ResourceLookup extends SourcePlace {
  readonly method: "getFunctions" | "getAssets";
  readonly key: string;
  /** The line of the lookup, and lines that use the name which it defines. */
  readonly lines: readonly number[];
}

/** `const name = require("specifier")` */
export interface NamedRequire extends SourcePlace {
  readonly name: string;
  readonly specifier: string;
}

export interface SourceOutline {
  /** Where the parser stopped. There is nothing else then. */
  readonly problem: (SourcePlace & { readonly text: string }) | undefined;
  /** Innermost statements, without the blocks in them. */
  readonly statements: readonly LineRange[];
  /** In the order of their lines; of one line, those behind a constant first. */
  readonly variables: readonly VariableUse[];
  /** `Body` of `event.Body`. */
  readonly parameters: readonly { readonly name: string; readonly line: number }[];
  readonly instances: readonly Instance[];
  readonly exports: readonly SourceExport[];
  /** Where the handler is defined. Undefined if it cannot be seen. */
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
  /** Answers at once, from the file as it is now. Undefined for what cannot be read, or is too large. */
  outlineOf(file: string): SourceOutline | undefined;
}
