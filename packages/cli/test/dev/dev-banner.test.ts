import assert from "node:assert/strict";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";

import type { BannerContent } from "../../src/banner.ts";
import { devBanner } from "../../src/dev/dev-banner.ts";
import { fullList } from "../../src/dev/function-list.ts";
import { publicUrls } from "../../src/dev/tunnel/public-urls.ts";
import { keyWords } from "../../src/dev/terminal/keys.ts";
import { createPalette } from "../../src/screen/palette.ts";

const url = "http://localhost:3000";

function serviceOf(paths: Readonly<Record<string, string>>): BannerContent["service"] {
  const functions = Object.entries(paths).map(([path, visibility]) => ({ kind: "function", path, visibility }));
  return { folder: "/home/ada/my replies", functions, assets: [] } as unknown as BannerContent["service"];
}

const small = serviceOf({ "/a": "public", "/lib": "private", "/sms/reply": "protected" });
const large = serviceOf({
  ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`/f${String(index).padStart(2, "0")}`, "public"])),
  "/lib": "private",
  "/voice": "protected",
});

function linesOf(content: Partial<BannerContent>): string[] {
  const banner = devBanner({
    version: "1.0.0",
    service: small,
    url,
    dashboard: "http://127.0.0.1:3001/?code=x",
    warnings: [],
    startedInMs: 7,
    ...content,
  });
  assert.ok(banner.endsWith("\n"));
  return banner.slice(0, -1).split("\n");
}

const screen = (columns: number, rows: number, isColored = false): BannerContent["screen"] => ({
  isColored,
  columns,
  rows,
});

test("the dashboard comes first, then all functions: protected ones first, private ones without a URL", () => {
  assert.deepEqual(linesOf({ keys: keyWords, screen: screen(80, 24) }), [
    "Dashboard: http://127.0.0.1:3001/?code=x",
    "Offhook 1.0.0 dev, ready in 7 ms: http://localhost:3000",
    "  2 functions, 1 private function in /home/ada/my replies",
    "  http://localhost:3000/sms/reply  (protected)",
    "  http://localhost:3000/a",
    "  /lib                             (private)",
    "  Changes are live when saved. Press a key, or Ctrl+C to stop:",
    "  o dashboard  r replay  s restart  d details  l list  c clear  q quit  h help",
  ]);
});

test("with a public URL, the banner lists the public URLs", () => {
  const lines = linesOf({ publicUrl: "https://example.org" });
  assert.ok(lines.includes("Public: https://example.org"));
  assert.ok(lines.includes("  https://example.org/sms/reply  (protected)"));
});

for (const rows of [8, 12, 24, 40]) {
  for (const columns of [40, 80, 110]) {
    test(`a long list fits into a window of ${columns} by ${rows}, and the counts add up`, () => {
      const lines = linesOf({ service: large, keys: keyWords, screen: screen(columns, rows) });
      for (const line of lines) assert.ok(line.length <= columns, line);
      if (rows > 12) assert.equal(lines.length, rows - 1);
      const urls = lines.filter((line) => /^ {2}http:.*\/(?:f\d\d|voice)/.test(line));
      assert.match(urls[0] ?? "", /\/voice/);
      const [, rest = 0, privates = 0] = /… and (\d+) more(?: \((\d+) private\))?/.exec(lines.join(" ")) ?? [];
      assert.equal(urls.length + Number(rest), 42);
      assert.equal(Number(privates), 1);
    });
  }
}

test("without keys, the list is complete", () => {
  const lines = linesOf({ service: large, screen: screen(80, 10) });
  assert.equal(lines.filter((line) => line.includes("localhost:3000/")).length, 41);
  assert.equal(lines.at(-1), "  Changes are live when saved. Press Ctrl+C to stop.");
});

test("a key stays with its word in a narrow window", () => {
  const lines = linesOf({ keys: keyWords, screen: screen(40, 30) });
  assert.deepEqual(lines.slice(-3), [
    "  o dashboard  r replay  s restart",
    "  d details  l list  c clear  q quit",
    "  h help",
  ]);
});

test("colours change no text", () => {
  const colored = linesOf({ keys: keyWords, screen: screen(60, 24, true), warnings: ["one"] });
  assert.ok(colored.join("\n").includes("\u001b[36mhttp://localhost:3000/a\u001b[39m"));
  assert.deepEqual(
    colored.map((line) => stripVTControlCharacters(line)),
    linesOf({ keys: keyWords, screen: screen(60, 24), warnings: ["one"] }),
  );
});

test("the list of public URLs has no private functions, and starts with the protected ones when it is cut", () => {
  const lines = publicUrls("https://example.org", large, 5).split("\n");
  assert.deepEqual(lines, [
    "Public: https://example.org",
    "  https://example.org/voice  (protected)",
    "  https://example.org/f00",
    "  https://example.org/f01",
    "  https://example.org/f02",
    "  … and 37 more: press l",
  ]);
  assert.equal(publicUrls("https://example.org", large).split("\n").length, 42);
});

test("the full list has everything", () => {
  const text = fullList(large, url, createPalette(false));
  assert.equal(text.match(/localhost:3000\//g)?.length, 41);
  assert.match(text, /^ {2}\/lib +\(private\)$/m);
});
