/**
 * Finds out why the signature of a request was rejected. It compares the signature with other URLs, tokens and readings
 * of the body, and names the one that it matches.
 *
 * The result says which guess is valid, so only the author may see it. It contains no token and no signature. The number
 * of attempts is bounded and does not depend on their results, so the time of a reply reveals nothing.
 */
import type { IncomingHttpHeaders } from "node:http";
import { readContentType } from "../body-text.ts";
import { signingKeyOf, type AccessOptions, type SigningKey } from "../gateway/access.ts";
import type { Base } from "../gateway/origin.ts";
import {
  hasBodyHash,
  isSignature,
  isSignatureOf,
  joinedParameters,
  signedParameters,
  urlOf,
} from "../gateway/signature.ts";
import type { SignatureCandidate, SignatureDiagnosis } from "../observe/channels.ts";
import { redactTarget } from "../observe/redaction.ts";
import { originOf, originsCalled, pathsCalled, type CalledUrl } from "./called-urls.ts";

export interface RejectedRequest {
  /** Path and query. */
  readonly target: string;
  /** As Node parses them. */
  readonly headers: IncomingHttpHeaders;
  /** Undefined if the body was not read. */
  readonly body: Uint8Array | undefined;
  /** The address that the signature check uses. Undefined if the request names no host that can be this service's. */
  readonly base: Base | undefined;
  readonly access: Pick<AccessOptions, "authToken" | "sharedKeySecret" | "allowsUnsignedBodies">;
  /** The service's variables. Another one may hold the token that signed the request. */
  readonly variables: Readonly<Record<string, string>>;
  /** The name of the file that sets them, such as `.env`. */
  readonly variablesFile: string;
}

/** A way to read the request, and whether the signature matches it. */
interface Attempt extends CalledUrl {
  readonly difference: "url" | "token" | "body";
  /** Sentences for a match that the URL alone does not explain. */
  readonly meaning: readonly string[];
  readonly isValid: boolean;
  /** For people: the URL without the secrets in its query. */
  readonly url: string;
}

/** The text after the URL that a sender may have signed instead. */
interface BodyReading {
  readonly parameters: string;
  readonly reason: string;
  readonly meaning: readonly string[];
}

const maxTokens = 4;
const maxShown = 12;
/** For a larger body, only the likeliest URLs are tried. Callers choose the size, and each attempt reads the body. */
const maxBodyBytes = 65_536;
const maxUrlsOfLargeBody = 4;

const mask = "•••";
/** Shorter values, such as `true`, are not secret. */
const minSecretLength = 8;

const formType = "application/x-www-form-urlencoded";
const tokenName = /AUTH_?TOKEN|API_?(?:KEY_?)?SECRET|TWILIO.*(?:TOKEN|SECRET)/i;

export function diagnoseSignature(request: RejectedRequest): SignatureDiagnosis {
  const { target, headers, base, access, variablesFile } = request;
  const key = signingKeyOf({ headers }, access);
  const checked = base && { checkedUrl: shown(request, base, target) };
  // The ledger's next step is exact for these two.
  if (key === "shared-key-missing" || key === "signature-algorithm-unsupported")
    return { ...checked, candidates: [], explanation: [] };
  const isShared = headers["x-twilio-webhooks-signature-settings"] !== undefined;
  const variable = isShared ? "the sharedKeySecret setting" : `AUTH_TOKEN from ${variablesFile}`;
  const supplied = typeof key === "string" ? undefined : { tokenVariable: variable };
  const known = { ...checked, ...supplied };
  const signature = headers["x-twilio-signature"];
  const how = typeof key === "string" ? "sha1" : key.algorithm;
  if (signature === undefined) return { ...known, candidates: [], explanation: [isUnsigned] };
  if (!isSignature(signature, how)) return { ...known, candidates: [], explanation: [isNoSignature] };
  if (request.body === undefined) return { ...known, candidates: [], explanation: [isWithoutBody] };
  const attempts = attemptsOf(request, request.body, signature, typeof key === "string" ? undefined : key);
  const match = attempts.find(({ isValid }) => isValid);
  const fix = match && fixOf(match, target, base);
  return {
    ...known,
    candidates: candidatesOf(attempts),
    explanation: [checkedSentence(request, supplied?.tokenVariable), ...explain(match, base, fix, isShared)],
    ...(fix !== undefined && { fix }),
  };
}

const isUnsigned =
  "The request has no X-Twilio-Signature header. Send it signed, from the dashboard or with offhook invoke. To let anyone call it, remove .protected from the file's name.";
const isNoSignature =
  "The value of X-Twilio-Signature is not a signature: a signature is a hash in Base64. Check that nothing cuts or changes the header on the way.";
const isWithoutBody = "The body was not read, so the signature could not be compared with other URLs and tokens.";

function attemptsOf(
  request: RejectedRequest,
  body: Uint8Array,
  signature: string,
  key: SigningKey | undefined,
): Attempt[] {
  const { target, headers, base } = request;
  const checked = base && { base, target, reason: "the URL that was checked", isNamed: false };
  const origins = [...(checked ? [checked] : []), ...originsCalled(headers, target, base)];
  const isLarge = body.length > maxBodyBytes;
  const urls = isLarge ? origins.slice(0, maxUrlsOfLargeBody) : [...origins, ...pathsCalled(headers, origins)];
  const asSent = parametersOf(request, body, target);
  const algorithm = key?.algorithm ?? "sha1";
  const attempts: Attempt[] = [];
  const attempt = (url: CalledUrl, secret: string, reading: Partial<BodyReading>, more: Partial<Attempt>): void => {
    const parameters = reading.parameters ?? (url.target === target ? asSent : parametersOf(request, body, url.target));
    const isMatch = parameters !== undefined && isSignatureOf(signature, { ...url, parameters }, secret, algorithm);
    attempts.push({
      ...url,
      url: shown(request, url.base, url.target),
      difference: "url",
      meaning: [],
      ...more,
      isValid: isMatch,
    });
  };
  if (key !== undefined) for (const url of urls) attempt(url, key.secret, {}, {});
  if (isLarge) return attempts;
  for (const { name, value } of otherTokens(request, key)) {
    const meaning = [
      `The request is signed with the value of ${name}, not of ${key === undefined ? "AUTH_TOKEN, which is not set" : "AUTH_TOKEN"}. Set AUTH_TOKEN to the token of the account that sends the request.`,
    ];
    for (const url of origins) {
      attempt(url, value, {}, { difference: "token", reason: `${url.reason}, signed with ${name}`, meaning });
    }
  }
  if (key === undefined) return attempts;
  for (const { reason, meaning, ...reading } of bodyReadings(request, body, asSent)) {
    for (const url of origins) {
      attempt(url, key.secret, reading, { difference: "body", reason: `${url.reason}, ${reason}`, meaning });
    }
  }
  return attempts;
}

function parametersOf(
  { headers, base, access }: RejectedRequest,
  body: Uint8Array,
  target: string,
): string | undefined {
  const { mediaType, charset } = readContentType(headers["content-type"]);
  return signedParameters({
    // Only to read the query. No base leads to the same query.
    base: base ?? { scheme: "http", host: "localhost", port: "", prefix: "" },
    target,
    mediaType,
    charset,
    body,
    mayBeUnsigned: access.allowsUnsignedBodies,
  });
}

function otherTokens(
  { variables, access }: RejectedRequest,
  key: SigningKey | undefined,
): { name: string; value: string }[] {
  const tokens = new Map<string, string>();
  if (access.authToken) tokens.set(access.authToken, "AUTH_TOKEN");
  for (const [name, value] of Object.entries(variables)) {
    if (value !== "" && tokenName.test(name) && !tokens.has(value)) tokens.set(value, name);
  }
  tokens.delete(key?.secret ?? "");
  return [...tokens].slice(0, maxTokens).map(([value, name]) => ({ name, value }));
}

function bodyReadings(
  { headers, target }: RejectedRequest,
  body: Uint8Array,
  asSent: string | undefined,
): BodyReading[] {
  const { mediaType, charset } = readContentType(headers["content-type"]);
  const readings: BodyReading[] = [];
  if (hasBodyHash(target)) {
    if (asSent === undefined) readings.push({ parameters: "", ...changedBody });
  } else if (body.length > 0) {
    readings.push({ parameters: "", ...(mediaType === formType ? urlAloneOfForm : urlAlone) });
  }
  const fields = mediaType === formType ? undefined : fieldsOfJson(body);
  if (fields !== undefined) readings.push({ parameters: fields, ...jsonFields });
  if (mediaType !== formType) return readings;
  for (const other of ["utf-8", "windows-1252"]) {
    const parameters = other === charset ? undefined : joinedParameters(body, other);
    if (parameters !== undefined) readings.push({ parameters, ...otherCharset(other) });
  }
  const text = Buffer.from(body).toString("latin1");
  if (text.includes("+")) {
    const parameters = joinedParameters(Buffer.from(text.replaceAll("+", "%2B"), "latin1"), charset);
    if (parameters !== undefined) readings.push({ parameters, ...plusSigns });
  }
  if (asSent?.includes("\n") === true) {
    const lines = asSent.replaceAll("\r\n", "\n");
    readings.push({ parameters: lines, ...lineBreaks }, { parameters: lines.replaceAll("\n", "\r\n"), ...lineBreaks });
  }
  return readings.filter(({ parameters }) => parameters !== asSent);
}

const changedBody = {
  reason: "with another body",
  meaning: [
    "The signature of the URL is valid, but bodySHA256 in it is the hash of another body. Something between the sender and Offhook changes the body: a proxy or middleware that parses JSON and writes it again, say. It must pass on the bytes as they are.",
  ],
};
const urlAlone = {
  reason: "the URL alone",
  meaning: [
    "Only the URL is signed, so anyone who has seen the signature could send another body with it. Twilio adds bodySHA256 to the URL of a JSON body. For a client that cannot do this, start with --unsigned-bodies.",
  ],
};
const urlAloneOfForm = {
  reason: "the URL alone",
  meaning: [
    "Only the URL is signed, without the parameters in the body. Sign them as Twilio does: append each name and value to the URL, sorted by name.",
  ],
};
const jsonFields = {
  reason: "the fields of the JSON body as parameters",
  meaning: [
    "The sender signed the fields of the JSON body like those of a form. Send them as a form, or add bodySHA256 to the URL and sign that, as Twilio does.",
  ],
};
const lineBreaks = {
  reason: "with other line breaks",
  meaning: ["Something between the sender and Offhook changes the line breaks in the body. It must pass on the bytes."],
};

const plusSigns = {
  reason: "with plus signs instead of spaces",
  meaning: [
    "The sender signed a plus sign where the body has a space: in a form, + means a space. Write the plus sign of a number as %2B. curl does this with --data-urlencode, but not with -d.",
  ],
};

function otherCharset(charset: string): Omit<BodyReading, "parameters"> {
  return {
    reason: `the body read as ${charset}`,
    meaning: [
      `The sender signed the body as ${charset}, but Content-Type names another charset. Name ${charset} in Content-Type, or check what a proxy changes.`,
    ],
  };
}

/** The top-level fields of a JSON object, joined like those of a form. Undefined if it is not a flat object. */
function fieldsOfJson(body: Uint8Array): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const form = new URLSearchParams();
  for (const [name, field] of Object.entries(value)) {
    if (typeof field === "object" && field !== null) return undefined;
    form.append(name, String(field ?? ""));
  }
  return joinedParameters(Buffer.from(form.toString()), "");
}

function candidatesOf(attempts: readonly Attempt[]): SignatureCandidate[] {
  const isShown = ({ difference, isValid }: Attempt): boolean => difference === "url" || isValid;
  const [valid, others] = [attempts.filter(({ isValid }) => isValid), attempts.filter((one) => !one.isValid)];
  // A match must not be cut off.
  const chosen = new Set([...valid, ...others.filter(isShown)].slice(0, maxShown));
  return attempts.filter((each) => chosen.has(each)).map(({ url, reason, isValid }) => ({ url, reason, isValid }));
}

/** @returns an option, if another public URL is enough. */
function fixOf(match: Attempt, target: string, checked: Base | undefined): string | undefined {
  const origin = originOf(match.base);
  const isOther = checked === undefined || originOf(checked) !== origin;
  // Authors paste it into a shell, and callers choose the host.
  if (!isOther || match.target !== target || !/^https?:\/\/[\w.:[\]/-]+$/.test(origin)) return undefined;
  return `--public-url ${origin}`;
}

function checkedSentence(request: RejectedRequest, tokenVariable?: string): string {
  const { base, target, headers, variablesFile } = request;
  if (tokenVariable === undefined) return `Not checked, because ${variablesFile} does not set AUTH_TOKEN.`;
  if (base !== undefined) return `Checked against ${shown(request, base, target)} with ${tokenVariable}.`;
  const host = JSON.stringify(headers.host ?? "");
  return `Not checked, because the request came for the host ${host}. Without a public URL, only local addresses count as this server's own.`;
}

function explain(
  match: Attempt | undefined,
  checked: Base | undefined,
  fix: string | undefined,
  isShared: boolean,
): string[] {
  if (match === undefined) return [noMatch, isShared ? compareSharedKey : compareToken];
  const { base, url, isNamed, difference, reason, meaning } = match;
  const isSameUrl = checked !== undefined && originOf(checked) === originOf(base);
  const found = isNamed
    ? `The request came as ${url}; for that URL the signature is valid.`
    : `The signature is valid for ${url}.`;
  if (difference !== "url") {
    return [...(isSameUrl ? [] : [found]), ...meaning, ...(fix === undefined ? [] : [`Restart with ${fix}.`])];
  }
  if (fix !== undefined) return [`${found} Restart with ${fix}.`];
  if (isSameUrl && reason === "the URL that was checked") return ["The signature is valid."];
  return [
    `The signature is valid for ${url} (${reason}). Something changes the URL on the way, or another URL is set at Twilio.`,
  ];
}

const noMatch =
  "The signature is valid for none of the URLs that the request suggests. Two causes are likely: another token signed it (that of another account, a subaccount, or an older one), or the URL or the body was changed on the way.";
const otherUrl =
  "If the sender calls another URL, such as that of a tunnel or a proxy, restart with --public-url and the origin of that URL.";
const compareToken = `Compare AUTH_TOKEN with the Auth Token of the sending account in the Twilio Console. A token from offhook init is random. ${otherUrl}`;
const compareSharedKey = `Compare the sharedKeySecret setting with the key of the sender. ${otherUrl}`;

/** Masks secrets in the query: by their name, and by their value if it is that of a variable. */
function shown({ variables }: RejectedRequest, base: Base, target: string): string {
  const text = redactTarget(target, mask);
  const at = text.indexOf("?");
  if (at === -1) return urlOf(base, text);
  let query = text.slice(at);
  for (const value of Object.values(variables)) {
    if (value.length < minSecretLength) continue;
    for (const spelling of [value, encodeURIComponent(value)]) query = query.replaceAll(spelling, mask);
  }
  return urlOf(base, text.slice(0, at) + query);
}
