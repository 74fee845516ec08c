import assert from "node:assert/strict";
import { test } from "node:test";

import type { SendRequest } from "../../src/api.ts";
import { signedIfPossible } from "../../src/page/signing.ts";
import { sampleProject } from "../sample-project.ts";

const project = sampleProject("http://localhost:3000");
const keyless = { ...project, variables: [{ name: "AUTH_TOKEN", hint: "empty" }] };

function isSigned(target: string, from: typeof project | undefined): boolean {
  const request: SendRequest = { target, method: "POST", isSigned: true };
  return signedIfPossible(request, from).isSigned;
}

test("the phone signs its requests if the project has a key", () => {
  assert.equal(isSigned("/sms", project), true);
  assert.equal(isSigned("/sms", undefined), true);
});

test("without a key, only requests that need a signature ask for one", () => {
  assert.equal(isSigned("/sms?a=1", keyless), false);
  assert.equal(isSigned("/unknown", keyless), false);
  assert.equal(isSigned("/status?a=1", keyless), true);
  assert.equal(signedIfPossible({ target: "/status", method: "POST", isSigned: false }, keyless).isSigned, false);
});
