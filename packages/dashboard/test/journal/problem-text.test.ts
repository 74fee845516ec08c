import assert from "node:assert/strict";
import { test } from "node:test";

import { exchangeText, rowText } from "../../src/journal/journal-text.ts";
import { makeExchange } from "./exchange.ts";

const problems = [
  { number: 12100, level: "error", text: "Write & as &amp;\u001b", line: 2, next: "Use Twilio.twiml." },
  { level: "warning", text: "<Say> is never reached" },
] as const;

test("a row has the number of the most serious problem of the reply", () => {
  assert.match(rowText(makeExchange(1, { problems })), / 200 +12 ms {2}TwiML 12100$/);
});

test("a request in full has all problems of its reply", () => {
  const text = exchangeText(makeExchange(1, { problems }));
  assert.ok(
    text.includes(
      [
        "Problems of the reply",
        "  error 12100: Write & as &amp;\\u001b (line 2)",
        "    Use Twilio.twiml.",
        "  warning <Say> is never reached",
        "",
      ].join("\n"),
    ),
    text,
  );
  assert.doesNotMatch(exchangeText(makeExchange(1)), /Problems/);
});
