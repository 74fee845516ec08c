/**
 * Secrets inside a secret. A function may extract them and log them without the rest.
 */
import { isUtf8 } from "node:buffer";

import { isSecretName } from "@offhook/runtime/internal/redaction";

/**
 * @returns passwords in a URL, values under a secret name in JSON, and the decoded text of base64 with its own derived
 * secrets.
 */
export function derivedSecrets(value: string): string[] {
  const decoded = decodedBase64(value);
  const inner = decoded === undefined ? [] : [decoded, ...secretsInJson(decoded), ...secretsInUrl(decoded)];
  return [...secretsInJson(value), ...secretsInUrl(value), ...inner];
}

/** The password of `Basic` authorization, and the pair of user and password. */
export function secretsInBasic(header: string): string[] {
  const [, encoded] = /^basic +(\S+)$/i.exec(header.trim()) ?? [];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, "base64").toString();
  return [pair, pair.slice(pair.indexOf(":") + 1)];
}

/** Real data is not nested deeper. */
export const maxDepth = 200;

/** Collects the texts under secret names. */
export function collectNamed(value: unknown, isSecret: boolean, found: string[], depth: number): void {
  if (typeof value === "string" && isSecret) found.push(value);
  if (typeof value !== "object" || value === null || depth >= maxDepth) return;
  for (const [key, inner] of Object.entries(value)) {
    collectNamed(inner, isSecret || isSecretName(key), found, depth + 1);
  }
}

function secretsInJson(value: string): string[] {
  if (!/^\s*[{[]/.test(value)) return [];
  const found: string[] = [];
  try {
    collectNamed(JSON.parse(value), false, found, 0);
  } catch {
    // It is not JSON.
  }
  return found;
}

function secretsInUrl(value: string): string[] {
  if (!/^[a-z][\w+.-]*:\/\//i.test(value) || !URL.canParse(value)) return [];
  const { password, searchParams } = new URL(value);
  const parameters = [...searchParams].flatMap(([name, each]) => (isSecretName(name) ? [each] : []));
  return [password, unescaped(password), ...parameters];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Undefined unless the decoded bytes are text. Random bytes almost never are. */
function decodedBase64(value: string): string | undefined {
  const trimmed = value.trim();
  if (!/^[\w+/-]{24,}={0,2}$/.test(trimmed)) return undefined;
  const bytes = Buffer.from(trimmed, "base64");
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
