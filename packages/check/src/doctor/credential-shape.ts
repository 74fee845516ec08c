/**
 * Finds what looks wrong in a credential. The message describes the value, but never shows it.
 */

const shapes = {
  ACCOUNT_SID: { pattern: /^AC[0-9a-f]{32}$/, length: 34, prefix: "AC" },
  AUTH_TOKEN: { pattern: /^[0-9a-f]{32}$/, length: 32, prefix: "" },
} as const;

/** Completes a sentence that starts with the name. Undefined if nothing looks wrong. */
export function credentialFault(name: keyof typeof shapes, value: string): string | undefined {
  const { pattern, length, prefix } = shapes[name];
  if (pattern.test(value)) {
    return /^(.)\1+$/.test(value.slice(prefix.length))
      ? "is a placeholder: all its characters are the same"
      : undefined;
  }
  if (/[“”„‘’‚«»"'`]/.test(value)) return "contains quotation marks";
  if (value !== value.trim()) return "starts or ends with white space";
  if (/[^\x21-\x7e]/.test(value)) return "contains invisible characters, or characters outside ASCII";
  if (/x{8}|<|>|\byour\b|_/i.test(value)) return "is a placeholder";
  if (name === "ACCOUNT_SID" && /^S?K/i.test(value))
    return "is the SID of an API key; use that of the account, which starts with AC";
  if (!value.startsWith(prefix)) return `does not start with ${prefix}`;
  if (value.length !== length) return `has ${value.length} characters instead of ${length}`;
  return "contains characters other than lower-case hexadecimal digits";
}
