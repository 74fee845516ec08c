/**
 * The isolate's way out: frames on file descriptor 4, written synchronously, so that whatever was said
 * before a crash has been said. (Descriptor 3 is the way in.)
 */
import type { FromIsolate, Reply, Settled } from "../protocol/messages.ts";
import { FrameWriter } from "../protocol/frames.ts";

export const inletDescriptor = 3;
const outletDescriptor = 4;

const { kill } = process;
// Importing the module of this name builds all of it, which takes 7 ms at each start of an isolate.
const { writeSync } = process.getBuiltinModule("node:fs");

const writer = new FrameWriter();

/** A reply that leaves with whatever is said next. */
let heldReply:
  | { readonly reply: { -readonly [Key in keyof Reply]: Reply[Key] }; readonly body: Uint8Array }
  | undefined;

/** Says it in one write with what is said next: that spares the other side a wake-up. */
export function sendWithNext(reply: Reply, body: Uint8Array): void {
  addHeldReply();
  heldReply = { reply, body };
}

/** Made ahead: for when nothing else can be said. */
const lastFrame = lastFrameOf({ kind: "exiting", how: "error", code: 0 });

function lastFrameOf(message: FromIsolate): Buffer {
  writer.add(message);
  return writer.take();
}

/** User code may have changed the language so that nothing can be said any more: then this is the end. */
export function send(message: FromIsolate, body?: Uint8Array): void {
  try {
    sendOrThrow(message, body);
  } catch {
    endForError();
  }
}

/** Ends this process and everything it started, for an error that cannot be answered in any invocation. */
export function endForError(): never {
  try {
    writeSync(outletDescriptor, lastFrame);
  } catch {
    // Nobody listens any more.
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
      // Nobody listens any more: the gateway is gone, and an isolate must not outlive it.
      endGroup();
    }
  }
}

/**
 * Stops this process and everything in its group, until the gateway ends them: of what is left, nothing runs any more. The
 * gateway may be slow to learn of it, and has to find the children of this process while it is still there.
 */
export function stopGroup(): void {
  try {
    kill(-process.pid, "SIGSTOP");
  } catch {
    // Not a group leader (embedded in a test): the gateway's signal has to do.
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
