/** Requests that `invoke --signed` and the dashboard sign. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signed } from "../../src/webhook/signing.ts";

const form = "application/x-www-form-urlencoded";

test("a form that has no signature is refused with every possible reason", () => {
  const latin1 = Buffer.from("name=Ren\u00e9", "latin1");
  for (const [type, body] of [
    [form, Buffer.from("a=1&".repeat(1_001))],
    [`${form}; charset=unknown`, Buffer.from("a=1")],
    [form, latin1],
  ] as const) {
    const request = {
      method: "POST",
      target: "/p",
      query: "",
      headers: { host: "localhost", "content-type": type },
      body,
    };
    assert.throws(
      () => signed(request, undefined, "a token"),
      /more than 1,000 parameters, or its text is invalid in its charset/,
    );
  }
  const headers = { host: "localhost", "content-type": `${form}; charset=iso-8859-1` };
  const made = signed({ method: "POST", target: "/p", query: "", headers, body: latin1 }, undefined, "a token");
  assert.match(made.headers["x-twilio-signature"] ?? "", /=$/);
});
