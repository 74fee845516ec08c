/** Makes slots whose isolates are processes. Everything else in this folder can be tested without processes. */
import { Isolate, type IsolateOptions } from "./isolate.ts";
import { accountOf } from "./isolate-user.ts";
import { Slot } from "./slot.ts";
import type { StartSlot } from "./slot-like.ts";

/** The options that all isolates of a pool share. The others depend on their user. */
export interface ProcessOptions extends Omit<IsolateOptions, "launch" | "user" | "debugging"> {
  readonly launch: Omit<IsolateOptions["launch"], "userName">;
}

export function inProcesses(options: ProcessOptions): StartSlot {
  return (start) => {
    const { user, debugging } = start;
    const { name, isListed } = accountOf(user);
    const setup = { ...start.setup, ...(user && { user }), ...(!isListed && { userName: name }) };
    const launch = { ...options.launch, userName: name };
    return new Slot({ ...start, setup }, (listener) => new Isolate({ ...options, launch, user, debugging }, listener));
  };
}
