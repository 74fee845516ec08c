/**
 * Frees unused memory outside V8's heap. V8 collects garbage when its own heap grows. The memory of bodies and replies
 * is outside that heap, so V8 may wait for a long time.
 */
import { setFlagsFromString } from "node:v8";

/** Up to this much garbage is left to V8. */
const maxGarbageBytes = 16 * 2 ** 20;
const maxYoungGarbageBytes = 8 * 2 ** 20;
/**
 * A full collection needs tens of milliseconds, and discards compiled code too. It waits until there was no new garbage
 * for this long.
 */
const quietMs = 8_000;
/** A second collection follows after this time, for garbage of the last invocations. */
const restMs = 20_000;

type Kind = "minor" | "major";
type Collect = (options: { readonly type: Kind; readonly execution: "sync"; readonly flavor: string }) => void;

let collect: Collect | undefined;
let youngBytes = 0;
let totalBytes = 0;
let notedAt = 0;
let timer: NodeJS.Timeout | undefined;

/** Call this when `bytes` outside V8's heap became garbage shortly after they were allocated. */
export function noteYoungGarbage(bytes: number): void {
  youngBytes += bytes;
  noteGarbage(bytes);
  if (youngBytes < maxYoungGarbageBytes) return;
  youngBytes = 0;
  // This collection needs about a millisecond.
  collectGarbage("minor");
}

/** Call this when `bytes` became garbage. They are collected when the process has less to do. */
export function noteGarbage(bytes: number): void {
  totalBytes += bytes;
  if (totalBytes < maxGarbageBytes) return;
  notedAt = performance.now();
  timer ??= setTimeout(collectWhenQuiet, quietMs).unref();
}

function collectWhenQuiet(): void {
  const quietForMs = performance.now() - notedAt;
  if (quietForMs < quietMs) {
    timer = setTimeout(collectWhenQuiet, quietMs - quietForMs).unref();
    return;
  }
  totalBytes = 0;
  collectGarbage("major", "last-resort");
  timer = setTimeout(() => {
    timer = undefined;
    collectGarbage("major", "last-resort");
  }, restMs).unref();
}

/** @param flavor `last-resort` returns the freed memory to the system. */
function collectGarbage(type: Kind, flavor: "regular" | "last-resort" = "regular"): void {
  if (collect === undefined) {
    const { runInNewContext } = process.getBuiltinModule("node:vm");
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as Collect;
    setFlagsFromString("--no-expose-gc");
  }
  collect({ type, execution: "sync", flavor });
}
