/**
 * An exchange as a test of its function: the same event must give the same reply, or the same error.
 */
import { posix } from "node:path";

import { parseTwiml } from "@offhook/helpers/testing";

import type { Exchange } from "../api.ts";
import { hasMask, readMasks } from "../mask.ts";

/** How the test is written. The defaults fit a plain CommonJS project. */
export interface TestStyle {
  readonly language?: "commonjs" | "esm" | "typescript";
  /** Whether the project has variables, so that the context needs them. */
  readonly hasVariables?: boolean;
  /** Whether the function reads `event.request`. The event then has the headers. */
  readonly readsRequest?: boolean;
  /** Relative to the project. */
  readonly folder?: string;
}

/** Errors that the author's code made. With others it did not run to its end, and a test could not repeat them. */
const ownErrors = new Set<string | undefined>([undefined, "handler-threw", "callback-error"]);

/** Whether a function replied, or failed with an error of its own. */
export function isTestable({ file, reply, code }: Exchange): boolean {
  return file !== undefined && reply !== undefined && ownErrors.has(code);
}

/**
 * Returns the source of a test file. It runs with node:test and `@offhook/helpers/testing`, in the project's folder.
 * Variables are read from `.env`. Other secrets are masked: if the function checks one, the author must put a real value
 * into the event.
 * @returns undefined if there is nothing to test.
 */
export function functionTest(exchange: Exchange, style: TestStyle = {}): string | undefined {
  const { file } = exchange;
  if (file === undefined || !isTestable(exchange)) return undefined;
  const { hasVariables = false, folder = "test", language = "commonjs" } = style;
  const event = eventText(exchange, style);
  const masked = hasMask(event) ? "  // ••• stands for a secret.\n" : "";
  const assertions = assertionsOf(exchange);
  const imports: readonly (readonly [names: string, module: string])[] = [
    ["assert", "node:assert/strict"],
    ...(hasVariables ? ([["{ existsSync, readFileSync }", "node:fs"]] as const) : []),
    ["{ after, test }", "node:test"],
    ...(hasVariables ? ([["{ parseEnv }", "node:util"]] as const) : []),
    [
      `{ ${assertions.includes("assertTwiml(") ? "assertTwiml, " : ""}callFunction, installGlobals }`,
      "@offhook/helpers/testing",
    ],
  ];
  const context = hasVariables ? 'existsSync(".env") ? parseEnv(readFileSync(".env", "utf8")) : {}' : "{}";
  return `${imports.map(([names, module]) => importText(language, names, module)).join("\n")}

// A function may use Runtime while it loads, so it is loaded after installGlobals().
const load = () => import(${JSON.stringify(posix.relative(folder, file))});
const uninstall = installGlobals();
after(() => uninstall());

// Variables that the function reads from its context.
const context${language === "typescript" ? ": Record<string, string | undefined>" : ""} = ${context};

test(${JSON.stringify(titleOf(exchange))}, async () => {
${masked}  const event = ${event.replaceAll("\n", "\n  ")};
${assertions}});
`;
}

function importText(language: TestStyle["language"], names: string, module: string): string {
  return language === "commonjs"
    ? `const ${names} = require(${JSON.stringify(module)});`
    : `import ${names} from ${JSON.stringify(module)};`;
}

function titleOf({ method, path, status, code }: Exchange): string {
  return code === "handler-threw" ? `${method} ${path} throws` : `${method} ${path} replies ${status}`;
}

const call = "callFunction(await load(), { context, event })";

function assertionsOf({ reply, code, detail = "" }: Exchange): string {
  const message = messageOf(detail);
  if (code === "handler-threw") {
    const expected = message === undefined ? "" : `, { message: ${JSON.stringify(message)} }`;
    return `  await assert.rejects(${call}${expected});\n`;
  }
  const made = `  const reply = await ${call};\n  assert.equal(reply.status, ${reply?.status});\n`;
  if (code === "callback-error" && detail !== "")
    return message === undefined
      ? made
      : `${made}  assert.throws(() => {\n    throw reply.error;\n  }, { message: ${JSON.stringify(message)} });\n`;
  return made + (reply === undefined ? "" : bodyAssertion(reply));
}

/**
 * The message of an error from its stack.
 * @returns undefined if it is not certain, or if it is not the same on each machine.
 */
function messageOf(detail: string): string | undefined {
  const [head = "", ...frames] = detail.split(/\n {4}at /);
  const message = /^[\w$.]*Error(?: \[\w+\])?: ([^]+)$/.exec(head)?.[1];
  const isLocal = message === undefined || /(?:^|[\s'"(])(?:\/|[A-Za-z]:\\|file:)/.test(message);
  return frames.length === 0 || isLocal || hasMask(message) ? undefined : message;
}

function bodyAssertion({ headers, body }: NonNullable<Exchange["reply"]>): string {
  const type = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  const { text } = body;
  if (body.isCut || body.encoding === "base64" || text === "" || hasMask(text)) return "";
  if (/^(?:text|application)\/xml\b/.test(type) && isTwiml(text))
    return `  assertTwiml(reply, ${JSON.stringify(text)});\n`;
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

/** Whether `assertTwiml()` can compare it with another document. */
function isTwiml(text: string): boolean {
  try {
    parseTwiml(text);
    return true;
  } catch {
    return false;
  }
}

/** The event as source text. */
function eventText({ request }: Exchange, { readsRequest = false, hasVariables = false }: TestStyle): string {
  const known = request.headers.filter(([, value]) => !hasMask(value));
  const headers = Object.fromEntries(known.map(([name, value]) => [name.toLowerCase(), value]));
  const event = readsRequest ? { request: { headers, cookies: {} }, ...request.event } : request.event;
  return sourceOf(event, hasVariables, "");
}

/** @param hasContext whether masks of variables can be read from the context. */
function sourceOf(value: unknown, hasContext: boolean, indent: string): string {
  const inner = `${indent}  `;
  const list = (parts: readonly string[], open: string, close: string): string =>
    parts.length === 0 ? open + close : `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
  if (Array.isArray(value))
    return list(
      value.map((each) => sourceOf(each, hasContext, inner)),
      "[",
      "]",
    );
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(
      // `"__proto__": value` would set the prototype.
      ([key, each]) =>
        `${key === "__proto__" ? '["__proto__"]' : JSON.stringify(key)}: ${sourceOf(each, hasContext, inner)}`,
    );
    return list(entries, "{", "}");
  }
  return typeof value === "string" && hasContext ? textSource(value) : JSON.stringify(value);
}

function textSource(text: string): string {
  const { literals, masks } = readMasks(text);
  if (masks.length === 0 || masks.includes(undefined)) return JSON.stringify(text);
  const parts = literals.flatMap((literal, index) => [
    ...(literal === "" ? [] : [JSON.stringify(literal)]),
    ...(masks[index] === undefined ? [] : [`context[${JSON.stringify(masks[index])}]`]),
  ]);
  return parts.join(" + ");
}
