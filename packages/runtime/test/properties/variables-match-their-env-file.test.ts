/** `.env` files (docs/reference/settings.md), compared with a model of the rules on that page. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseEnvText } from "../../src/project/env-syntax.ts";
import { holds, hostileText } from "./property.ts";

/** The dotenv version of twilio-run. It has no types. */
const require = createRequire(import.meta.url);
const dotenv = require("dotenv") as { parse(text: string): Record<string, string> };

function read(text: string): Map<string, string> {
  const { variables } = parseEnvText(text);
  for (const value of Object.values(variables)) assert.equal(typeof value, "string");
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  return new Map(Object.entries(variables));
}

const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
  fc.constantFrom("exported", "export_", "A", "B", "constructor", "toString"),
);
/** Values that need no quotes. */
const plainValue = fc.stringMatching(/^[A-Za-z0-9_$@{}()[\]:;,.?/\\=+*!~^|<>&%-]{0,12}$/);

interface Line {
  readonly text: string;
  readonly name?: string;
  readonly value?: string;
}

const blanks = fc.constantFrom("", " ", "  ", "\t", " \t ");
const comment = fc.oneof(fc.constant(""), fc.stringMatching(/^ #[ A-Za-z0-9=]{0,8}$/));
const inner = fc.oneof(
  hostileText,
  fc.constantFrom("a\nB=2", "# no comment", "-----BEGIN-----\nab=\n", " x ", "\\n"),
  // Lines that would be variables outside quotes.
  fc
    .array(fc.tuple(fc.constantFrom("", "export ", " "), name, fc.constantFrom("= ", " =", "=x", "='")), {
      maxLength: 4,
    })
    .map((lines) => lines.map((parts) => parts.join("")).join("\n")),
);

function lineOf(write: (value: string) => { text: string; value: string } | undefined, values: fc.Arbitrary<string>) {
  return fc
    .tuple(name, values, fc.constantFrom("", "export ", "  ", "export\t"), blanks, blanks, comment)
    .map(([key, raw, before, left, right, after]): Line => {
      const written = write(raw);
      if (written === undefined) return { text: "" };
      return { text: `${before}${key}${left}=${right}${written.text}${after}`, name: key, value: written.value };
    });
}

const line: fc.Arbitrary<Line> = fc.oneof(
  lineOf((value) => ({ text: value, value }), plainValue),
  ...["'", '"', "`"].map((quote) =>
    lineOf((value) => {
      // A backslash before the closing quote would escape it.
      const text = value.toWellFormed().replaceAll(quote, "").replace(/\\+$/, "");
      const lines = text.replaceAll(/\r\n?/g, "\n");
      return { text: quote + text + quote, value: quote === '"' ? lines.replaceAll("\\n", "\n") : lines };
    }, inner),
  ),
  fc.constantFrom({ text: "" }, { text: "# A=1" }, { text: "   # 'x" }, { text: "   " }),
);

test("a file that follows the rules is read by the rules", () => {
  holds(
    fc.property(
      fc.array(line, { maxLength: 8 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.boolean(),
      (lines, end, hasMark) => {
        const model = new Map<string, string>();
        for (const each of lines) if (each.name !== undefined) model.set(each.name, each.value ?? "");
        assert.deepEqual(read((hasMark ? "\ufeff" : "") + lines.map(({ text }) => text).join(end)), model);
      },
    ),
    500,
  );
});

test("any value that fits into some quotes is read back unchanged", () => {
  holds(
    fc.property(fc.dictionary(name, inner, { maxKeys: 5, noNullPrototype: true }), (variables) => {
      const model = new Map<string, string>();
      const lines: string[] = [];
      for (const [key, raw] of Object.entries(variables)) {
        const value = raw.toWellFormed().replaceAll(/\r\n?/g, "\n");
        const quote = ["'", "`"].find((each) => !value.includes(each) && !value.endsWith("\\"));
        if (quote === undefined) continue;
        lines.push(`${key}=${quote}${value}${quote}`);
        model.set(key, value);
      }
      assert.deepEqual(read(lines.join("\n")), model);
    }),
    500,
  );
});

/** Pieces of lines that mean something to at least one reader. */
const pieces = [
  ["A", "B", "=", "=", " ", "\t", "\n", "\n", "\r\n", "#", '"', "'", "`", "\\", "\\n", "{", "}", "[", "]", ":", ","],
  ["export ", "x", "1", "\n\u00a0", "A=", "\nB=", '{"a":" #1"}', "\u2028", "\ufeff", "\r", '"x"', "'y z'"],
].flat();

test("a file without remarks is read by Twilio's tools in the same way", () => {
  holds(
    fc.property(fc.oneof(fc.string({ unit: fc.constantFrom(...pieces), maxLength: 24 }), hostileText), (text) => {
      const { variables, remarks } = parseEnvText(text);
      const kinds = new Set(remarks.map(({ kind }) => kind));
      if (kinds.has("difference") || kinds.has("unusable")) return;
      // For `dotenv` it is not a variable: it sets the prototype of the result.
      const { ["__proto__"]: _, ...ours } = variables;
      assert.deepEqual({ ...dotenv.parse(text) }, ours);
    }),
    3_000,
    [["A=1 #x"], ['A="x\nB=2'], ['A="x"y"'], ["A= #x"], ["\u00a0A\u00a0=\u00a0x\u00a0"]],
  );
});

test("any text is read without an error", () => {
  holds(
    fc.property(
      fc.oneof(
        hostileText,
        fc.array(hostileText).map((lines) => lines.join("\n")),
      ),
      (text) => {
        for (const key of read(text).keys()) assert.ok(!key.includes("\n"));
      },
    ),
    500,
    [["__proto__=1"], ['A="'], ["A='x\nB=1"], ["=\n==\n"], ["export"], ["export =1"]],
  );
});
