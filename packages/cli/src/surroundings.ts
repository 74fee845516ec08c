import type { KeyInput } from "./dev/terminal/keys.ts";

/** What a command may touch of the process; tests bring their own. */
export interface Surroundings {
  readonly stdout: NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };
  /** Where it is a terminal; else it is not touched. */
  readonly stdin?: KeyInput | undefined;
  readonly stderr: NodeJS.WritableStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
