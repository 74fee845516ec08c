/**
 * An exchange as a test of its function: the same event must give the same reply.
 */
import { posix } from "node:path";

import type { Exchange } from "../api.ts";

import { mask } from "../mask.ts";

/** Errors that the author's code made. Others say that it did not run to its end, and a test could not repeat them. */
const ownErrors = new Set<string | undefined>([undefined, "handler-threw", "callback-error"]);

/** Whether a function replied, or failed with an error of its own. */
export function isTestable({ file, reply, code }: Exchange): boolean {
  return file !== undefined && reply !== undefined && ownErrors.has(code);
}

/**
 * Returns the source of a test file for `test/`. It runs with node:test and `@offhook/helpers/testing`.
 * Secrets are masked in it. If the function checks one, the author must put a real value into the event.
 * @returns undefined if no function has replied.
 */
export function functionTest(exchange: Exchange): string | undefined {
  const { file, reply, request, method, path } = exchange;
  if (file === undefined || reply === undefined) return undefined;
  const type = reply.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const event = JSON.stringify(request.event, undefined, 2);
  const masked = event.includes(mask) ? `  // ${mask} stands for a secret.\n` : "";
  return `const assert = require("node:assert/strict");
const { after, before, test } = require("node:test");
const { ${isXml(type) ? "assertTwiml, " : ""}callFunction, installGlobals } = require("@offhook/helpers/testing");

let subject, uninstall;
before(async () => {
  uninstall = installGlobals();
  // Loaded after installGlobals(): a function may use Runtime while it loads.
  subject = await import(${JSON.stringify(posix.join("..", file))});
});
after(() => uninstall());

// Variables that the function reads from its context.
const context = {};

test(${JSON.stringify(`${method} ${path} is answered with ${reply.status}`)}, async () => {
${masked}  const event = ${event.replaceAll("\n", "\n  ")};
  const reply = await callFunction(subject, { context, event });
  assert.equal(reply.status, ${reply.status});
${bodyAssertion(reply.body.text, type, reply.body.isCut || reply.body.encoding === "base64")}});
`;
}

function bodyAssertion(text: string, type: string, isPartial: boolean): string {
  if (isPartial || text === "" || text.includes(mask)) return "";
  if (isXml(type)) return `  assertTwiml(reply, ${JSON.stringify(text)});\n`;
  if (/^application\/(?:[\w.-]+\+)?json\b/.test(type)) {
    try {
      const value = JSON.stringify(JSON.parse(text), undefined, 2).replaceAll("\n", "\n  ");
      return `  assert.deepEqual(reply.json(), ${value});\n`;
    } catch {
      // It is not JSON.
    }
  }
  return `  assert.equal(reply.body, ${JSON.stringify(text)});\n`;
}

function isXml(type: string): boolean {
  return /^(?:text|application)\/xml\b/.test(type);
}
