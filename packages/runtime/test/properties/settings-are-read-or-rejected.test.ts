/** Settings (docs/reference/settings.md): any value gives a setting of its kind or an error of the ledger. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isOffhookError } from "../../src/offhook-error.ts";
import { resolveSettings, type Settings, type SettingSources } from "../../src/settings/settings.ts";
import { settingRows } from "../../src/settings/setting-table.ts";
import { holds, hostileText } from "./property.ts";

/** Values as flags and variables have them, and as a file has them. */
const written = fc.oneof(
  hostileText,
  fc
    .tuple(fc.oneof(fc.nat(), fc.double(), fc.maxSafeNat()), fc.constantFrom("", "ms", "s", "d", " kb", "GB", "m", "x"))
    .map((parts) => parts.join("")),
  fc.constantFrom(
    "",
    "0",
    "-1",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "\u0661",
    "99999999999999999999999",
    "true",
    "off",
    "::1",
    "[::1]",
    "10.0.0.0/8",
  ),
  fc.constantFrom(
    "http://[",
    "https://a b",
    "http://user@h",
    "javascript:1",
    "http://h/path",
    "loopback",
    "/",
    "//",
    "1".repeat(5_000),
  ),
);
/** Values that a JSON5 file can hold. */
const value = fc.oneof(
  written,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, null, true, false),
  fc.dictionary(
    fc.constantFrom("toString", "valueOf", "toJSON", "length", "0", "__proto__"),
    fc.jsonValue({ maxDepth: 1 }),
    {
      noNullPrototype: true,
    },
  ),
  fc.array(written, { maxLength: 3 }),
);
const rows = settingRows();
const row = (key: string): (typeof rows)[number] => rows.find(([each]) => each === key) as (typeof rows)[number];
const source = fc.constantFrom("flags", "environment", "file");

function assertKind(settings: Settings): void {
  for (const [key, each] of rows) {
    const found: unknown = settings[key];
    if (typeof each.default === "number") {
      assert.ok(typeof found === "number" && !Number.isNaN(found) && found >= 0, `${key}: ${String(found)}`);
      assert.ok(found === Infinity || Number.isSafeInteger(found), `${key}: ${String(found)}`);
    }
    if (each.unit === "ms" && found !== Infinity) assert.ok((found as number) <= 2_147_483_647, key);
    if (typeof each.default === "boolean") assert.equal(typeof found, "boolean", key);
    // The path of the health URL is the exception: it is never passed to a system call.
    if (typeof found === "string" && key !== "healthPath") assert.ok(!found.includes("\0"), key);
  }
}

test("any value of any setting, from any source, is read or refused with the setting's name", () => {
  holds(
    fc.property(fc.constantFrom(...rows), source, value, ([key, { flag, variables }], from, given) => {
      const text = typeof given === "string" ? given : JSON.stringify(given);
      const sources: SettingSources =
        from === "flags"
          ? { flags: { [flag.slice(2)]: given } }
          : from === "file"
            ? { file: { [key]: given } }
            : { environment: { [variables[0]]: text } };
      try {
        assertKind(resolveSettings(sources));
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.ok(isOffhookError(error), String((error as Error).stack));
        assert.equal(error.code, "setting-invalid");
        assert.ok(error.detail.includes(from === "flags" ? flag : from === "file" ? key : variables[0]));
      }
    }),
    1_500,
    [
      [row("log"), "file", { toString: 1 }],
      [row("accessLog"), "file", { toString: null, valueOf: 0 }],
    ],
  );
});

test("any key of a file, and any flag, is a setting or an error with its name", () => {
  holds(
    fc.property(
      fc.dictionary(hostileText, hostileText, { maxKeys: 3, noNullPrototype: true }),
      fc.boolean(),
      (entries, isFlags) => {
        try {
          assertKind(resolveSettings(isFlags ? { flags: entries } : { file: entries }));
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          assert.ok(isOffhookError(error), String((error as Error).stack));
          assert.ok(["setting-invalid", "setting-unknown"].includes(error.code));
        }
      },
    ),
    100,
    [[JSON.parse('{"__proto__":"1"}') as Record<string, string>, false]],
  );
});

test("numbers, times and sizes are read back with the same value in every unit", () => {
  const resolved = (variable: string, text: string): Settings => resolveSettings({ environment: { [variable]: text } });
  const blank = fc.constantFrom("", " ", "  ");
  const upper = fc.boolean();
  holds(
    fc.property(fc.integer({ min: 1, max: 24 }), blank, upper, (days, between, isUpper) => {
      const write = (amount: number, unit: string): string =>
        `${amount}${between}${isUpper ? unit.toUpperCase() : unit}`;
      const ms = days * 86_400_000;
      for (const [amount, unit] of [
        [ms, ""],
        [ms, "ms"],
        [ms / 1_000, "s"],
        [ms / 60_000, "m"],
        [ms / 3_600_000, "h"],
        [days, "d"],
      ] as const) {
        assert.equal(resolved("OFFHOOK_TIMEOUT", write(amount, unit)).timeout, ms, write(amount, unit));
      }
      const bytes = days * 2 ** 30;
      for (const [amount, unit] of [
        [bytes, ""],
        [bytes, "b"],
        [bytes / 2 ** 10, "kb"],
        [bytes / 2 ** 20, "mb"],
        [days, "gb"],
      ] as const) {
        assert.equal(resolved("OFFHOOK_REQUEST_LIMIT", write(amount, unit)).requestLimit, bytes, write(amount, unit));
      }
    }),
    50,
  );
  holds(
    fc.property(fc.nat(65_535), (port) => {
      assert.equal(resolved("PORT", ` ${port} `).port, port);
      assert.equal(resolveSettings({ file: { port } }).port, port);
    }),
    100,
  );
});
