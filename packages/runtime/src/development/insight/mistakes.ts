/**
 * Detects common mistakes from the error, the line that threw it, and names. Values are never read.
 */
import { suggest } from "../../suggestion.ts";
import type { Diagnosis } from "../../pool/invocation.ts";
import type { StackFrame } from "../stack-frames.ts";
import { placeOf, type Detector, type Facts, type FactSources, type Hint } from "./facts.ts";
import type { SourceExport, SourceOutline, VariableUse } from "./source-outline.ts";

/** How many frames, from the top of the stack, are searched for the cause of an error. */
const framesLookedAt = 3;

const maxStatementLines = 12;
const maxReplyHints = 3;

/** Variables that every context has. */
const alwaysSet = new Set(["DOMAIN_NAME", "PATH", "SERVICE_SID", "ENVIRONMENT_SID"]);
const inText = /\bundefined[/.:?@]|[/.:@]undefined\b|(?:ENOTFOUND|URL from) undefined/;
const soundsUndefined = /undefined|null|required|missing|invalid|must (?:be|start)|expected|not provided|ENOTFOUND/i;

export const missingVariable: Detector = (facts) => {
  const { error, frames, variables } = facts;
  if (error === undefined || error.name === "SyntaxError") return [];
  if (error.name !== "TypeError" && !soundsUndefined.test(error.message)) return [];
  for (const frame of frames.slice(0, framesLookedAt)) {
    const byLine = usesAt(facts.outlineOf(frame.file ?? ""), frame.line)
      .map((uses) => hintsOfUses(uses, frame, variables))
      .filter((hints) => hints.length > 0);
    // A text that contains "undefined", such as a URL, was made from the variable of the first line. The other
    // arguments of the call did not fail.
    const hints = inText.test(error.message) ? (byLine[0] ?? []) : byLine.flat();
    if (hints.length > 0) return hints.slice(0, 3);
  }
  return [];
};

/** One hint for each variable that is not set. @param uses of one line. */
function hintsOfUses(uses: readonly VariableUse[], frame: StackFrame, variables: readonly string[]): Hint[] {
  const at = placeOf(frame);
  const line = uses[0]?.line ?? frame.line;
  const place = at && { ...at, line, column: line === at.line ? at.column : 1 };
  const unset = uses.map(({ name }) => name).filter((name) => !variables.includes(name) && !alwaysSet.has(name));
  return [...new Set(unset)].map((name) => ({ text: notSet(name, variables), place }));
}

/** Variables that the statement at a line uses from that line on, grouped by line. */
function usesAt(outline: SourceOutline | undefined, line: number): readonly (readonly VariableUse[])[] {
  if (outline === undefined) return [];
  const around = outline.statements.filter(({ first, last }) => first <= line && line <= last);
  const innermost = around.toSorted((a, b) => a.last - a.first - (b.last - b.first))[0];
  const last = Math.min(innermost?.last ?? line, line + maxStatementLines - 1);
  const inside = outline.statements.filter(({ first }) => first > line && first <= last);
  const uses = outline.variables.filter((use) => {
    // A nested statement, such as one in a callback, does not run at that line.
    return (
      use.line >= line && use.line <= last && !inside.some((each) => each.first <= use.line && use.line <= each.last)
    );
  });
  return [...Map.groupBy(uses, (use) => use.line).values()];
}

function notSet(name: string, variables: readonly string[]): string {
  const close = suggest(name, variables);
  return `${name} is not set in .env${close === undefined ? "." : `. Did you mean ${close}, which is set?`}`;
}

type ReplySources = Pick<FactSources, "file" | "outlines" | "variables">;

/** For a reply that contains the word `undefined`: the unset variables that the function's file uses. */
export function missingInReply({ file, outlines, variables }: ReplySources): Hint[] {
  const uses = outlines?.outlineOf(file)?.variables ?? [];
  const unset = uses.filter(({ name }) => !variables.includes(name) && !alwaysSet.has(name));
  const firstUses = [...new Map(unset.toReversed().map((use) => [use.name, use])).values()].toReversed();
  return firstUses.slice(0, maxReplyHints).map(({ name, line }) => ({
    text: `The reply contains "undefined". ${notSet(name, variables)}`,
    place: { file, line, column: 1 },
  }));
}

export const missingCredentials: Detector = ({ error, frames, variables }) => {
  if (error === undefined || !error.message.startsWith("Account credentials are not available")) return [];
  const unset = ["ACCOUNT_SID", "AUTH_TOKEN"].filter((name) => !variables.includes(name));
  const which =
    unset.length === 0
      ? "ACCOUNT_SID or AUTH_TOKEN is empty in .env"
      : unset.map((name) => notSet(name, variables)).join(" ");
  return [{ text: `This client needs the account's credentials. ${which}`, place: placeOf(frames[0]) }];
};

interface WrongCall {
  /** Matches the expression that "is not a function". */
  readonly called: RegExp;
  readonly instead: string;
}

const newResponse = "make a response (`const response = new Twilio.Response()`)";
/** The first match counts. */
const wrongCalls: readonly WrongCall[] = [
  {
    called: /^callback\.(?:set|append)?_?(?:header|headers|status|statuscode|cookie|json|send)$/i,
    instead: `callback has no methods: ${newResponse}, set what you need on it, and call callback(null, response)`,
  },
  {
    called:
      /^(?:context|event|event\.re(?:quest|sponse)|request|req)\.(?:set|append)?(?:header|headers|status|statuscode|cookie)$/i,
    instead: `${newResponse}, then response.appendHeader(name, value) or response.setStatusCode(code), and callback(null, response)`,
  },
  {
    called: /twiml\w*\.(?:set|append)(?:header|headers|statuscode|body|cookie)$/i,
    instead: `TwiML has no headers: ${newResponse}, response.appendHeader("Content-Type", "text/xml"), response.setBody(twiml.toString())`,
  },
  { called: /\.(?:json|send|end|write)$/, instead: "response.setBody(body), then callback(null, response)" },
  { called: /\.(?:status|sendStatus|writeHead)$/, instead: "response.setStatusCode(code)" },
  { called: /\.(?:set|header|setHeader|append|addHeader)$/, instead: "response.appendHeader(name, value)" },
  { called: /\.(?:cookie)$/, instead: "response.setCookie(name, value, attributes)" },
  { called: /\.(?:clearCookie)$/, instead: "response.removeCookie(name)" },
  { called: /\.(?:type|contentType)$/, instead: 'response.appendHeader("Content-Type", type)' },
  { called: /\.(?:redirect)$/, instead: 'response.setStatusCode(302).appendHeader("Location", url)' },
];

const namesResponse = /\bTwilio\s*\.\s*Response\b|\bnew Response\b|twiml|callback|context|event|\breq(?:uest)?\b/i;

export const wrongObject: Detector = (facts) => {
  const { error, frames } = facts;
  if (error?.name !== "TypeError") return [];
  const [frame] = frames;
  const outline = facts.outlineOf(frame?.file ?? "");
  const called = calledIn(error.message, namesOfEvent(outline, frame?.line));
  const instead = called === undefined ? undefined : insteadOf(called, outline);
  if (instead === undefined) return [];
  return [{ text: `There is no ${called}(). Instead: ${instead}.`, place: placeOf(frame) }];
};

/** Undefined unless the object belongs to the platform: other objects may have methods with these names. */
function insteadOf(called: string, outline: SourceOutline | undefined): string | undefined {
  const [object] = called.split(".");
  const className = outline?.instances.find(({ name }) => name === object)?.className ?? "";
  const isOurs = className === "" ? namesResponse.test(called) : className.endsWith("Response");
  if (!isOurs) return undefined;
  const isTwiml = /(?:Voice|Messaging|Fax)Response$/.test(className);
  const normalized = isTwiml ? called.replace(/^[^.]+/, "twiml") : called;
  return wrongCalls.find((each) => each.called.test(normalized))?.instead;
}

/**
 * The expression that the message says is not a function.
 * @param names names that the line reads from the event.
 */
function calledIn(message: string, names: readonly string[]): string | undefined {
  const [, direct] = /^([\w$.]+)(?:\(\.\.\.\)[\w$.]*)? is not a function/.exec(message) ?? [];
  if (direct !== undefined) {
    const [, chained] = /\(\.\.\.\)(\.[\w$]+) is not a function/.exec(message) ?? [];
    return chained === undefined ? direct : `${direct.split(".")[0]}${chained}`;
  }
  const [, read] = /^Cannot read properties of undefined \(reading '([\w$]+)'\)/.exec(message) ?? [];
  if (read === undefined || !names.includes("response")) return undefined;
  return `event.response.${read}`;
}

export const missingParameter: Detector = (facts) => {
  const { error, frames } = facts;
  if (error?.name !== "TypeError" || !/undefined/.test(error.message)) return [];
  const [frame] = frames;
  const parameters = facts.diagnosisOf("failed")?.notes ?? [];
  return namesOfEvent(facts.outlineOf(frame?.file ?? ""), frame?.line)
    .filter((name) => !parameters.includes(name) && name !== "request" && name !== "response")
    .slice(0, 2)
    .map((name) => ({ text: noParameter(name, parameters, facts), place: placeOf(frame) }));
};

/** The only types of bodies that become parameters, as on hosted Functions. */
const parsedTypes = new Set(["application/json", "application/x-www-form-urlencoded"]);

function noParameter(name: string, parameters: readonly string[], { bodyType, method }: Facts): string {
  const others = parameters.filter((each) => each !== "request");
  if (others.length === 0 && bodyType !== "" && !parsedTypes.has(bodyType)) return unparsed(name, bodyType);
  const close = suggest(name, others);
  const which = close === undefined ? parameterList(others) : ` Did you mean ${close}?`;
  const how = method === "GET" ? " This was a GET request, so event has only the parameters of the query." : "";
  return `The request has no parameter ${name}.${which}${how}`;
}

function unparsed(name: string, type: string): string {
  const kind = type === "multipart/form-data" ? "Multipart bodies" : `Bodies of the type ${type}`;
  return (
    `event has no ${name}. ${kind} are not parsed. ` +
    "Only application/x-www-form-urlencoded and application/json bodies become parameters."
  );
}

function parameterList(names: readonly string[]): string {
  return names.length === 0 ? " It has no parameters." : ` It has ${names.slice(0, 8).join(", ")}.`;
}

export const misspeltHandler: Detector = (facts) => {
  if (facts.code !== "handler-missing" && facts.error?.name !== "SyntaxError") return [];
  const outline = facts.outlineOf(facts.file);
  if (outline === undefined) return [];
  const { problem } = outline;
  // `export.name = …` is not valid in a module, so the parser stops there.
  const text =
    problem !== undefined && /^\s*export\s*\.\s*\w+\s*=/.test(problem.text) ? notExports("export") : undefined;
  if (problem !== undefined && text !== undefined) {
    return [{ text, place: { file: facts.file, line: problem.line, column: problem.text.search(/\S/) + 1 } }];
  }
  const found = outline.exports.flatMap((each): Hint[] => {
    const mistake = mistakeOf(each);
    return mistake === undefined
      ? []
      : [{ text: mistake, place: { file: facts.file, line: each.line, column: each.column } }];
  });
  return found.slice(0, 1);
};

function mistakeOf(each: SourceExport): string | undefined {
  switch (each.kind) {
    case "whole":
      return "This exports the function itself. Write exports.handler = … instead.";
    case "declared":
      return isNearlyHandler(each.name) ? `This exports ${each.name}. The name must be handler.` : undefined;
    case "assigned": {
      const { object, name } = each;
      if (object !== "exports" && object !== "module.exports") return notExports(object);
      return isNearlyHandler(name) ? `This exports ${name}. The name must be ${object}.handler.` : undefined;
    }
    default:
      return each satisfies never;
  }
}

function notExports(object: string): string {
  return `${object} is not an exports object in Node. Write exports.handler = … instead.`;
}

function isNearlyHandler(name: string): boolean {
  return name !== "handler" && suggest(name, ["handler"]) !== undefined;
}

export const missingPackage: Detector = (facts) => {
  const message = facts.error?.message ?? "";
  const [, name] = /^Cannot find (?:module|package) '([^'./][^']*)'/.exec(message) ?? [];
  if (name === undefined || name.startsWith("file:")) return [];
  const packageName = name.split("/", name.startsWith("@") ? 2 : 1).join("/");
  const [, asking = facts.file] = /\nRequire stack:\n- (.+)/.exec(message) ?? [];
  const asked = facts.outlineOf(asking)?.imports.find(({ specifier }) => specifier === name);
  return [
    {
      text: `${packageName} is not installed. Run \`npm install ${packageName}\` in the project's folder.`,
      place: asked === undefined ? placeOf(facts.frames[0]) : { file: asking, line: asked.line, column: 1 },
    },
  ];
};

export const calledAgain = detectorOf(
  "called-again",
  "This second call of callback() does nothing, because the first reply is already sent. Put `return` before the first call.",
);

export const errorAsReply = detectorOf(
  "error-as-reply",
  "callback() gets an error as its second argument here, so the error is sent as a reply, with status 200 and without its message. Pass errors as the first argument: callback(error).",
);

export const promiseAsReply = detectorOf(
  "promise-as-reply",
  "callback() gets a promise as its second argument here, so it sends {} and does not wait for the result. Await the promise first.",
);

/** For a mistake that the isolate has diagnosed itself. */
function detectorOf(state: Diagnosis["state"], text: string): Detector {
  return (facts) => {
    const diagnosis = facts.diagnosisOf(state);
    return diagnosis === undefined ? [] : [{ text, place: placeOf(diagnosis.stacks[0]?.[0]) }];
  };
}

/** Names that a line reads from the event: `Body` of `event.Body`. */
function namesOfEvent(outline: SourceOutline | undefined, line: number | undefined): readonly string[] {
  return (outline?.parameters ?? []).filter((each) => each.line === line).map(({ name }) => name);
}
