/**
 * Calls of the functions that `offhook init` writes.
 */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { TemplateName } from "../packages/cli/src/scaffold/template-names.ts";

export interface Call {
  readonly path: string;
  /** Sent as a form, if there are any. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly isSigned?: boolean;
  readonly status: number;
  readonly says: RegExp;
}

const refused = { status: 403, says: /Validation Failed/ };

/** Calls and their expected answers. */
export const calls: Readonly<Record<TemplateName, readonly Call[]>> = {
  sms: [
    { path: "/sms", parameters: { From: "+1", Body: "hours" }, isSigned: true, status: 200, says: /9 to 17/ },
    { path: "/sms", parameters: { From: "+1", Body: "hours" }, ...refused },
  ],
  voice: [
    { path: "/voice/welcome", parameters: { From: "+1" }, isSigned: true, status: 200, says: /<Gather / },
    { path: "/voice/menu", parameters: { Digits: "2" }, isSigned: true, status: 200, says: /<Record / },
    { path: "/voice/menu", parameters: { Digits: "2" }, ...refused },
  ],
  studio: [
    {
      path: "/studio/opening-hours",
      parameters: { department: "sales", at: "2026-01-05T12:00:00Z" },
      isSigned: true,
      status: 200,
      says: /"open":true/,
    },
    { path: "/studio/opening-hours", parameters: {}, ...refused },
  ],
  flex: [{ path: "/flex/find-customer", parameters: { phone: "+1" }, status: 403, says: /Token was not provided/ }],
  api: [
    { path: "/api/greeting?name=Ada", status: 200, says: /"Hello, Ada"/ },
    { path: "/api/greeting", status: 400, says: /Say who you are/ },
    { path: "/index.html", status: 200, says: /api\/greeting/ },
  ],
};

export async function makeCall(call: Call, url: string, authToken: string): Promise<void> {
  const { path, parameters, isSigned = false, status, says } = call;
  const pairs = Object.entries(parameters ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const signature = createHmac("sha1", authToken)
    .update(url + path + pairs.flat().join(""))
    .digest("base64");
  const reply = await fetch(url + path, {
    ...(parameters !== undefined && { method: "POST", body: new URLSearchParams(parameters) }),
    headers: isSigned ? { "x-twilio-signature": signature } : {},
  });
  const text = await reply.text();
  assert.equal(reply.status, status, `${path}: ${text}`);
  assert.match(text, says, path);
}

export async function authTokenOf(folder: string): Promise<string> {
  return parseEnv(await readFile(join(folder, ".env"), "utf8"))["AUTH_TOKEN"] ?? "";
}
