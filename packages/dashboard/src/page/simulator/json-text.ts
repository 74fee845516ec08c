/** JSON as people write it: where it is wrong, and the same text with one value per line. */

export interface JsonFault {
  /** From 0. */
  readonly offset: number;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Such as `expected a comma or }`. */
  readonly text: string;
}

/** What may come next. Each is also the text for people. */
type Expected =
  | "a value"
  | "a value or ]"
  | "a name in quotes"
  | "a name in quotes or }"
  | "a colon"
  | "a comma or }"
  | "a comma or ]"
  | "the end";

// oxlint-disable-next-line no-control-regex -- JSON does not allow them in a text
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const value = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** @returns the first fault, or undefined if the text is JSON. */
export function jsonFault(text: string): JsonFault | undefined {
  const open: ("{" | "[")[] = [];
  let expected: Expected = "a value";
  let at = 0;
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
    return true;
  };
  const afterValue = (): Expected =>
    open.length === 0 ? "the end" : open.at(-1) === "{" ? "a comma or }" : "a comma or ]";
  const space = /[ \t\r\n]*/y;
  for (;;) {
    match(space);
    const sign = text[at];
    if (sign === undefined && expected === "the end") return undefined;
    const next = nextExpected();
    if (next === undefined)
      return faultAt(text, at, sign === '"' && isText(expected) ? faultOfString(text, at) : `expected ${expected}`);
    expected = next;
  }

  function nextExpected(): Expected | undefined {
    switch (expected) {
      case "a value or ]":
        if (match(/\]/y)) return closed();
        return readValue();
      case "a value":
        return readValue();
      case "a name in quotes or }":
        if (match(/\}/y)) return closed();
        return match(string) ? "a colon" : undefined;
      case "a name in quotes":
        return match(string) ? "a colon" : undefined;
      case "a colon":
        return match(/:/y) ? "a value" : undefined;
      case "a comma or }":
        return match(/,/y) ? "a name in quotes" : match(/\}/y) ? closed() : undefined;
      case "a comma or ]":
        return match(/,/y) ? "a value" : match(/\]/y) ? closed() : undefined;
      case "the end":
        return undefined;
      default:
        return expected satisfies never;
    }
  }

  function readValue(): Expected | undefined {
    if (match(/\{/y)) {
      open.push("{");
      return "a name in quotes or }";
    }
    if (match(/\[/y)) {
      open.push("[");
      return "a value or ]";
    }
    return match(string) || match(value) ? afterValue() : undefined;
  }

  function closed(): Expected {
    open.pop();
    return afterValue();
  }
}

function isText(expected: Expected): boolean {
  return expected.startsWith("a value") || expected.startsWith("a name");
}

function faultOfString(text: string, start: number): string {
  const rest = /^"(?:[^"\\\r\n]|\\.)*/.exec(text.slice(start))?.[0] ?? "";
  return text[start + rest.length] === '"'
    ? "this text has an invalid character or escape"
    : "this text has no closing quote";
}

function faultAt(text: string, offset: number, message: string): JsonFault {
  const lines = text.slice(0, offset).split("\n");
  return { offset, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, text: message };
}

/** Numbers and names stay as they are written. @param text JSON without faults. */
export function formattedJson(text: string): string {
  let depth = 0;
  let made = "";
  const lineBreak = (): string => `\n${"  ".repeat(depth)}`;
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g) ?? [];
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const isClosing = token === "}" || token === "]";
    if (isClosing) depth--;
    const isFirst = before === "{" || before === "[";
    if (before === "," || isFirst !== isClosing) made += before === undefined ? "" : lineBreak();
    made += token === ":" ? ": " : token;
    if (token === "{" || token === "[") depth++;
  }
  return made;
}
