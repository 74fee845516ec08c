import assert from "node:assert/strict";
import { test } from "node:test";

import { exchangeText } from "../../src/journal/journal-text.ts";
import { makeExchange } from "./exchange.ts";

test("a refused request is printed with the reason, the next step, the diagnosis and the fix", () => {
  const { request } = makeExchange(1);
  const text = exchangeText(
    makeExchange(1, {
      status: 403,
      code: "signature-invalid",
      explanation: { message: "Twilio Request Validation Failed", next: "Check AUTH_TOKEN." },
      signatureDiagnosis: {
        explanation: ["Checked against http://localhost/sms with AUTH_TOKEN from .env."],
        candidates: [
          { url: "http://localhost/sms", reason: "the URL that was checked", isValid: false },
          { url: "https://a.org/sms", reason: "from Host", isValid: true },
        ],
        fix: "--public-url https://a.org",
      },
      request: { ...request, unreadBody: "it is larger than the limit" },
    }),
  );
  for (const part of [
    "What went wrong\n  Twilio Request Validation Failed (signature-invalid)\n  Check AUTH_TOKEN.",
    "Signature\n  Checked against http://localhost/sms with AUTH_TOKEN from .env.",
    "  not valid  http://localhost/sms  (the URL that was checked)\n  valid      https://a.org/sms  (from Host)",
    "  Fix: offhook dev --public-url https://a.org",
    "  (The body was not read: it is larger than the limit.)",
  ]) {
    assert.ok(text.includes(part), `${part}\n${text}`);
  }
  assert.ok(!text.includes("Body=Hello"));
});

test("without a signature, the URL and the key that one needs are printed", () => {
  const signatureDiagnosis = {
    checkedUrl: "http://localhost/sms",
    tokenVariable: "AUTH_TOKEN from .env",
    candidates: [],
    explanation: ["The request has no X-Twilio-Signature header."],
  };
  const text = exchangeText(makeExchange(1, { signatureDiagnosis }));
  assert.match(text, /Signatures must cover http:\/\/localhost\/sms, with AUTH_TOKEN from \.env as the key\./);
});

test("the lines around a failure are printed, and the failing one is marked", () => {
  const lines = [
    { number: 9, text: "a();", isFailing: false },
    { number: 10, text: "b();\u001b[31m", isFailing: true },
  ];
  const text = exchangeText(makeExchange(1, { source: { file: "functions/a.js", line: 10, lines } }));
  assert.match(text, /functions\/a\.js:10\n {4} 9 │ a\(\);\n {2}> 10 │ b\(\);/);
  assert.ok(!text.includes("\u001b"));
});
