/**
 * Tokens that were valid a short while ago. Off by default, because a token that Twilio revokes stays valid here until
 * its entry expires.
 */
import { clock } from "./clock.ts";
import type { TokenResult } from "./token-service.ts";

interface Entry {
  readonly result: TokenResult;
  /** By `clock()`, in milliseconds. */
  readonly until: number;
}

/** Maximum time that an author may set. */
export const maxCacheSeconds = 60;
const maxEntries = 1_000;
const entries = new Map<string, Entry>();

/** A hash, so that the tokens themselves are not stored. */
export function cacheKey(...parts: readonly string[]): string {
  // Not imported, because it is slow to load and few functions cache tokens.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

export function cachedToken(key: string): TokenResult | undefined {
  const entry = entries.get(key);
  if (entry === undefined) return undefined;
  // A copy, so that a handler cannot change the result for the next one.
  if (clock().now() < entry.until) return structuredClone(entry.result);
  entries.delete(key);
  return undefined;
}

/** Caches the result until the token expires, or at most `maxSeconds`. Does nothing if the expiration is unknown. */
export function cacheToken(key: string, result: TokenResult, maxSeconds: number): void {
  const expiration = Date.parse(result.expiration ?? "");
  if (Number.isNaN(expiration)) return;
  const now = clock().now();
  const until = Math.min(expiration, now + Math.min(maxSeconds, maxCacheSeconds) * 1000);
  if (until <= now) return;
  entries.delete(key);
  entries.set(key, { result: structuredClone(result), until });
  const [oldest] = entries.keys();
  if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest);
}

/** Forgets all tokens. For tests. */
export function resetTokenCache(): void {
  entries.clear();
}
