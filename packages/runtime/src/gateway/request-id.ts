/** Identifiers of requests. They are unique and not secret, so a counter after a random prefix is enough. */
import { randomBytes } from "node:crypto";

const prefix = `RQ${randomBytes(12).toString("hex")}`;
let counter = randomBytes(4).readUInt32BE();

/** `RQ` and 32 hex digits, unique over processes and restarts. */
export function nextRequestId(): string {
  counter = (counter + 1) >>> 0;
  return prefix + (counter + 0x1_0000_0000).toString(16).slice(1);
}
