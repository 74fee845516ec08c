/**
 * The failure of a command: one message on stderr, and the exit code from the ledger.
 */
import { entryOf, exitCodes } from "@offhook/runtime/errors";
import { isOffhookError } from "@offhook/runtime/offhook-error";

import { printable } from "@offhook/runtime/internal/printable";

export interface Failure {
  readonly text: string;
  readonly exitCode: number;
}

/** The text to print and the exit code. An error that is not from the ledger is a bug, so it keeps its stack. */
export function describeFailure(error: unknown): Failure {
  if (isOffhookError(error)) {
    const { next, exitCode = exitCodes.internal } = entryOf(error.code);
    // The message may quote text that others wrote: arguments, files, keys.
    const message = error.message.split("\n").map(printable).join("\n  ");
    return { text: `${named(message)}\n  ${next}\n  [${error.code}]\n`, exitCode };
  }
  const errorText = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { message, next } = entryOf("internal-error");
  return {
    text: `${named(message)}\n${errorText}\n  ${next}\n  [internal-error]\n`,
    exitCode: exitCodes.internal,
  };
}

/** The name of the command in front, unless the message begins with it. */
function named(message: string): string {
  return message.startsWith("Offhook ") ? message : `offhook: ${message}`;
}
