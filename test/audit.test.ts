import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeAudit } from "../scripts/audit-verdict.ts";

const report = (severity: string): string =>
  JSON.stringify({ auditReportVersion: 2, vulnerabilities: { bad: { name: "bad", severity, range: "<1.2.3" } } });

test("a high vulnerability of a dependency fails the audit, a low one is only reported", () => {
  for (const severity of ["high", "critical"]) {
    assert.deepEqual(judgeAudit(report(severity)), { isSafe: false, lines: [`${severity}: bad <1.2.3`] });
  }
  assert.deepEqual(judgeAudit(report("moderate")), { isSafe: true, lines: ["moderate: bad <1.2.3"] });
  assert.equal(judgeAudit('{"auditReportVersion":2,"vulnerabilities":{}}').isSafe, true);
});

test("a missing audit is reported", () => {
  for (const answer of ["", "no JSON", '{"message":"405 Method Not Allowed","statusCode":405}']) {
    assert.match(judgeAudit(answer).lines.join(), /nothing was checked/);
  }
});
