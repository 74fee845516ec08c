import type { ScreenStream } from "./screen/screen.ts";

/** The part of a terminal's input that commands use. */
export interface KeyInput {
  setRawMode(isRaw: boolean): unknown;
  on(event: "data", listener: (data: Buffer) => void): unknown;
  on(event: "end" | "error", listener: () => void): unknown;
  off(event: "data", listener: (data: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** The parts of the process that a command may use. Tests pass their own. */
export interface CommandContext {
  readonly stdout: NodeJS.WritableStream & ScreenStream;
  /** Set where standard input is a terminal: a command can ask questions there and read keys. */
  readonly stdin?: (KeyInput & NodeJS.ReadableStream) | undefined;
  readonly stderr: NodeJS.WritableStream & ScreenStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
