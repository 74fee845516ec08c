/** The setting `sharedKeySecret`, from the server's settings to the check of a request. */
import assert from "node:assert/strict";
import { test } from "node:test";
import twilio from "twilio";
import { serve } from "../site.ts";

test("a request signed with the shared key is accepted, and no function sees the key", async (t) => {
  const secret = "hush-hush-hush";
  const site = await serve(
    t,
    {
      ".env": "AUTH_TOKEN=0123456789abcdef0123456789abcdef\n",
      "functions/p.protected.js": "callback(null, [event, context, process.env, process.argv, process.execArgv]);",
    },
    { sharedKeySecret: secret },
  );
  const form = { Body: "hi", From: "+15550100" };
  const signedBy = (key: string): string =>
    twilio.getExpectedTwilioSignature(key, `${site.url}/p`, form, twilio.HMAC_SHA256);
  const send = (signature: string, settings: string): ReturnType<typeof site.call> =>
    site.call("/p", {
      form,
      headers: { "x-twilio-signature": signature, "x-twilio-webhooks-signature-settings": settings },
    });
  const accepted = await send(signedBy(secret), "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256");
  assert.equal(accepted.status, 200);
  assert.match(accepted.text, /"Body":"hi"/);
  assert.doesNotMatch(accepted.text, /hush/);
  const refused = await send(signedBy("another"), "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256");
  assert.equal(refused.headers["x-offhook-error"], "signature-invalid");
  assert.doesNotMatch(JSON.stringify([refused.text, refused.rawHeaders, site.requests, site.output]), /hush/);
});
