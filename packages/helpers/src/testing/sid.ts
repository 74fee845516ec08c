/**
 * Fake SIDs in the right format.
 */

/** Two capital letters for the kind of resource, and 32 hexadecimal digits. */
export type Sid<Prefix extends string = string> = `${Prefix}${string}`;

/** The account of all fake resources. */
export const fakeAccountSid: Sid<"AC"> = `AC${"fa4e".repeat(8)}`;
export const fakeAuthToken = "not-a-real-auth-token";

let count = 0;

/** Returns a different SID each time. Its first digits show in a log that it is fake. */
export function fakeSid<Prefix extends string>(prefix: Prefix): Sid<Prefix> {
  count += 1;
  return `${prefix}fa4e${count.toString(16).padStart(28, "0")}`;
}
