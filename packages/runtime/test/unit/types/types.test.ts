/**
 * The types describe what the worker creates. The objects below must name every key of a type, which the compiler
 * checks. The test checks the rest.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { installGlobals } from "../../../src/worker/globals.ts";
import { buildContext } from "../../../src/worker/context.ts";
import { TwilioPackage } from "../../../src/worker/twilio-package.ts";
import { TwilioResponse } from "../../../src/worker/twilio-response.ts";
import type { Context, Runtime, TwilioResponse as DeclaredResponse } from "../../../src/types/types.cjs";
import { bareSetup } from "../worker/setup-fixture.ts";

type Credentials = "ACCOUNT_SID" | "AUTH_TOKEN";
const inContext: Readonly<Record<Exclude<keyof Context<object>, Credentials>, string>> = {
  DOMAIN_NAME: "string",
  PATH: "string",
  SERVICE_SID: "string",
  ENVIRONMENT_SID: "string",
  getTwilioClient: "function",
  signal: "object",
  getRemainingTimeInMillis: "function",
};
const inResponse: Readonly<Record<keyof DeclaredResponse, string>> = {
  setStatusCode: "function",
  setBody: "function",
  appendHeader: "function",
  setHeaders: "function",
  setCookie: "function",
  removeCookie: "function",
};
const inRuntime: Readonly<Record<keyof Runtime, string>> = {
  getFunctions: "function",
  getAssets: "function",
  getSync: "function",
};

function assertHolds(value: object, kinds: Readonly<Record<string, string>>): void {
  const found = Object.keys(kinds).map((key) => [key, typeof (value as Record<string, unknown>)[key]]);
  assert.deepEqual(Object.fromEntries(found), kinds);
}

const twilio = new TwilioPackage(bareSetup);

test("the context of a function has all properties of its type, and no others", () => {
  const { signal } = new AbortController();
  const additions = { signal, getRemainingTimeInMillis: () => 7 };
  const invoke = { kind: "invoke", id: 1, function: "f", path: "/f", query: "", domain: "host", headers: [] } as const;
  const context = buildContext({ ...invoke, headers: [] }, bareSetup, twilio, additions);
  assertHolds(context, inContext);
  assert.deepEqual(Object.getOwnPropertyNames(context).toSorted(), Object.keys(inContext).toSorted());
});

test("a response has all properties of its type", () => {
  const response: DeclaredResponse = new TwilioResponse();
  assertHolds(response, inResponse);
  const methods = Object.getOwnPropertyNames(TwilioResponse.prototype).filter((name) => name !== "constructor");
  assert.deepEqual(methods.toSorted(), Object.keys(inResponse).toSorted());
});

test("Runtime has all properties of its type, and no others", () => {
  const name = "Runtime";
  installGlobals(bareSetup, twilio);
  const runtime = (globalThis as unknown as Record<typeof name, object>)[name];
  assertHolds(runtime, inRuntime);
  assert.deepEqual(Object.keys(runtime).toSorted(), Object.keys(inRuntime).toSorted());
});
