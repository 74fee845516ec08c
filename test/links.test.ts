import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { pages, proseOf } from "./markdown.ts";
import { repository } from "./offhook-process.ts";

/** The anchor that GitHub gives a heading. */
function anchorOf(heading: string): string {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
}

function anchorsOf(file: string): Set<string> {
  const prose = proseOf({ path: file, text: readFileSync(file, "utf8") });
  return new Set([...prose.matchAll(/^#{1,6} (.+)$/gm)].map((match) => anchorOf(match[1] ?? "")));
}

for (const page of pages("*.md", "docs/**/*.md", "examples/**/*.md", "packages/*/*.md", "conformance/*.md")) {
  test(`${page.path}: its links have targets`, () => {
    for (const [, target = ""] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? join(repository, page.path) : join(repository, dirname(page.path), path);
      assert.ok(existsSync(file), `${target}: there is no such file`);
      if (anchor !== undefined) assert.ok(anchorsOf(file).has(anchor), `${target}: there is no such heading`);
    }
  });
}
