/**
 * Kinds of settings: numbers, words and switches. A kind reads text (flags and variables are always text) as well as
 * the JSON value of a file. It describes its valid values in words and as JSON Schema.
 */

/** Returned by `parse` for an invalid value. A symbol, because any other value may be a valid one. */
export const invalid: unique symbol = Symbol("invalid");
export type Invalid = typeof invalid;

export interface Kind<T> {
  /** Completes the sentence "Expected …". */
  readonly allowed: string;
  /** Shown after the flag in the help, as in `--port <number>`. A switch has none. */
  readonly placeholder?: string;
  /** Messages and listings must leave its values out. */
  readonly isSecret?: true;
  /** The fragment of JSON Schema for the key in `offhook.json`. */
  readonly schema: Readonly<Record<string, unknown>>;
  parse(value: unknown): T | Invalid;
  /** For paths: whether a path leads out of its base folder, judged by its text alone. */
  leadsOut?(path: unknown): boolean;
}

/** The `max` of a setting without an upper bound. */
export const anyNumber = Number.MAX_SAFE_INTEGER;

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** Zero lifts the limit. It resolves to `Infinity`, so that a stage only has to compare. */
  readonly zeroIsNoLimit?: boolean;
}

/** In every Node, a timer that is set for longer than this (24.8 days) fires at once. Longer limits are rejected. */
const maxTimerMs = 2_147_483_647;

const millisecondsPer: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const bytesPer: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1024,
  mb: 1024 ** 2,
  gb: 1024 ** 3,
};

/** Reads a number with or without a unit of `scale`. @returns multiples of `base`, or undefined. */
function readQuantity(value: unknown, scale: Readonly<Record<string, number>>, base: string): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string") return undefined;
  const match = /^(\d+(?:\.\d+)?) *([a-z]*)$/i.exec(value.trim());
  if (match === null) return undefined;
  const from = scale[(match[2] || base).toLowerCase()];
  const to = scale[base];
  if (from === undefined || to === undefined) return undefined;
  return Math.round((Number(match[1]) * from) / to);
}

function withinBounds(value: number | undefined, bounds: NumberBounds): number | Invalid {
  if (value === undefined || !Number.isInteger(value)) return invalid;
  if (value === 0 && bounds.zeroIsNoLimit) return Infinity;
  return value >= bounds.min && value <= bounds.max ? value : invalid;
}

const orZero = (bounds: NumberBounds): string => (bounds.zeroIsNoLimit ? ", or 0 for no limit" : "");
const schemaMin = (bounds: NumberBounds): number => (bounds.zeroIsNoLimit ? 0 : bounds.min);

export function integer(bounds: NumberBounds): Kind<number> {
  const upTo = bounds.max === Number.MAX_SAFE_INTEGER ? "up" : `to ${bounds.max}`;
  return {
    allowed: `a whole number from ${bounds.min} ${upTo}${orZero(bounds)}`,
    placeholder: "number",
    schema: {
      type: "integer",
      minimum: schemaMin(bounds),
      ...(bounds.max === Number.MAX_SAFE_INTEGER ? {} : { maximum: bounds.max }),
    },
    parse(value) {
      const isDigits = typeof value === "string" && /^\d+$/.test(value.trim());
      return typeof value === "number" || isDigits ? withinBounds(Number(value), bounds) : invalid;
    },
  };
}

/** A time: a number of `unit`s, or a text with its own unit (`500ms`, `10s`, `2m`, `1h`, `1d`). */
export function duration(
  unit: "ms" | "s",
  options: { readonly min: number; readonly zeroIsNoLimit?: boolean },
): Kind<number> {
  const max = Math.floor(maxTimerMs / (millisecondsPer[unit] ?? 1));
  const bounds = { ...options, max };
  const words = unit === "ms" ? "milliseconds" : "seconds";
  return {
    allowed: `a time such as 500ms, 10s or 2m, or a number of ${words}, of at most 24 days${orZero(bounds)}`,
    placeholder: "time",
    schema: {
      anyOf: [
        { type: "integer", minimum: schemaMin(bounds), maximum: max },
        { type: "string", pattern: "^\\d+(\\.\\d+)? *(ms|s|m|h|d)?$" },
      ],
    },
    parse: (value) => withinBounds(readQuantity(value, millisecondsPer, unit), bounds),
  };
}

/** A size: a number of `unit`s, or a text with its own unit (`500kb`, `1mb`, `1gb`; 1 kb is 1024 bytes). */
export function size(
  unit: "b" | "mb",
  options: { readonly min: number; readonly zeroIsNoLimit?: boolean },
): Kind<number> {
  const bounds = { ...options, max: Number.MAX_SAFE_INTEGER };
  const words = unit === "b" ? "bytes" : "megabytes";
  const atLeast = options.min > 1 ? `, of at least ${options.min}` : "";
  return {
    allowed: `a size such as 500kb or 1mb, or a number of ${words}${atLeast}${orZero(bounds)}`,
    placeholder: "size",
    schema: {
      anyOf: [
        { type: "integer", minimum: schemaMin(bounds) },
        { type: "string", pattern: "^\\d+(\\.\\d+)? *([kKmMgG]?[bB])?$" },
      ],
    },
    parse: (value) => withinBounds(readQuantity(value, bytesPer, unit), bounds),
  };
}

/** Empty for a list or an object: a file can have one that cannot become text, such as `{ "toString": 0 }`. */
function wordOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value).trim()
    : "";
}

/** One of a few words or numbers. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Kind<T> {
  return {
    allowed: values.join(", ").replace(/, ([^,]*)$/, " or $1"),
    placeholder: values.join("|"),
    schema: { enum: values },
    parse: (value) => values.find((each) => String(each) === wordOf(value)) ?? invalid,
  };
}

/** A switch: `--name` and `--no-name` as a flag, a word as a variable, true and false in a file. */
export function onOff(): Kind<boolean> {
  return {
    allowed: "true or false",
    schema: { type: "boolean" },
    parse(value) {
      if (typeof value === "boolean") return value;
      const word = wordOf(value).toLowerCase();
      if (["true", "1", "yes", "on"].includes(word)) return true;
      if (["false", "0", "no", "off"].includes(word)) return false;
      return invalid;
    },
  };
}

/** The path of a file or folder. Whether it exists turns out when it is opened. */
export function path(placeholder: "file" | "folder"): Kind<string> {
  return {
    allowed: `the path of a ${placeholder}`,
    placeholder,
    schema: { type: "string", minLength: 1 },
    parse: (value) => (typeof value === "string" && isSinglePath(value) ? value : invalid),
    // By the rules of every operating system: a deployment may be made on one and served on another.
    leadsOut: (value) =>
      typeof value === "string" &&
      (/^(?:[/\\]|[a-z]:)/i.test(value.trim()) || /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(value.trim())),
  };
}

/** A text that is never printed: `readValue` leaves it out of the message for an invalid value. */
export function secret(): Kind<string> {
  return {
    allowed: "a text of one line",
    placeholder: "text",
    isSecret: true,
    schema: { type: "string", minLength: 1 },
    parse: (value) => (typeof value === "string" && /^[^\p{Cc}]+$/u.test(value.trim()) ? value.trim() : invalid),
  };
}

/** A NUL would make every call of `node:fs` throw a TypeError that does not name the setting. */
export function isSinglePath(value: string): boolean {
  return value.trim() !== "" && !value.includes("\0");
}
