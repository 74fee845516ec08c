/**
 * The isolate's way out: frames on file descriptor 4, written synchronously, so that whatever was said
 * before a crash has been said. (Descriptor 3 is the way in.)
 */
import type { FromIsolate } from "../protocol/messages.ts";
import { encodeFrame } from "../protocol/frames.ts";

export const inletDescriptor = 3;
export const outletDescriptor = 4;

const { kill } = process;
// Importing the module of this name builds all of it, which takes 7 ms at each start of an isolate.
const { writeSync } = process.getBuiltinModule("node:fs");

/** Frames that leave with the next one. */
let held: Buffer[] = [];

/** Says it with whatever is said next, in one write: that spares the other side a wake-up. */
export function tellLater(message: FromIsolate, body?: Uint8Array): void {
  held.push(encodeFrame(message, body));
}

export function tell(message: FromIsolate, body?: Uint8Array): void {
  let frame = encodeFrame(message, body);
  if (held.length > 0) {
    frame = Buffer.concat([...held, frame]);
    held = [];
  }
  let written = 0;
  while (written < frame.length) {
    try {
      written += writeSync(outletDescriptor, frame, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") continue;
      // Nobody listens any more: the gateway is gone, and an isolate must not outlive it.
      endGroup();
    }
  }
}

/** Ends this process and everything it started. */
export function endGroup(): never {
  try {
    kill(-process.pid, "SIGKILL");
  } catch {
    // Not a group leader (embedded in a test): the process alone has to do.
  }
  kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}
