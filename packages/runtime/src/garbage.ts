/**
 * Memory that is no longer used, but not yet given back. V8 collects garbage when its own heap grows; what bodies and replies
 * take lies outside of that heap, so that V8 may wait for a long time.
 */
import { setFlagsFromString } from "node:v8";

/** So much may be left to V8. */
const maxGarbageBytes = 16 * 2 ** 20;
const maxYoungGarbageBytes = 8 * 2 ** 20;
/**
 * A full collection takes tens of milliseconds, and throws compiled code away with the rest: it waits until there was no new
 * garbage for so long.
 */
const quietMs = 8_000;
/** And once more after this, for what the last invocations have left. */
const restMs = 20_000;

type Kind = "minor" | "major";
type Collect = (options: { readonly type: Kind; readonly execution: "sync"; readonly flavor: string }) => void;

let collect: Collect | undefined;
let youngBytes = 0;
let totalBytes = 0;
let notedAt = 0;
let timer: NodeJS.Timeout | undefined;

/** So many bytes outside of V8's heap are garbage now, and were so shortly after they came. */
export function noteYoungGarbage(bytes: number): void {
  youngBytes += bytes;
  noteGarbage(bytes);
  if (youngBytes < maxYoungGarbageBytes) return;
  youngBytes = 0;
  // This takes about a millisecond.
  collectGarbage("minor");
}

/** So many bytes are garbage now. They are collected when there is less to do. */
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

/** @param flavor the last resort gives back to the system what it has freed. */
function collectGarbage(type: Kind, flavor: "regular" | "last-resort" = "regular"): void {
  if (collect === undefined) {
    const { runInNewContext } = process.getBuiltinModule("node:vm");
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as Collect;
    setFlagsFromString("--no-expose-gc");
  }
  collect({ type, execution: "sync", flavor });
}
