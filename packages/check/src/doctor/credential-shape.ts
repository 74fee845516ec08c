/**
 * What is wrong with a credential by its looks. It is described, never shown.
 */

const shapes = {
  ACCOUNT_SID: { pattern: /^AC[0-9a-f]{32}$/, length: 34, prefix: "AC" },
  AUTH_TOKEN: { pattern: /^[0-9a-f]{32}$/, length: 32, prefix: "" },
} as const;

/** Completes a sentence that begins with the name; undefined where nothing is wrong. */
export function credentialFault(name: keyof typeof shapes, value: string): string | undefined {
  const { pattern, length, prefix } = shapes[name];
  if (pattern.test(value)) {
    return /^(.)\1+$/.test(value.slice(prefix.length))
      ? "is a placeholder: all of its characters are the same"
      : undefined;
  }
  if (/[“”„‘’‚«»"'`]/.test(value)) return "has quotation marks in its value";
  if (value !== value.trim()) return "begins or ends with a blank";
  if (/[^\x21-\x7e]/.test(value)) return "has characters in it that cannot be seen, or are none of ASCII";
  if (/x{8}|<|>|\byour\b|_/i.test(value)) return "is a placeholder";
  if (name === "ACCOUNT_SID" && /^S?K/i.test(value))
    return "is the SID of an API key: it has to be that of the account, which begins with AC";
  if (!value.startsWith(prefix)) return `does not begin with ${prefix}`;
  if (value.length !== length) return `has ${value.length} characters instead of ${length}`;
  return "has characters that are no hexadecimal digits, in lower case";
}
