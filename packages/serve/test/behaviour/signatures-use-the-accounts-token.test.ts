/** Twilio signs with the account's token, whether or not functions get it. The URL has the environment's own host name. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { changeAuthToken } from "../../src/operators/accounts.ts";
import { withOffice } from "../../src/operators/office.ts";
import { accountSid, authToken, deployNew, startHosting, type Hosting } from "../hosting.ts";

const protectedFunction = {
  kind: "Functions",
  path: "/sms",
  visibility: "protected",
  content: "exports.handler = (c, e, cb) => cb(null, String(c.AUTH_TOKEN));",
} as const;

for (const scheme of ["http", "https"] as const) {
  test(`a signature for the ${scheme} URL of the environment is accepted, and no other`, async (t) => {
    const hosting = await startHosting(t, { settings: { publicScheme: scheme } });
    const { service, domain } = await deployNew(hosting, "shop", [protectedFunction]);
    const other = await deployNew(hosting, "other", [protectedFunction]);
    await hosting.api("POST", `/v1/Services/${service}`, { IncludeCredentials: "false" });
    const url = `${scheme}://${domain}/sms?x=1`;
    await until(async () => (await signed(hosting, domain, url, authToken)).text === "undefined");
    for (const [host, signedUrl, token, headers] of [
      [domain, url, "another token", {}],
      [domain, `${scheme}://${domain}/sms?x=2`, authToken, {}],
      [domain, `${scheme === "http" ? "https" : "http"}://${domain}/sms?x=1`, authToken, {}],
      // A request that Twilio signed for another environment.
      [domain, `${scheme}://${other.domain}/sms?x=1`, authToken, {}],
      [domain, `${scheme}://${other.domain}/sms?x=1`, authToken, { "x-forwarded-host": other.domain }],
    ] as const) {
      assert.equal((await signed(hosting, host, signedUrl, token, headers)).status, 403, signedUrl);
    }
    assert.equal((await hosting.call(domain, "/sms?x=1")).status, 403);
    // A rotated token counts within a second.
    await withOffice(hosting.settings.dataFolder, undefined, async (office) => {
      await changeAuthToken(await office.unlocked(), accountSid, "the rotated token");
    });
    await until(async () => (await signed(hosting, domain, url, "the rotated token")).status === 200);
    assert.equal((await signed(hosting, domain, url, authToken)).status, 403);
  });
}

function signed(
  hosting: Hosting,
  host: string,
  url: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): ReturnType<Hosting["call"]> {
  const signature = createHmac("sha1", token).update(url).digest("base64");
  return hosting.call(host, "/sms?x=1", { headers: { "x-twilio-signature": signature, ...headers } });
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 20));
}
