/**
 * Sends the output of user code as messages, each with the invocation that wrote it. They are written immediately, so
 * that output right before a crash is not lost.
 */
import type { LogLevel } from "../log-level.ts";
import { send } from "./outlet.ts";

const { Console } = process.getBuiltinModule("node:console");
const { Writable } = process.getBuiltinModule("node:stream");

const levelOf: Record<string, LogLevel> = {
  debug: "debug",
  error: "error",
  assert: "error",
  trace: "error",
  warn: "warn",
};

/** Frames have a maximum length, so longer output is split into several records. */
const pieceBytes = 1_048_576;

/**
 * @param currentId the invocation that is running in this context; 0 if none.
 * @returns a function that restores the streams for the next invocation.
 */
export function captureOutput(currentId: () => number): () => void {
  const emit = (level: LogLevel, text: string): void => {
    const bytes = Buffer.from(text.endsWith("\n") ? text.slice(0, -1) : text);
    for (let at = 0; at === 0 || at < bytes.length; at += pieceBytes) {
      send({ kind: "output", id: currentId(), level }, bytes.subarray(at, at + pieceBytes));
    }
  };
  const restoreConsole = replaceConsole(emit, () => currentId() !== 0);
  const isInvoked = (): boolean => currentId() !== 0;
  const restoreStdout = replaceStream("stdout", 1, (text) => emit("info", text), isInvoked);
  const restoreStderr = replaceStream("stderr", 2, (text) => emit("error", text), isInvoked);
  return () => {
    restoreConsole();
    restoreStdout();
    restoreStderr();
  };
}

/** Methods with an effect on later calls: indentation, counters, timers. */
const stateful = new Set(["count", "countReset", "group", "groupCollapsed", "groupEnd", "time", "timeEnd"]);

/**
 * Node's own Console does the formatting, grouping and counting. We only replace its streams.
 *
 * @returns a function that clears the groups, counters and timers of an invocation.
 */
function replaceConsole(emit: (level: LogLevel, text: string) => void, isInvoked: () => boolean): () => void {
  let level: LogLevel = "info";
  const sink = { write: (text: string) => emit(level, text) } as unknown as NodeJS.WritableStream;
  // With `ignoreErrors: false`, Console uses only the `write` of a stream.
  const options = { stdout: sink, stderr: sink, colorMode: false, ignoreErrors: false } as const;
  const build = (): Record<string, Method> => new Console(options) as unknown as Record<string, Method>;
  let inner = build();
  let isUsed = false;
  const outer = console as unknown as Record<string, unknown>;
  for (const [name, method] of Object.entries(inner)) {
    if (typeof method !== "function" || name.startsWith("_")) continue;
    const isStateful = stateful.has(name);
    outer[name] = (...args: unknown[]) => {
      level = levelOf[name] ?? "info";
      if (isStateful) isUsed ||= isInvoked();
      Reflect.apply(inner[name] as Method, inner, args);
    };
  }
  return () => {
    if (isUsed) inner = build();
    isUsed = false;
  };
}

type Method = (...args: unknown[]) => unknown;

/** Properties of a stream that change with each write and each listener. */
const inUse = new Set<PropertyKey>(["_events", "_eventsCount", "_writableState"]);

/**
 * Creates the stream lazily, like Node. Most functions never use `process.stdout`, and a stream costs a millisecond.
 */
function replaceStream(
  name: "stdout" | "stderr",
  fd: number,
  emit: (text: string) => void,
  isInvoked: () => boolean,
): () => void {
  let stream: InstanceType<typeof Writable> | undefined;
  const kept = new WeakSet<object>();
  let properties: Record<PropertyKey, PropertyDescriptor> = {};
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      if (stream !== undefined) return stream;
      stream = Object.assign(
        new Writable({
          decodeStrings: false,
          write(chunk: string | Buffer, _encoding, done) {
            // `execSync` writes its child's output even if it is empty.
            if (chunk.length > 0) emit(chunk.toString());
            done();
          },
        }),
        { fd, isTTY: false },
      );
      // Listeners of module scope stay.
      stream.on("newListener", (_event: unknown, listener: object) => void (isInvoked() || kept.add(listener)));
      for (const listener of stream.rawListeners("newListener")) kept.add(listener);
      properties = Object.getOwnPropertyDescriptors(stream);
      return stream;
    },
  });
  // An invocation may end, destroy or cork the stream, or replace its `write`. The next invocation must not see that.
  return () => {
    if (stream === undefined) return;
    for (const key of Reflect.ownKeys(stream)) if (!Object.hasOwn(properties, key)) Reflect.deleteProperty(stream, key);
    for (const key of Reflect.ownKeys(properties)) {
      if (!inUse.has(key)) Object.defineProperty(stream, key, properties[key] as PropertyDescriptor);
    }
    stream.setDefaultEncoding("utf8");
    for (const event of stream.eventNames()) {
      for (const listener of stream.rawListeners(event)) {
        if (!kept.has(listener)) stream.off(event, listener as () => void);
      }
    }
    while (stream.writableCorked > 0) stream.uncork();
    if (!stream.writable) stream = undefined;
  };
}
