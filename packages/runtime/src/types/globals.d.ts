/**
 * The globals of a function: `Twilio`, `Runtime`, `Response`.
 *
 * This file imports nothing on purpose: that makes it a script, whose globals come before those which modules declare,
 * whatever the order of files. So these hold beside `@twilio-labs/serverless-runtime-types`, which declares two of them
 * too, and beside Node's types. The libraries of TypeScript itself come even sooner: with `lib.dom`, `Response` is the
 * browser's.
 */

// oxlint-disable typescript/consistent-type-imports -- see above

declare var Twilio: import("./types.cjs").GlobalTwilio;

declare var Runtime: import("./types.cjs").Runtime;

/** The one of `fetch`, which others describe. */
interface Response {}

declare var Response: typeof globalThis extends { onmessage: unknown; Response: infer Standard }
  ? Standard
  : import("./types.cjs").GlobalResponse;
