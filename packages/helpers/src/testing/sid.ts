/**
 * SIDs that have the right form and belong to nobody.
 */

/** Two capital letters that say what it identifies, and 32 hex digits. */
export type Sid<Prefix extends string = string> = `${Prefix}${string}`;

/** The account that everything made here belongs to. */
export const fakeAccountSid: Sid<"AC"> = `AC${"fa4e".repeat(8)}`;
export const fakeAuthToken = "not-a-real-auth-token";

let count = 0;

/** Another one at each call; the first digits show in a log that it is fake. */
export function fakeSid<Prefix extends string>(prefix: Prefix): Sid<Prefix> {
  count += 1;
  return `${prefix}fa4e${count.toString(16).padStart(28, "0")}`;
}
