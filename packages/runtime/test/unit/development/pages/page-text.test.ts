import assert from "node:assert/strict";
import { test } from "node:test";
import { PageText, secretsOf } from "../../../../src/development/pages/page-text.ts";
import { nextOnPage } from "../../../../src/development/pages/failure-page.ts";
import { ledger } from "../../../../src/errors.ts";
import type { Exchange } from "../../../../src/gateway/exchange.ts";

const variables = {
  AUTH_TOKEN: "0123456789abcdef",
  PIN_SECRET: "12345",
  DATABASE: "postgres://me:<pass>@db/1",
  MODE: "dev",
  ACCOUNT_SID: "ACfedcba9876543210fedcba9876543210",
  NUMBER: "+15005550006",
};

function exchangeOf(rawHeaders: string[], query = "", form = ""): Exchange {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { request: { rawHeaders, headers }, query, body: Buffer.from(form) } as unknown as Exchange;
}

test("secret variables are masked in each spelling, and text is escaped", () => {
  const text = new PageText(secretsOf(variables, exchangeOf([])));
  assert.equal(text.html("<b> 0123456789abcdef"), "&lt;b&gt; (not shown)");
  assert.equal(text.html("postgres://me:<pass>@db/1"), "(not shown)");
  assert.equal(text.masked(encodeURIComponent(variables.DATABASE)), "(not shown)");
  const shown = `dev 12345 ${variables.ACCOUNT_SID} +15005550006`;
  assert.equal(text.masked(shown), shown);
});

test("values that the caller sent under a secret name are masked everywhere", () => {
  const headers = [
    "Authorization",
    "Bearer abcdef123",
    "Cookie",
    "theme=dark; session=s3ss10n-id",
    "X-Api-Key",
    "key-123",
  ];
  const text = new PageText(secretsOf({}, exchangeOf(headers, "Token=query-token&name=Ada", "password=p%40ssw0rd")));
  for (const secret of ["abcdef123", "s3ss10n-id", "key-123", "query-token", "p@ssw0rd", "p%40ssw0rd"]) {
    assert.equal(text.masked(`a ${secret} b`), "a (not shown) b");
  }
  assert.equal(text.masked("Bearer session theme Ada"), "Bearer session theme Ada");
});

test("no next step on a page speaks of what only the log shows, if the page shows it", () => {
  for (const entry of Object.values(ledger)) {
    if (!("status" in entry)) continue;
    assert.doesNotMatch(nextOnPage(entry.next), /in the log, or|the log shows|The log names/);
  }
  assert.match(nextOnPage(ledger["handler-threw"].next), /top of the stack trace, or catch/);
});
