/**
 * Tokens that were found valid a short while ago. Only for who asks for it: a token that is revoked stays valid here until
 * its time is over.
 */
import { clock } from "./clock.ts";
import type { TokenResult } from "./token-service.ts";

interface Entry {
  readonly result: TokenResult;
  /** By the clock, in milliseconds. */
  readonly until: number;
}

/** Nobody may keep a token for longer. */
export const maxCacheSeconds = 60;
const maxEntries = 1_000;
const entries = new Map<string, Entry>();

/** The tokens themselves are not kept. */
export function cacheKey(...parts: readonly string[]): string {
  // Not imported: it takes a while to load, and few functions keep tokens.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64");
}

export function cachedToken(key: string): TokenResult | undefined {
  const entry = entries.get(key);
  if (entry === undefined) return undefined;
  // A copy: what a handler does to it is not for the next.
  if (clock().now() < entry.until) return structuredClone(entry.result);
  entries.delete(key);
  return undefined;
}

/** Until it expires; not at all if that is not known. */
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

/** Forgets all tokens: for tests. */
export function resetTokenCache(): void {
  entries.clear();
}
