/** Identifiers of requests. They tell requests apart and are no secret, so a counter behind a random start does. */
import { randomBytes } from "node:crypto";

const prefix = `RQ${randomBytes(12).toString("hex")}`;
let counter = randomBytes(4).readUInt32BE();

/** `RQ` and 32 hex digits, unique over processes and restarts. */
export function nextRequestId(): string {
  counter = (counter + 1) >>> 0;
  return prefix + (counter + 0x1_0000_0000).toString(16).slice(1);
}
