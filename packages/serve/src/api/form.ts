/** Reads the parameters of a query or a form. Unknown ones are ignored, as Twilio ignores them (contract row 159). */
import { invalidParameter } from "../api-error.ts";

export interface TextRule {
  /** In characters. */
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  /** Completes the sentence "Name may contain only …". */
  readonly allowed?: string;
}

export class Form {
  readonly #values: URLSearchParams;

  constructor(values: URLSearchParams) {
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** All values of a repeated parameter, without empty ones. */
  list(name: string): readonly string[] {
    return this.#values.getAll(name).filter((value) => value !== "");
  }

  /** Undefined if it is absent. @throws ApiError 400 if it is repeated or breaks the rule. */
  text(name: string, rule: TextRule = {}): string | undefined {
    const values = this.#values.getAll(name);
    if (values.length > 1) throw invalidParameter(`${name} was sent ${values.length} times. Send it once.`);
    const [value] = values;
    if (value !== undefined) checkText(name, value, rule);
    return value;
  }

  /** @throws ApiError 400 if it is absent, empty or repeated, or breaks the rule. */
  required(name: string, rule: TextRule = {}): string {
    const value = this.text(name, { min: 1, ...rule });
    if (value === undefined) throw invalidParameter(`${name} is required. Send it in the body of the form.`);
    return value;
  }

  /** @throws ApiError 400 unless it is `true` or `false`, in any case. */
  flag(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === "") return undefined;
    if (value === "true" || value === "false") return value === "true";
    throw invalidParameter(`${name} must be true or false.`);
  }

  /** @throws ApiError 400 unless it is a whole number within the bounds. */
  integer(name: string, { min, max }: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.text(name);
    if (value === undefined || value === "") return undefined;
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw invalidParameter(`${name} must be a whole number from ${min} to ${max}.`);
  }

  /** A time as ISO 8601, or a date. In milliseconds since 1970. @throws ApiError 400 */
  time(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined || value === "") return undefined;
    const time = /^\d{4}-\d\d-\d\d(?:[T ].+)?$/.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(time)) return time;
    throw invalidParameter(`${name} must be a time in ISO 8601, such as 2026-11-30T12:00:00Z.`);
  }
}

function checkText(name: string, value: string, { min = 0, max = Infinity, pattern, allowed }: TextRule): void {
  const { length } = value;
  if (length < min) throw invalidParameter(`${name} must not be empty.`);
  if (length > max) throw invalidParameter(`${name} may have at most ${max} characters, and this one has ${length}.`);
  if (value.includes("\0")) throw invalidParameter(`${name} must not contain the character NUL.`);
  if (pattern !== undefined && value !== "" && !pattern.test(value)) {
    throw invalidParameter(`${name} may contain only ${allowed}.`);
  }
}
