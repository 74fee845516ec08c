import assert from "node:assert/strict";
import { after, test } from "node:test";

import { readSiteFile } from "../src/site.ts";
import { closeBrowser, openPage } from "./open-page.ts";

after(closeBrowser);

test("the browser loads everything from the server itself", async (t) => {
  const { page, server } = await openPage(t);
  const loaded = await page.evaluate<string[]>("performance.getEntriesByType('resource').map(({ name }) => name)");
  const files = loaded.map((url) => new URL(url)).filter(({ pathname }) => !pathname.includes("/api/"));
  assert.ok(files.length > 30);
  for (const { origin, pathname } of files) {
    assert.equal(origin, server.url);
    assert.ok(readSiteFile(pathname.slice(1)) !== undefined, pathname);
  }
  assert.ok(files.some(({ pathname }) => pathname.endsWith("preact.mjs")));
  assert.ok(files.some(({ pathname }) => pathname.endsWith("detail.css")));
});

test("no path leads outside the page's folder", () => {
  for (const path of [
    "page/../site.ts",
    "page/%2e%2e/site.ts",
    "page/..%2fsite.ts",
    "page/requests/../../site.ts",
    "page//etc/passwd.css",
    "page/tsconfig.json",
    "page/",
    "page",
    "",
    "../package.json",
    "page/no-such-file.tsx",
    "page/a\u0000.css",
  ]) {
    assert.equal(readSiteFile(path), undefined, path);
  }
});
