/**
 * A program of its own, so that the gateway's process never loads SQL. It reads its input from the channel to its
 * parent, answers there, and exits.
 */
import { isOffhookError } from "@offhook/runtime/offhook-error";
import { prepareDatabase, type FirstStart, type FirstStartInput } from "./first-start.ts";

export type FirstStartAnswer =
  | { readonly result: FirstStart | undefined }
  | { readonly error: { readonly code: string | undefined; readonly message: string } };

process.once("message", (input: FirstStartInput) => {
  const answer = (message: FirstStartAnswer): void => {
    process.send?.(message, () => process.disconnect());
  };
  prepareDatabase(input).then(
    (result) => answer({ result }),
    (error: unknown) =>
      answer({
        error: {
          code: isOffhookError(error) ? error.code : undefined,
          message: error instanceof Error ? error.message : String(error),
        },
      }),
  );
});
