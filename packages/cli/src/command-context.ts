/** The part of a terminal's input that is needed. */
export interface KeyInput {
  setRawMode(isRaw: boolean): unknown;
  on(event: "data", listener: (data: Buffer) => void): unknown;
  on(event: "end" | "error", listener: () => void): unknown;
  off(event: "data", listener: (data: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** What a command may touch of the process; tests bring their own. */
export interface CommandContext {
  readonly stdout: NodeJS.WritableStream & { readonly columns?: number; readonly isTTY?: boolean };
  /** Where it is a terminal, at which somebody may be asked and press keys; else it is not touched. */
  readonly stdin?: (KeyInput & NodeJS.ReadableStream) | undefined;
  readonly stderr: NodeJS.WritableStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
