import assert from "node:assert/strict";
import { test } from "node:test";
import { serve } from "../site.ts";

/** Reports what was loaded before its handler ran for the first time. */
const seeing = (mention: string): string => `
  const seen = () => Object.keys(require.cache);
  exports.handler = (context, event, callback) => {
    const files = seen();
    callback(null, {
      other: files.some((file) => file.endsWith("/other.js")),
      twilio: files.some((file) => file.includes("/twilio/")),
    });
    setInterval(() => {}, 1000); // so that the next call meets a spare
    ${mention}
  };`;

for (const [name, mention, expected] of [
  ["the service's functions and the twilio package", "if (event.never) new Twilio.twiml.VoiceResponse();", true],
  ["no twilio package if no function uses it", "", false],
] as const) {
  test(`a spare has loaded ${name}`, async (t) => {
    const site = await serve(t, {
      "functions/see.js": seeing(mention),
      "functions/other.js": "callback(null, 'other')",
    });
    const deadline = performance.now() + 20_000;
    let seen: unknown;
    // The first calls may arrive before a spare has loaded everything.
    do {
      seen = (await site.call("/see")).json();
      assert.ok(performance.now() < deadline, `not within the deadline: ${JSON.stringify(seen)}`);
    } while (JSON.stringify(seen) !== JSON.stringify({ other: true, twilio: expected }));
  });
}
