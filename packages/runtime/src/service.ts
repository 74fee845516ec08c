/**
 * A service: the content of a project folder, as all stages see it. Types only.
 */
import type { Language } from "./language/language.ts";

export type Visibility = "public" | "protected" | "private";

export interface FunctionResource {
  readonly kind: "function";
  /** URL path with the leading slash and without the extension: `/sms/reply`. */
  readonly path: string;
  /** Key in `Runtime.getFunctions()`: the path without the leading slash, such as `sms/reply`. */
  readonly name: string;
  /** Absolute path of the file. */
  readonly file: string;
  /** The same path with symbolic links resolved, if it differs. */
  readonly real?: string | undefined;
  readonly visibility: Visibility;
}

export interface AssetResource {
  readonly kind: "asset";
  /** URL path with the leading slash and the extension: `/images/logo.png`. Also the key in `Runtime.getAssets()`. */
  readonly path: string;
  /** Absolute path of the file, with symbolic links resolved. */
  readonly file: string;
  readonly visibility: Visibility;
}

export interface Service {
  /** `ZS` and 32 hex digits. The same at every start of the same folder. */
  readonly sid: string;
  /** `ZE` and 32 hex digits. */
  readonly environmentSid: string;
  /** Absolute path of the project folder. */
  readonly folder: string;
  readonly functions: readonly FunctionResource[];
  readonly assets: readonly AssetResource[];
  /** The service's variables (contract §3), from `.env`. They contain nothing of the host's environment. */
  readonly variables: Readonly<Record<string, string>>;
  /** The key of signatures, where functions may not get it. Absent: the variable `AUTH_TOKEN`. */
  readonly authToken?: string | undefined;
  /**
   * Code outside the folder that functions are known to import, and its `package.json` files. Absolute, without links.
   */
  readonly outsideFiles?: readonly string[] | undefined;
  /** Undefined if all code is plain CommonJS. */
  readonly language?: Language | undefined;
}
