import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ledger } from "@offhook/runtime/errors";
import { codeUrl, docsUrl, repositoryUrl } from "../../src/page/docs-links.ts";

const root = new URL("../../../../", import.meta.url);

test("the page links to the repository that the package names", () => {
  const { homepage } = JSON.parse(readFileSync(new URL("packages/dashboard/package.json", root), "utf8")) as {
    homepage: string;
  };
  assert.equal(`${repositoryUrl}#readme`, homepage);
});

test("each error code leads to its heading in the reference", () => {
  const reference = readFileSync(new URL("docs/reference/errors.md", root), "utf8");
  for (const code of Object.keys(ledger)) {
    assert.equal(codeUrl(code), docsUrl(`reference/errors.md#${code}`));
    assert.ok(reference.includes(`\n### \`${code}\`\n`), code);
  }
});

test("numbers lead to Twilio's page, and text that is no code leads nowhere", () => {
  assert.equal(codeUrl(12100), "https://www.twilio.com/docs/api/errors/12100");
  assert.equal(codeUrl("12200"), "https://www.twilio.com/docs/api/errors/12200");
  for (const odd of ["", "javascript:alert(1)", "a b", "../x", "1"]) assert.equal(codeUrl(odd), undefined, odd);
});
