/**
 * Mistakes that many make, told from the error, the line that it came from, and names: never from values.
 */
import { suggest } from "../../project/suggestion.ts";
import { withUsualNames } from "./handler-names.ts";
import { placeOf, type Detector, type Facts, type Hint } from "./facts.ts";

/** How far up from where an error was thrown its cause is looked for. */
const framesLookedAt = 3;

/** Lines. */
const longestStatement = 12;

/** In every context. */
const alwaysSet = new Set(["DOMAIN_NAME", "PATH", "SERVICE_SID", "ENVIRONMENT_SID"]);
/** Not where the code reckons with its absence. */
const readOfVariable =
  /\b(?:context|process\.env)(?:\?)?(?:\.([A-Z][A-Z0-9_]*)\b|\[["'`]([\w.-]+)["'`]\])(?!\s*(?:\|\||\?\?|\?\.|&&|\)\s*\{))/g;
const inText = /\bundefined[/.:?@]|[/.:@]undefined\b|(?:ENOTFOUND|URL from) undefined/;
const soundsUndefined = /undefined|null|required|missing|invalid|must (?:be|start)|expected|not provided|ENOTFOUND/i;

export const missingVariable: Detector = (facts) => {
  const { error, frames, variables } = facts;
  if (error === undefined || error.name === "SyntaxError") return [];
  if (error.name !== "TypeError" && !soundsUndefined.test(error.message)) return [];
  const set = new Set([...variables, ...alwaysSet]);
  for (const frame of frames.slice(0, framesLookedAt)) {
    const source = withUsualNames(facts.linesOf(frame.file ?? ""));
    const byLine = statementAt(source, frame.line).map((text, index): Hint[] => {
      const behind = variablesBehind(text, source).filter((name) => !set.has(name));
      const read = variablesReadIn(text).filter((name) => !set.has(name));
      const names = [...behind, ...read];
      const at = placeOf(frame);
      const place = at && { ...at, line: at.line + index, column: index === 0 ? at.column : 1 };
      return [...new Set(names)].map((name) => ({ text: notSet(name, variables), place }));
    });
    const found = byLine.filter((hints) => hints.length > 0);
    // A text was put together from it, such as a URL: that is what failed, and not what else the call is given.
    const hints = inText.test(error.message) ? (found[0] ?? []) : found.flat();
    if (hints.length > 0) return hints.slice(0, 3);
  }
  return [];
};

/** The line, and those behind it that belong to the same call, as far as their form tells. */
function statementAt(source: readonly string[], line: number): readonly string[] {
  const lines = source.slice(line - 1, line - 1 + longestStatement);
  const end = lines.findIndex((text) => /[;}]\s*$/.test(text) || text.trim() === "");
  return end === -1 ? lines.slice(0, 1) : lines.slice(0, end + 1);
}

function notSet(name: string, variables: readonly string[]): string {
  const close = suggest(name, variables);
  return `${name} is not set in .env${close === undefined ? "." : `. ${close} is: did you mean that?`}`;
}

function variablesReadIn(line: string): string[] {
  return [...line.matchAll(readOfVariable)].map(([, dotted, quoted]) => dotted ?? quoted ?? "");
}

/**
 * `const key = context.API_KEY`, `` const url = `${process.env.HOST}/v1` `` and `const { API_KEY } = context`, where the line
 * uses what they define, or text that is put together from it.
 */
function variablesBehind(line: string, source: readonly string[]): string[] {
  const found: string[] = [];
  const names = new Set(line.match(identifier));
  // A set is walked with what is added meanwhile: names behind names.
  for (const name of names) {
    if (names.size > mostNames) break;
    for (const value of valuesOf(name, source)) {
      const variable = startsWithVariable.exec(value)?.[0];
      const parts = variable === undefined ? partsOf(value) : variable;
      found.push(...variablesReadIn(parts));
      if (variable === undefined) for (const part of parts.match(identifier) ?? []) names.add(part);
    }
    found.push(...destructured(name, source));
  }
  return found;
}

const mostNames = 200;
const identifier = /(?<![.\w$])[A-Za-z_$][\w$]*/g;
const startsWithVariable =
  /^(?:context|process\.env)(?:\.[A-Z][A-Z0-9_]*\b|\[["'`][\w.-]+["'`]\])(?!\s*(?:\|\||\?\?|\?\.|\?|&&))/;

/** What a text is put together from, by a template or by `+`. Empty for what is computed in another way. */
function partsOf(value: string): string {
  const parts = value.replace(/`((?:\\.|[^`\\])*)`/g, (_, text: string) => {
    return [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, inner]) => inner).join(" + ");
  });
  const plain = parts.replace(/\[(["'])[\w.-]+\1\]/g, "").replace(/(["'])(?:\\.|(?!\1)[^\\])*\1/g, "");
  return /^[\w$.\s+!]*;?\s*$/.test(plain) && (parts !== value || value.includes("+")) ? parts : "";
}

/** What the name is set to in the line of its declaration. */
function valuesOf(name: string, source: readonly string[]): string[] {
  const escaped = name.replaceAll("$", "\\$");
  const declaration = new RegExp(`\\b(?:const|let|var)\\s+${escaped}\\s*(?::[^=]+)?=(?!=|>)\\s*(.*)$`);
  return source.flatMap((text) => declaration.exec(text)?.[1] ?? []);
}

function destructured(name: string, source: readonly string[]): string[] {
  return source.flatMap((text) => {
    const [, list = ""] = /\b(?:const|let|var)\s*\{([^}]*)\}\s*=\s*(?:context|process\.env)\s*(?:;|$)/.exec(text) ?? [];
    return list.split(",").flatMap((part) => {
      const [variable = "", alias] = part.split(":").map((word) => word.trim());
      return /^[A-Z][A-Z0-9_]*$/.test(variable) && name === (alias ?? variable) ? [variable] : [];
    });
  });
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
  /** Held against what "is not a function". */
  readonly called: RegExp;
  readonly instead: string;
}

const newResponse = "make a response (`const response = new Twilio.Response()`)";
/** The first that fits. */
const wrongCalls: readonly WrongCall[] = [
  {
    called: /^callback\.(?:set|append)?_?(?:header|headers|status|statuscode|cookie|json|send)$/i,
    instead: `callback has no methods: ${newResponse}, set what you need on that, and call callback(null, response)`,
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
  const line = lineOf(facts, frame);
  const called = calledIn(error.message, line);
  if (called === undefined) return [];
  const source = facts.linesOf(frame?.file ?? "").join("\n");
  // Whatever it is called, it has to be one of ours: other objects have methods of these names as well.
  const made = called.split(".")[0] ?? "";
  const maker = new RegExp(`\\b${made.replaceAll("$", "\\$")}\\s*=\\s*new\\s+([\\w$.]+)`).exec(source)?.[1] ?? "";
  const isTwiml = /(?:Voice|Messaging|Fax)Response$/.test(maker);
  if (maker !== "" ? !maker.endsWith("Response") : !namesResponse.test(called)) return [];
  const asked = isTwiml ? called.replace(/^[^.]+/, "twiml") : called;
  const found = wrongCalls.find((each) => each.called.test(asked));
  if (found === undefined) return [];
  return [{ text: `There is no ${called}(). Instead: ${found.instead}.`, place: placeOf(frame) }];
};

function calledIn(message: string, line: string): string | undefined {
  const [, direct] = /^([\w$.]+)(?:\(\.\.\.\)[\w$.]*)? is not a function/.exec(message) ?? [];
  if (direct !== undefined) {
    const [, chained] = /\(\.\.\.\)(\.[\w$]+) is not a function/.exec(message) ?? [];
    return chained === undefined ? direct : `${direct.split(".")[0]}${chained}`;
  }
  const [, read] = /^Cannot read properties of undefined \(reading '([\w$]+)'\)/.exec(message) ?? [];
  if (read === undefined || !/\bevent\s*\.\s*response\s*\.\s*/.test(line)) return undefined;
  return `event.response.${read}`;
}

export const missingParameter: Detector = (facts) => {
  const { error, frames, method } = facts;
  if (error?.name !== "TypeError" || !/undefined/.test(error.message)) return [];
  const [frame] = frames;
  const line = withUsualNames(facts.linesOf(frame?.file ?? ""))[(frame?.line ?? 0) - 1] ?? "";
  const parameters = facts.told("failed")?.notes ?? [];
  const hints: Hint[] = [];
  for (const [, name = ""] of line.matchAll(/\bevent\??\.([A-Za-z_]\w*)/g)) {
    if (parameters.includes(name) || name === "request" || name === "response") continue;
    const others = parameters.filter((each) => each !== "request");
    const close = suggest(name, others);
    if (others.length === 0 && facts.bodyType !== "" && !parsedTypes.has(facts.bodyType)) {
      hints.push({ text: unparsed(name, facts.bodyType), place: placeOf(frame) });
      continue;
    }
    const which = close !== undefined ? ` It has ${close}: did you mean that?` : has(others);
    const how = method === "GET" ? " It was a GET: only what is in its query is in event." : "";
    hints.push({ text: `The request has no parameter ${name}.${which}${how}`, place: placeOf(frame) });
  }
  return hints.slice(0, 2);
};

/** The others are left alone, here and on hosted Functions. */
const parsedTypes = new Set(["application/json", "application/x-www-form-urlencoded"]);

function unparsed(name: string, type: string): string {
  const kind = type === "multipart/form-data" ? "Multipart bodies" : `Bodies of the type ${type}`;
  return (
    `event has no ${name}. ${kind} are not parsed: ` +
    "only application/x-www-form-urlencoded and application/json become parameters."
  );
}

function has(names: readonly string[]): string {
  return names.length === 0 ? " It has none at all." : ` It has ${names.slice(0, 8).join(", ")}.`;
}

export const misspeltHandler: Detector = (facts) => {
  if (facts.code !== "handler-missing" && facts.error?.name !== "SyntaxError") return [];
  const found = facts.linesOf(facts.file).flatMap((text, index): Hint[] => {
    const place = { file: facts.file, line: index + 1, column: text.search(/\S/) + 1 };
    const [, object = "", name = ""] =
      /^\s*(export|exports|modules?\.exports?|module\.export)\.(\w+)\s*=(?!=)/.exec(text) ?? [];
    if (object === "exports" || object === "module.exports") {
      const isClose = name !== "handler" && suggest(name, ["handler"]) !== undefined;
      return isClose ? [{ text: `This exports ${name}: it has to be ${object}.handler.`, place }] : [];
    }
    if (object !== "") return [{ text: `${object} is not what Node exports: write exports.handler = ….`, place }];
    const [, own] = /^\s*export\s+(?:async\s+)?(?:function|const|let)\s+(\w+)/.exec(text) ?? [];
    if (own !== undefined && own !== "handler" && suggest(own, ["handler"]) !== undefined)
      return [{ text: `This exports ${own}: it has to be called handler.`, place }];
    return /^\s*module\.exports\s*=\s*(?:async\s*)?(?:function|\()/.test(text)
      ? [{ text: "This exports the function itself: write exports.handler = ….", place }]
      : [];
  });
  return found.slice(0, 1);
};

export const missingPackage: Detector = (facts) => {
  const message = facts.error?.message ?? "";
  const [, name] = /^Cannot find (?:module|package) '([^'./][^']*)'/.exec(message) ?? [];
  if (name === undefined || name.startsWith("file:")) return [];
  const packageName = name.split("/", name.startsWith("@") ? 2 : 1).join("/");
  const [, asking = facts.file] = /\nRequire stack:\n- (.+)/.exec(message) ?? [];
  const index = facts.linesOf(asking).findIndex((line) => line.includes(`"${name}"`) || line.includes(`'${name}'`));
  return [
    {
      text: `${packageName} is not installed: run \`npm install ${packageName}\` in the project's folder.`,
      place: index === -1 ? placeOf(facts.frames[0]) : { file: asking, line: index + 1, column: 1 },
    },
  ];
};

export const calledAgain: Detector = (facts) => {
  const told = facts.told("called-again");
  if (told === undefined) return [];
  const text =
    "callback() is called a second time here, which does nothing: the first reply was sent. Put `return` before the first.";
  return [{ text, place: placeOf(told.stacks[0]?.[0]) }];
};

export const errorAsReply: Detector = (facts) => {
  const told = facts.told("error-as-reply");
  if (told === undefined) return [];
  const text =
    "callback() has an error as its second argument here, so it is sent as a reply, with status 200 and without its message. Errors are the first: callback(error).";
  return [{ text, place: placeOf(told.stacks[0]?.[0]) }];
};

export const promiseAsReply: Detector = (facts) => {
  const told = facts.told("promise-as-reply");
  if (told === undefined) return [];
  const text =
    "callback() has a promise as its second argument here, and sends {}: what it will come to is not awaited. Await it before.";
  return [{ text, place: placeOf(told.stacks[0]?.[0]) }];
};

function lineOf(facts: Facts, frame: Facts["frames"][number] | undefined): string {
  return frame?.file === undefined ? "" : (facts.linesOf(frame.file)[frame.line - 1] ?? "");
}
