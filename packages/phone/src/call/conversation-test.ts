/**
 * A call or a conversation as a test: what the caller did, and what they heard. The test runs with node:test and
 * `@offhook/phone/testing`.
 */
import type { Call, CalleeAct, CallerAct, LogEntry } from "./call-state.ts";
import type { Media } from "./message-fields.ts";
import { withoutHost, type Site } from "./web-address.ts";

export interface TestFile {
  /** Without a folder. */
  readonly name: string;
  readonly text: string;
}

/** Files by the names of functions, for functions that the test kit does not find. */
export type FunctionFiles = Readonly<Record<string, string>>;

/** @returns undefined if the call has not ended, or if its beginning is not known any more. */
export function callTest(call: Call, functions: FunctionFiles = {}): TestFile | undefined {
  const { setup, log, phase } = call;
  if (setup === undefined || phase !== "over" || log[0]?.id !== 1) return undefined;
  const { target, from, to, statusCallback, hasAllStatuses } = setup;
  const options = { from, to, ...(statusCallback !== undefined && { statusCallback, hasAllStatuses }) };
  const lines = log.flatMap(linesOf);
  return testFile({ kind: "call", target, title: `a call to ${target}`, functions }, [
    `const call = phone.call(${code(target)}, ${code(options)});`,
    ...lines.map((line) => `await call.${line};`),
  ]);
}

function linesOf(entry: LogEntry): readonly string[] {
  switch (entry.kind) {
    case "said":
      return [`hears(${code(entry.text)})`];
    case "played":
      return [`hearsSound(${code(entry.target ?? entry.url)})`];
    case "caller":
      return callerLines(entry.act);
    case "callee":
      return [calleeLine(entry.act)];
    case "ended":
      return [entry.text === "The caller hangs up" ? "hangsUp()" : `ends(${code(entry.text)})`];
    case "webhook":
    case "note":
    case "fault":
      return [];
    default:
      return entry satisfies never;
  }
}

function callerLines(act: CallerAct): readonly string[] {
  switch (act.kind) {
    case "press":
      return [`presses(${code(act.keys)})`, ...(act.isTimedOut ? ["waits()"] : [])];
    case "say":
      return [`says(${code(act.text)})`];
    case "wait":
      return ["waits()"];
    case "record": {
      const { text, key, seconds } = act;
      return [`records(${code({ seconds, ...(text !== "" && { text }), ...(key !== "" && { key }) })})`];
    }
    case "stay-silent":
      return ["staysSilent()"];
    case "go-on":
      return ["continues()"];
    default:
      return act satisfies never;
  }
}

function calleeLine(act: CalleeAct): string {
  switch (act.kind) {
    case "line":
      return `rings(${act.line}, ${code(act.outcome)})`;
    case "dequeue":
      return "isTakenFromQueue()";
    case "hang-up":
      return `otherPartyHangsUp(${code({ seconds: act.seconds })})`;
    default:
      return act satisfies never;
  }
}

/** A message that the user has written. */
export interface SentMessage {
  readonly kind: "sent";
  readonly body: string;
  readonly media: readonly Media[];
  readonly buttonPayload?: string | undefined;
  readonly target: string;
  readonly from: string;
  readonly to: string;
}

type Row =
  | SentMessage
  | { readonly kind: "message"; readonly body: string; readonly media: readonly string[] }
  | { readonly kind: "note" | "fault" };

/**
 * A conversation with one function. If the user has changed the function or a number, the test covers the messages from
 * then on.
 * @returns undefined if nothing was sent.
 */
export function chatTest(rows: readonly Row[], site: Site, functions: FunctionFiles = {}): TestFile | undefined {
  const last = rows.findLast((row) => row.kind === "sent");
  if (last === undefined) return undefined;
  const { target, from, to } = last;
  const isSame = (row: Row): boolean =>
    row.kind !== "sent" || (row.target === target && row.from === from && row.to === to);
  const start = rows.findLastIndex((row) => !isSame(row)) + 1;
  const lines = rows.slice(rows.findIndex((row, index) => index >= start && row.kind === "sent")).flatMap((row) => {
    if (row.kind === "sent") return [`await chat.sends(${list(row.body, sentOptions(row))});`];
    if (row.kind === "message") {
      const media = row.media.map((url) => withoutHost(url, site));
      return [`chat.receives(${list(row.body, media.length > 0 && { media })});`];
    }
    return [];
  });
  return testFile({ kind: "chat", target, title: `a conversation with ${target}`, functions }, [
    `const chat = phone.chat(${code(target)}, ${code({ from, to })});`,
    ...lines,
    "chat.ends();",
  ]);
}

function sentOptions({ media, buttonPayload }: SentMessage): object | false {
  const options = { ...(media.length > 0 && { media }), ...(buttonPayload !== undefined && { buttonPayload }) };
  return Object.keys(options).length > 0 && options;
}

function list(body: string, options: object | false): string {
  return options === false ? code(body) : `${code(body)}, ${code(options)}`;
}

/** A value as JavaScript. */
function code(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(code).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).map(([name, each]) => {
    return `${/^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)}: ${code(each)}`;
  });
  return `{ ${pairs.join(", ")} }`;
}

const testingPackage = "@offhook/phone/testing";

interface TestHead {
  readonly kind: "call" | "chat";
  readonly target: string;
  readonly title: string;
  readonly functions: FunctionFiles;
}

/** An ES module, so that it runs in every project. */
function testFile({ kind, target, title, functions }: TestHead, lines: readonly string[]): TestFile {
  const options = Object.keys(functions).length === 0 ? "" : code({ functions });
  const path = target
    .replace(/[?#].*$/s, "")
    .replace(/[^\w-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return {
    name: `${[kind, path].filter((each) => each !== "").join("-")}.test.mjs`,
    text: `// Written by the phone of offhook dev. It repeats a conversation, and checks what the functions say.
import { after, before, test } from "node:test";
import { openPhone } from ${code(testingPackage)};

let phone;
before(() => {
  phone = openPhone(${options});
});
after(() => phone.close());

test(${code(title)}, async () => {
${lines.map((line) => `  ${line}\n`).join("")}});
`,
  };
}
