import assert from "node:assert/strict";
import { test } from "node:test";
import { ledger } from "@offhook/runtime/errors";
import { commandErrors } from "../packages/runtime/src/ledger/commands.ts";
import { functionErrors } from "../packages/runtime/src/ledger/functions.ts";
import { requestErrors } from "../packages/runtime/src/ledger/requests.ts";
import { servingErrors } from "../packages/runtime/src/ledger/serving.ts";
import { pages, proseOf } from "./markdown.ts";
import { assertUpToDate, generatedParts } from "./reference-pages.ts";

const codes = Object.keys(ledger);

for (const part of generatedParts().filter(({ page }) => page.endsWith("errors.md"))) {
  test(`the part "${part.name}" of the page of errors agrees with the ledger`, () => assertUpToDate(part));
}

test("the page of errors has a heading for each code of the ledger, and no others", () => {
  const [page] = pages("docs/reference/errors.md");
  const headings = [...(page?.text ?? "").matchAll(/^### `(.+)`$/gm)].map((match) => match[1]);
  assert.deepEqual(new Set(headings), new Set(codes));
  assert.equal(headings.length, codes.length);
});

test("no page links to a code that the ledger does not have", () => {
  for (const page of pages("*.md", "docs/**/*.md", "examples/*/README.md")) {
    for (const [, code = ""] of proseOf(page).matchAll(/errors\.md#([a-z-]+)/g)) {
      assert.ok(codes.includes(code), `${page.path} links to ${code}`);
    }
  }
});

test("each code is in a part of the ledger that has a provocation test", () => {
  // `provoked-errors/` has a test file for each of them.
  const provoked = [requestErrors, functionErrors, servingErrors, commandErrors].flatMap((part) => Object.keys(part));
  assert.deepEqual(provoked.toSorted(), codes.toSorted());
});
