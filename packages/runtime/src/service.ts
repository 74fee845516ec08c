/**
 * A service: what a project folder becomes, and all that the stages know of it.
 * Types only.
 */
import type { Language } from "./language/language.ts";

export type Visibility = "public" | "protected" | "private";

export interface FunctionResource {
  readonly kind: "function";
  /** URL path with its leading slash and without extension: `/sms/reply`. */
  readonly path: string;
  /** Key in `Runtime.getFunctions()`, the path without its leading slash: `sms/reply`. */
  readonly name: string;
  /** Absolute path of the file. */
  readonly file: string;
  /** The same with symbolic links resolved, where that is another path. */
  readonly real?: string | undefined;
  readonly visibility: Visibility;
}

export interface AssetResource {
  readonly kind: "asset";
  /** URL path with its leading slash and extension: `/images/logo.png`. Also the key in `Runtime.getAssets()`. */
  readonly path: string;
  /** Absolute path of the file, symbolic links resolved. */
  readonly file: string;
  readonly visibility: Visibility;
}

export interface Service {
  /** `ZS` and 32 hex digits, the same at every start of the same folder. */
  readonly sid: string;
  /** `ZE` and 32 hex digits. */
  readonly environmentSid: string;
  /** Absolute path of the project folder. */
  readonly folder: string;
  readonly functions: readonly FunctionResource[];
  readonly assets: readonly AssetResource[];
  /** The service's variables (contract §3): what `.env` says, nothing of the host's environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** Code outside of the folder that functions are known to import, and its `package.json` files. Absolute, links resolved. */
  readonly outsideFiles?: readonly string[] | undefined;
  /** Undefined where all of it is plain CommonJS. */
  readonly language?: Language | undefined;
}
