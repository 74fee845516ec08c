/**
 * Secrets inside a secret: what a function reads out of it, and may log without the rest.
 */
import { isUtf8 } from "node:buffer";

import { isSecretName } from "@offhook/runtime/internal/redaction";

/** @returns the passwords of a URL, what JSON has under a secret's name, and what base64 stands for, with the same of that. */
export function derivedSecrets(value: string): string[] {
  const decoded = decodedBase64(value);
  const inner = decoded === undefined ? [] : [decoded, ...secretsInJson(decoded), ...secretsInUrl(decoded)];
  return [...secretsInJson(value), ...secretsInUrl(value), ...inner];
}

/** The password of `Basic` authorization, and what it was sent with. */
export function secretsInBasic(header: string): string[] {
  const [, encoded] = /^basic +(\S+)$/i.exec(header.trim()) ?? [];
  if (encoded === undefined) return [];
  const pair = Buffer.from(encoded, "base64").toString();
  return [pair, pair.slice(pair.indexOf(":") + 1)];
}

/** Nobody means what is nested deeper. */
export const maxDepth = 200;

/** Texts under a secret's name. */
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
    // Then it is text.
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

/** Random bytes are hardly ever text. */
function decodedBase64(value: string): string | undefined {
  const trimmed = value.trim();
  if (!/^[\w+/-]{24,}={0,2}$/.test(trimmed)) return undefined;
  const bytes = Buffer.from(trimmed, "base64");
  return isUtf8(bytes) ? bytes.toString() : undefined;
}
