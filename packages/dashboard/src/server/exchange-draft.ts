/**
 * An exchange while it is recorded, and what pages and the journal get of it. Secrets are masked in both.
 */
import { ledger } from "@offhook/runtime/errors";
import type { ExchangeBegun, ExchangeSeen, GivenHint, RequestEnded } from "@offhook/runtime/observe";
import type { FunctionResource } from "@offhook/runtime/service";

import type {
  Exchange,
  ExchangeSummary,
  Header,
  Hint,
  LogLine,
  ReplyProblem,
  SignatureDiagnosis,
  SourceExcerpt,
} from "../api.ts";
import { withoutForgedMasks } from "../journal/forged-masks.ts";
import { markOf } from "../journal/problem-mark.ts";
import type { Redaction } from "../journal/redaction.ts";
import { mask } from "../mask.ts";
import { bodyOf, contentTypeOf, eventOf, isPacked, pairsOf, shownBytes } from "./exchange-parts.ts";
import { phasesOf } from "./phases.ts";

const maxLines = 500;
const maxLineCharacters = 4_000;

export interface ExchangeDraft {
  readonly begun: ExchangeBegun;
  readonly logs: LogLine[];
  readonly hints: Hint[];
  seen: ExchangeSeen | undefined;
  ended: RequestEnded | undefined;
  leftovers: string | undefined;
  problems: readonly ReplyProblem[];
}

/** The details of an exchange. The caller adds `file`, because it knows the project's folder. */
export type ExchangeDetails = Omit<Exchange, Exclude<keyof ExchangeSummary, "problems"> | "file">;

export function addLine({ logs }: ExchangeDraft, level: LogLine["level"], text: string): void {
  if (logs.length < maxLines) logs.push({ at: Date.now(), level, text: shortened(text) });
}

export function addHints({ hints }: ExchangeDraft, newHints: readonly GivenHint[]): void {
  for (const { text, file, line } of newHints) {
    hints.push({ text, ...(file !== undefined && { file }), ...(line !== undefined && { line }) });
  }
}

/** @param label known once the event is read. */
export function summaryOf(
  { begun, ended, logs, leftovers, problems }: ExchangeDraft,
  origin: ExchangeSummary["origin"],
  redaction: Redaction,
  label?: string,
): ExchangeSummary {
  const [path = ""] = begun.target.split("?");
  return {
    id: begun.requestId,
    ...(begun.service !== "" && { service: begun.service }),
    startedAt: begun.at,
    method: begun.method,
    path: redaction.path(path),
    lines: logs.length,
    complaints: logs.filter(({ level }) => level === "warn" || level === "error").length,
    origin,
    ...(ended && { status: ended.status, durationMs: ended.durationMs }),
    ...(ended?.resource && { resource: ended.resource }),
    ...(ended && ended.resource !== "function" && isAutomatic(path) && { isAutomatic: true }),
    ...(ended?.code !== undefined && { code: ended.code }),
    ...(ended?.isCold !== undefined && { isCold: ended.isCold }),
    ...(problems.length > 0 && { problems: problems.map(markOf) }),
    ...(leftovers !== undefined && { leftovers }),
    ...(label !== undefined && { label }),
  };
}

/** Browsers ask each server for these, without a word from the user. */
function isAutomatic(path: string): boolean {
  return /^\/(?:favicon\.ico|apple-touch-icon[\w-]*\.png|\.well-known\/appspecific\/com\.chrome\.devtools\.json)$/.test(
    path,
  );
}

/** @param resource the function that was called, if one was. */
export function detailsOf(
  draft: ExchangeDraft,
  resource: FunctionResource | undefined,
  redaction: Redaction,
): ExchangeDetails {
  const { seen, ended, hints } = draft;
  const { target, headers: rawHeaders, body } = requestReceived(draft);
  const headers = pairsOf(rawHeaders);
  const event = eventOf(target, rawHeaders, body);
  // Knows the secrets of this request as well: a function may log them or send them back.
  const ownRedaction = redaction.for(headers, event);
  const naming = ownRedaction.withNames();
  const signature = signatureOf(resource, ended?.code, headers);
  const request = {
    target: naming.target(target),
    headers: naming.headers(headers),
    body: maskedBody(naming, headers, body),
    ...(seen?.unreadBody !== undefined && { unreadBody: seen.unreadBody }),
    event: naming.event(event),
    ...(signature && { signature }),
  };
  return {
    request: withoutForgedMasks(request, { target, headers, body, event }, redaction.variableNames),
    ...(seen?.reply && ended && { reply: replyOf(ownRedaction, ended.status, seen.reply) }),
    phases: seen && ended ? phasesOf(seen.moments, ended.durationMs) : [],
    logs: maskedLogs(ownRedaction, draft.logs),
    hints: hints.map((hint) => ({ ...hint, text: ownRedaction.text(hint.text) })),
    ...(draft.problems.length > 0 && {
      problems: draft.problems.map((problem) => ({ ...problem, text: ownRedaction.text(problem.text) })),
    }),
    ...failureOf(ended, ownRedaction),
    ...(seen?.isolate && { isolate: seen.isolate }),
  };
}

/** Why a request failed, from the ledger and from the author's code. */
function failureOf(
  { code, detail, signatureDiagnosis, source }: Partial<RequestEnded> = {},
  redaction: Redaction,
): Pick<Exchange, "explanation" | "detail" | "signatureDiagnosis" | "source"> {
  return {
    ...explanationOf(code),
    ...(signatureDiagnosis && { signatureDiagnosis: maskedDiagnosis(signatureDiagnosis, redaction) }),
    ...(detail !== undefined && { detail: redaction.text(detail) }),
    ...(source && { source: maskedSource(source, redaction) }),
  };
}

function explanationOf(code: string | undefined): Pick<Exchange, "explanation"> {
  if (code === undefined || !Object.hasOwn(ledger, code)) return {};
  const { message, next } = ledger[code as keyof typeof ledger];
  return { explanation: { message, next } };
}

function maskedDiagnosis(diagnosis: SignatureDiagnosis, redaction: Redaction): SignatureDiagnosis {
  const { checkedUrl, candidates, explanation, fix } = diagnosis;
  // Secrets in queries are masked by their name already. This masks the values of the service's variables.
  const hide = (text: string): string => redaction.pieces([text], maxLineCharacters)[0] ?? "";
  return {
    ...diagnosis,
    ...(checkedUrl !== undefined && { checkedUrl: hide(checkedUrl) }),
    candidates: candidates.map((each) => ({ ...each, url: hide(each.url) })),
    explanation: explanation.map(hide),
    ...(fix !== undefined && { fix: hide(fix) }),
  };
}

/** A secret in the source may have several lines. */
function maskedSource({ lines, ...place }: SourceExcerpt, redaction: Redaction): SourceExcerpt {
  const texts = redaction.pieces(
    lines.map(({ text }) => text),
    maxLineCharacters,
  );
  return { ...place, lines: lines.map((line, index) => ({ ...line, text: texts[index] ?? "" })) };
}

/** While the request is being served, only its target is known. */
function requestReceived({ begun, seen }: ExchangeDraft): Pick<ExchangeSeen, "target" | "headers" | "body"> {
  return seen ?? { target: begun.target, headers: [], body: new Uint8Array() };
}

/** Cuts a line, but leaves it longer than pages show it: a secret may cross the end of what they show. */
function shortened(text: string): string {
  const line = text.endsWith("\n") ? text.slice(0, -1) : text;
  return line.slice(0, 4 * maxLineCharacters);
}

/**
 * Two writes may each contain one half of a secret. A write to the other stream may come between them, so the lines of
 * each level are also masked on their own.
 */
function maskedLogs(redaction: Redaction, logs: readonly LogLine[]): LogLine[] {
  const texts = maskedTexts(redaction, logs);
  const masked = logs.map((line, index) => ({ ...line, text: texts[index] ?? "" }));
  const levels = new Set(logs.map(({ level }) => level));
  if (levels.size < 2) return masked;
  for (const level of levels) {
    const levelLines = masked.filter((line) => line.level === level);
    const again = maskedTexts(redaction, levelLines);
    for (const [index, line] of levelLines.entries()) line.text = again[index] ?? "";
  }
  return masked;
}

function maskedTexts(redaction: Redaction, lines: readonly LogLine[]): string[] {
  const texts = lines.map(({ text }) => text);
  return redaction.pieces(texts, maxLineCharacters);
}

function maskedBody(redaction: Redaction, headers: readonly Header[], body: Uint8Array): Exchange["request"]["body"] {
  const type = contentTypeOf(headers);
  const hide = isPacked(headers) ? () => mask : (text: string) => redaction.body(text, type, shownBytes);
  return bodyOf(body, hide, undefined, type);
}

function replyOf(
  redaction: Redaction,
  status: number,
  { headers, body }: NonNullable<ExchangeSeen["reply"]>,
): NonNullable<Exchange["reply"]> {
  const pairs = pairsOf(headers);
  return { status, headers: redaction.headers(pairs), body: maskedBody(redaction, pairs, body) };
}

const signatureErrors = new Set([
  "signature-invalid",
  "auth-token-missing",
  "shared-key-missing",
  "signature-algorithm-unsupported",
]);

/** The gateway rejects these requests before it checks a signature, so it is not known whether theirs is valid. */
const uncheckedErrors = new Set([
  "method-not-allowed",
  "body-with-get",
  "websocket-unsupported",
  "request-malformed",
  "request-timed-out",
  "request-too-large",
  "request-headers-too-long",
  "server-overloaded",
  "body-charset-unsupported",
]);

function signatureOf(
  resource: FunctionResource | undefined,
  code: string | undefined,
  headers: readonly Header[],
): "valid" | "invalid" | "missing" | undefined {
  if (signatureErrors.has(code ?? ""))
    return headers.some(([name]) => name.toLowerCase() === "x-twilio-signature") ? "invalid" : "missing";
  return resource?.visibility === "protected" && !uncheckedErrors.has(code ?? "") ? "valid" : undefined;
}
