/**
 * Findings that stay, each with the reason. A test checks that each is still needed.
 */
export interface Exception {
  /** The end of the file's path. Any file by default. */
  readonly file?: string;
  /** The part of a passage in which findings are accepted. */
  readonly text: RegExp;
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  { file: "dependency-rules.ts", text: /\[\{"name".*\}\]/g, reason: "an example in JSON" },
  { file: "0001-first-schema.ts", text: /^create [^]*$/g, reason: "statements of SQL" },
  { text: /\ban (?:http|HttpOnly)\b/gi, reason: "readers spell the name out, and it then starts with a vowel" },
  { file: "checks/event.ts", text: /event\.a/g, reason: "the name of a parameter" },
  { text: /\bExpected\b/g, reason: "a participle: the message says which values are valid" },
  { text: /\bcallback\([^)]*\)/g, reason: "the name of a function" },
  { text: /\b(?:a GET|a POST) request\b/gi, reason: "Harper does not know the names of the methods of HTTP" },
  { text: /\bone spelling\b/g, reason: "a path can have several spellings, so spellings can be counted" },
  { file: "commands/doctor.ts", text: /\bok\b/g, reason: "the word that doctor prints" },
  { file: "checks/request-headers.ts", text: /\bi-t(?:wilio)?-/g, reason: "prefixes of header names" },
  { file: "checks/response.ts", text: /the header that was/g, reason: "a relative clause, no comparison" },
];
