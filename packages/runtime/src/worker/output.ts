/**
 * What user code prints leaves as messages, each tied to the invocation that wrote it. They are written
 * at once: what was printed just before a crash has been printed.
 */
import { Console } from "node:console";
import { Writable } from "node:stream";
import type { LogLevel } from "../protocol/messages.ts";
import { tell } from "./outlet.ts";

const levelOf: Record<string, LogLevel> = {
  debug: "debug",
  error: "error",
  assert: "error",
  trace: "error",
  warn: "warn",
};

/** A frame may not be of any length; more than this at once is several records. */
const pieceBytes = 1_048_576;

/**
 * @param currentId the invocation that is running in this context; 0 if none.
 * @returns what puts the streams back, for the next invocation.
 */
export function captureOutput(currentId: () => number): () => void {
  const emit = (level: LogLevel, text: string): void => {
    const bytes = Buffer.from(text.endsWith("\n") ? text.slice(0, -1) : text);
    for (let at = 0; at === 0 || at < bytes.length; at += pieceBytes) {
      tell({ kind: "output", id: currentId(), level }, bytes.subarray(at, at + pieceBytes));
    }
  };
  replaceConsole(emit);
  const restoreStdout = replaceStream("stdout", 1, (text) => emit("info", text));
  const restoreStderr = replaceStream("stderr", 2, (text) => emit("error", text));
  return () => {
    restoreStdout();
    restoreStderr();
  };
}

/** Node's own Console does the formatting, grouping and counting; only where it writes is ours. */
function replaceConsole(emit: (level: LogLevel, text: string) => void): void {
  let level: LogLevel = "info";
  const sink = { write: (text: string) => emit(level, text) } as unknown as NodeJS.WritableStream;
  // Not ignoring errors is what makes Console ask nothing of a stream but `write`.
  const options = { stdout: sink, stderr: sink, colorMode: false, ignoreErrors: false } as const;
  const inner = new Console(options) as unknown as Record<string, unknown>;
  const outer = console as unknown as Record<string, unknown>;
  for (const [name, method] of Object.entries(inner)) {
    if (typeof method !== "function" || name.startsWith("_")) continue;
    outer[name] = (...args: unknown[]) => {
      level = levelOf[name] ?? "info";
      Reflect.apply(method, inner, args);
    };
  }
}

/** Lazily, like Node's own: most functions never touch `process.stdout`, and a stream costs a millisecond. */
function replaceStream(name: "stdout" | "stderr", fd: number, emit: (text: string) => void): () => void {
  let stream: Writable | undefined;
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      stream ??= Object.assign(
        new Writable({
          decodeStrings: false,
          write(chunk: string | Buffer, _encoding, done) {
            // `execSync` writes what its child printed, also when that is nothing.
            if (chunk.length > 0) emit(chunk.toString());
            done();
          },
        }),
        { fd, isTTY: false },
      );
      return stream;
    },
  });
  // An invocation may end or destroy it, or put a `write` of its own there: that is not for those after it.
  return () => {
    if (stream !== undefined && (!stream.writable || Object.hasOwn(stream, "write"))) stream = undefined;
  };
}
