/** SIDs: two letters and 32 hex digits, random. */
import { randomBytes } from "node:crypto";

/** Contract §10.2. */
export type SidPrefix = "AC" | "NO" | "RQ" | "SK" | "ZB" | "ZD" | "ZE" | "ZH" | "ZN" | "ZS" | "ZV";

export function newSid(prefix: SidPrefix): string {
  return prefix + randomBytes(16).toString("hex");
}

export function isSid(prefix: SidPrefix, text: string): boolean {
  return text.length === 34 && text.startsWith(prefix) && /^[0-9a-f]{32}$/.test(text.slice(2));
}
