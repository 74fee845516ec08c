/**
 * The globals of a function: `Twilio`, `Runtime`, `Response`.
 *
 * This file has no imports, which makes it a script. Globals of scripts take precedence over globals that modules
 * declare, in any order of files. So these apply even with `@twilio-labs/serverless-runtime-types`, which declares two
 * of them too, and with Node's types. TypeScript's own libraries come first: with `lib.dom`, `Response` is the
 * browser's.
 */

// oxlint-disable typescript/consistent-type-imports -- see above

declare var Twilio: import("./types.cjs").GlobalTwilio;

declare var Runtime: import("./types.cjs").Runtime;

/** The type of `fetch`'s response. Other packages describe it. */
interface Response {}

declare var Response: typeof globalThis extends { onmessage: unknown; Response: infer Standard }
  ? Standard
  : import("./types.cjs").GlobalResponse;
