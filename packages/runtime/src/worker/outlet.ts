/**
 * The isolate's output: frames on file descriptor 4, written synchronously, so that no message is lost in a crash.
 * Descriptor 3 is the input.
 */
import type { FromIsolate, Reply, Settled } from "../protocol/messages.ts";
import { FrameWriter } from "../protocol/frames.ts";

export const inletDescriptor = 3;
const outletDescriptor = 4;

const { kill } = process;
// An import of `node:fs` would load all of it, which takes 7 ms at each start of an isolate.
const { writeSync } = process.getBuiltinModule("node:fs");

const writer = new FrameWriter();

/** A reply that is sent together with the next message. */
let heldReply:
  | { readonly reply: { -readonly [Key in keyof Reply]: Reply[Key] }; readonly body: Uint8Array }
  | undefined;

/** Sends the reply in one write with the next message, which saves the gateway a wake-up. */
export function sendWithNext(reply: Reply, body: Uint8Array): void {
  addHeldReply();
  heldReply = { reply, body };
}

/** Built ahead, for when user code has broken our code that builds messages. */
const lastFrame = lastFrameOf({ kind: "exiting", how: "error", code: 0 });

function lastFrameOf(message: FromIsolate): Buffer {
  writer.add(message);
  return writer.take();
}

/** Sends a message. Ends the process if that fails, because user code may have broken the language. */
export function send(message: FromIsolate, body?: Uint8Array): void {
  try {
    sendOrThrow(message, body);
  } catch {
    endForError();
  }
}

/** Ends this process and everything it started, because of an error that belongs to no invocation. */
export function endForError(): never {
  try {
    writeSync(outletDescriptor, lastFrame);
  } catch {
    // The gateway has closed the pipe.
  }
  endGroup();
}

function sendOrThrow(message: FromIsolate, body?: Uint8Array): void {
  if (heldReply !== undefined && message.kind === "settled" && isClean(message) && message.id === heldReply.reply.id) {
    heldReply.reply.settledMs = message.tookMs;
    addHeldReply();
  } else {
    addHeldReply();
    writer.add(message, body);
  }
  write(writer.take());
}

function addHeldReply(): void {
  if (heldReply === undefined) return;
  writer.add(heldReply.reply, heldReply.body);
  heldReply = undefined;
}

function isClean(message: Settled): boolean {
  return message.leftovers.length === 0 && !message.isTainted;
}

function write(frames: Buffer): void {
  let written = 0;
  while (written < frames.length) {
    try {
      written += writeSync(outletDescriptor, frames, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") continue;
      // The gateway has closed the pipe. An isolate must not outlive it.
      endGroup();
    }
  }
}

/**
 * Stops this process and everything in its group until the gateway ends them, so that no leftover runs any more. The
 * gateway may be slow. It must find the children of this process while the process still exists.
 */
export function stopGroup(): void {
  try {
    kill(-process.pid, "SIGSTOP");
  } catch {
    // Not a group leader (embedded in a test). The gateway's signal must suffice.
  }
}

/** Ends this process and everything it started. */
export function endGroup(): never {
  try {
    kill(-process.pid, "SIGKILL");
  } catch {
    // Not a group leader (embedded in a test). Ends only the process.
  }
  kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}
