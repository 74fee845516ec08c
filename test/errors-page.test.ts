import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ledger } from "@offhook/runtime/errors";
import { codeBlocks, pages, proseOf } from "./markdown.ts";
import { repository } from "./offhook-process.ts";
import { assertUpToDate, generatedParts } from "./reference-pages.ts";

const codes = Object.keys(ledger);

for (const part of generatedParts().filter(({ page }) => page.endsWith("errors.md"))) {
  test(`the part "${part.name}" of the page of errors is what the ledger says`, () => assertUpToDate(part));
}

test("the page of errors has a heading for each code of the ledger and for no other", () => {
  const [page] = pages("docs/reference/errors.md");
  const headings = [...(page?.text ?? "").matchAll(/^### `(.+)`$/gm)].map((match) => match[1]);
  assert.deepEqual(new Set(headings), new Set(codes));
  assert.equal(headings.length, codes.length);
});

test("no page speaks of a code that the ledger does not have", () => {
  for (const page of pages("*.md", "docs/**/*.md", "examples/*/README.md")) {
    for (const [, code = ""] of proseOf(page).matchAll(/errors\.md#([a-z-]+)/g)) {
      assert.ok(codes.includes(code), `${page.path} speaks of ${code}`);
    }
  }
});

test("each code is provoked by a test", () => {
  const files = globSync(["packages/*/test/**/*.ts", "conformance/**/*.ts", "test/**/*.ts"], {
    cwd: repository,
    exclude: ["**/node_modules/**"],
  });
  // Commands in the documentation are run by a test, and what they print is compared.
  const commands = pages("docs/**/*.md")
    .flatMap(codeBlocks)
    .filter(({ language }) => language === "console");
  const text = [
    // The generator of the page names codes without provoking them.
    ...files
      .filter((file) => !file.endsWith("reference-pages.ts"))
      .map((file) => readFileSync(join(repository, file), "utf8")),
    ...commands.flatMap(({ lines }) => lines),
  ].join("\n");
  const unprovoked = codes.filter((code) => !new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(text));
  assert.deepEqual(unprovoked, []);
});
