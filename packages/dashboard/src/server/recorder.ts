/**
 * What the stages tell of a request, one after the other, put together to an exchange: shown as it grows, kept when it ends.
 *
 *     begun ─▶ (output, hints) ─▶ seen ─▶ ended ─▶ (output, hints, what was left behind) ─▶ no longer looked for
 *       │                                   │                         │
 *       ╰──────────── rows of the page ─────┴───── and the journal ───╯
 */
import {
  exchangeBegun,
  exchangeSeen,
  hintsGiven,
  isolateEnded,
  outputWritten,
  requestEnded,
} from "@offhook/runtime/observe";
import type { ExchangeBegun, ExchangeSeen, GivenHint, RequestEnded } from "@offhook/runtime/observe";
import type { FunctionResource, Service } from "@offhook/runtime/service";

import type { Exchange, ExchangeSummary, Header, Hint, LogLine, StreamEvent } from "../api.ts";
import type { Journal } from "../journal/journal.ts";
import { mask, Redaction } from "../journal/redaction.ts";
import { bodyOf, eventOf, isPacked, labelOf, contentTypeOf, pairsOf, shownBytes } from "./exchange-parts.ts";
import type { Original } from "./original.ts";
import { phasesOf } from "./phases.ts";

const originalsAtMost = 200;
const originalBytesAtMost = 16 * 1_048_576;
/** After its end something may still be told of a request for so long. */
const afterwardsMs = 10_000;
/** What comes together is written together. */
const togetherMs = 100;
/** Who measures how much the server takes does not want to look at it: beyond so many at once, and so many a second, they are counted. */
const atOnce = 300;
const aSecond = 60;
const openAtMost = 2_000;
const linesAtMost = 500;
const lineCharacters = 4_000;

interface Draft {
  readonly begun: ExchangeBegun;
  readonly logs: LogLine[];
  readonly hints: Hint[];
  seen: ExchangeSeen | undefined;
  ended: RequestEnded | undefined;
  leftovers: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

export class Recorder {
  readonly #journal: Journal;
  readonly #tell: (event: StreamEvent) => void;
  readonly #redaction = new Redaction();
  readonly #drafts = new Map<string, Draft>();
  readonly #originals = new Map<string, Original>();
  readonly #origins = new Map<string, ExchangeSummary["origin"]>();
  #originalBytes = 0;
  /** How many may be recorded now, as of then. */
  #room = atOnce;
  #roomAt = performance.now();
  #passedOver = 0;
  #overTimer: NodeJS.Timeout | undefined;
  #functions = new Map<string, FunctionResource>();
  #folder = "";
  readonly #stop: readonly (() => void)[];

  /** @param tell pages that are open. */
  constructor(journal: Journal, service: Service, tell: (event: StreamEvent) => void) {
    this.#journal = journal;
    this.#tell = tell;
    this.setService(service);
    this.#stop = [
      exchangeBegun.subscribe((begun) => this.#onBegun(begun)),
      exchangeSeen.subscribe((seen) => this.#onSeen(seen)),
      requestEnded.subscribe((ended) => this.#onEnded(ended)),
      outputWritten.subscribe(({ requestId, level, text }) => {
        this.#change(requestId, ({ logs }) => {
          if (logs.length < linesAtMost) logs.push({ at: Date.now(), level, text: shortened(text) });
        });
      }),
      hintsGiven.subscribe(({ requestId, hints }) =>
        this.#change(requestId, (draft) => draft.hints.push(...hints.map(hintOf))),
      ),
      isolateEnded.subscribe(({ requestId, reason, detail }) => {
        const isLeft = reason === "leftovers" || reason === "unresponsive";
        if (isLeft) this.#change(requestId, (draft) => (draft.leftovers = this.#redaction.text(detail)));
      }),
    ];
  }

  /** The next requests are of this one. */
  setService(service: Service): void {
    this.#redaction.setVariables(service.variables);
    this.#functions = new Map(service.functions.map((each) => [each.name, each]));
    this.#folder = service.folder;
  }

  original(id: string): Original | undefined {
    return this.#originals.get(id);
  }

  /** As far as it is known: one that still runs is not in the journal. */
  running(id: string): Exchange | undefined {
    const draft = this.#drafts.get(id);
    return draft === undefined || draft.ended !== undefined ? undefined : this.#exchange(id, draft);
  }

  /** Says who has sent it, which is known when its reply is there. */
  mark(id: string, origin: ExchangeSummary["origin"]): void {
    this.#origins.set(id, origin);
    const [oldest] = this.#origins.keys();
    if (this.#origins.size > originalsAtMost && oldest !== undefined) this.#origins.delete(oldest);
    this.#change(id, () => undefined);
  }

  /** Keeps what is known of all that has ended. */
  stop(): void {
    for (const end of this.#stop) end();
    clearTimeout(this.#overTimer);
    for (const [id, draft] of this.#drafts) {
      clearTimeout(draft.timer);
      if (draft.ended !== undefined) this.#keep(id, draft);
    }
    this.#drafts.clear();
  }

  #onBegun(begun: ExchangeBegun): void {
    if (!this.#hasRoom()) return;
    const draft: Draft = {
      begun,
      logs: [],
      hints: [],
      seen: undefined,
      ended: undefined,
      leftovers: undefined,
      timer: undefined,
    };
    this.#drafts.set(begun.requestId, draft);
    this.#tell({ kind: "exchange", exchange: this.#summary(begun.requestId, draft) });
  }

  #hasRoom(): boolean {
    const now = performance.now();
    this.#room = Math.min(atOnce, this.#room + ((now - this.#roomAt) / 1_000) * aSecond);
    this.#roomAt = now;
    if (this.#room < 1 || this.#drafts.size >= openAtMost) {
      this.#passedOver += 1;
      this.#tellOnceOver(this.#passedOver);
      return false;
    }
    this.#room -= 1;
    return true;
  }

  /** @param passedOver as of now: a second in which there are no more of them is the end. */
  #tellOnceOver(passedOver: number): void {
    this.#overTimer ??= setTimeout(() => {
      this.#overTimer = undefined;
      if (this.#passedOver > passedOver) return this.#tellOnceOver(this.#passedOver);
      this.#passedOver = 0;
      const text = `${passedOver} requests came too fast to be shown one by one.`;
      this.#tell({ kind: "notice", level: "info", text });
    }, 1_000).unref();
  }

  #onSeen(seen: ExchangeSeen): void {
    const draft = this.#drafts.get(seen.requestId);
    if (draft === undefined) return;
    draft.seen = seen;
    const { target, headers, body } = seen;
    this.#keepOriginal(seen.requestId, { method: draft.begun.method, target, headers: pairsOf(headers), body });
  }

  #onEnded(ended: RequestEnded): void {
    const { requestId } = ended;
    const draft = this.#drafts.get(requestId);
    if (draft === undefined) return;
    draft.ended = ended;
    draft.hints.push(...(ended.hints ?? []).map(hintOf));
    this.#keep(requestId, draft);
    draft.timer = setTimeout(() => {
      this.#drafts.delete(requestId);
    }, afterwardsMs).unref();
  }

  #change(requestId: string | undefined, change: (draft: Draft) => void): void {
    const draft = requestId === undefined ? undefined : this.#drafts.get(requestId);
    if (requestId === undefined || draft === undefined) return;
    change(draft);
    if (draft.ended === undefined) return this.#tell({ kind: "exchange", exchange: this.#summary(requestId, draft) });
    clearTimeout(draft.timer);
    draft.timer = setTimeout(() => {
      this.#keep(requestId, draft);
      draft.timer = setTimeout(() => this.#drafts.delete(requestId), afterwardsMs).unref();
    }, togetherMs).unref();
  }

  #keep(id: string, draft: Draft): void {
    let exchange: Exchange;
    try {
      exchange = this.#exchange(id, draft);
    } catch (error) {
      // Whoever asks can make anything: one that cannot be shown is no reason to serve nobody any more.
      const text = `A request could not be recorded: ${error instanceof Error ? error.message : String(error)}`;
      this.#tell({ kind: "notice", level: "warn", text: this.#redaction.text(text) });
      return;
    }
    this.#journal.add(exchange);
    this.#tell({ kind: "exchange", exchange: this.#summary(id, draft, exchange.label) });
  }

  #summary(id: string, { begun, ended, logs, leftovers }: Draft, label?: string): ExchangeSummary {
    const [path = ""] = begun.target.split("?");
    const origin = this.#origins.get(id) ?? "client";
    return {
      id,
      ...(begun.service !== "" && { service: begun.service }),
      startedAt: begun.at,
      method: begun.method,
      path: this.#redaction.path(path),
      lines: logs.length,
      complaints: logs.filter(({ level }) => level === "warn" || level === "error").length,
      origin,
      ...(ended && { status: ended.status, durationMs: ended.durationMs }),
      ...(ended?.resource && { resource: ended.resource }),
      ...(ended?.code !== undefined && { code: ended.code }),
      ...(ended?.isCold !== undefined && { isCold: ended.isCold }),
      ...(leftovers !== undefined && { leftovers }),
      ...(label !== undefined && { label }),
    };
  }

  #exchange(id: string, draft: Draft): Exchange {
    const { begun, seen, ended, logs, hints } = draft;
    const headers = pairsOf(seen?.headers ?? []);
    const body = seen?.body ?? new Uint8Array();
    const asked = eventOf(seen?.target ?? begun.target, seen?.headers ?? [], body);
    const redaction = this.#redaction.for(headers, asked);
    const event = redaction.event(asked);
    const label = labelOf(event);
    const named = ended?.function === undefined ? undefined : this.#functions.get(ended.function);
    const signature = signatureOf(named, ended?.code, headers);
    return {
      ...this.#summary(id, draft, label),
      request: {
        target: redaction.target(seen?.target ?? begun.target),
        headers: redaction.headers(headers),
        body: bodyOf(body, hiding(redaction, headers), undefined, contentTypeOf(headers)),
        event,
        ...(signature && { signature }),
      },
      ...(seen?.reply !== undefined && ended !== undefined && { reply: replyOf(redaction, ended.status, seen.reply) }),
      phases: seen === undefined || ended === undefined ? [] : phasesOf(seen.moments, ended.durationMs),
      logs: maskedLogs(redaction, logs),
      hints: hints.map((hint) => ({ ...hint, text: redaction.text(hint.text) })),
      ...(ended?.detail !== undefined && { detail: redaction.text(ended.detail) }),
      ...(named && { file: relativeTo(this.#folder, named.file) }),
      ...(seen?.isolate && { isolate: seen.isolate }),
    };
  }

  #keepOriginal(id: string, original: Original): void {
    this.#originals.set(id, original);
    this.#originalBytes += original.body.length;
    for (const [oldest, { body }] of this.#originals) {
      if (this.#originals.size <= originalsAtMost && this.#originalBytes <= originalBytesAtMost) return;
      this.#originals.delete(oldest);
      this.#originalBytes -= body.length;
    }
  }
}

/** Longer than what is shown: a secret may cross that cut. */
function shortened(text: string): string {
  const line = text.endsWith("\n") ? text.slice(0, -1) : text;
  return line.slice(0, 4 * lineCharacters);
}

/** A secret may be split between two writes, and between them the other stream may have been written to. */
function maskedLogs(redaction: Redaction, logs: readonly LogLine[]): LogLine[] {
  const texts = redaction.pieces(
    logs.map(({ text }) => text),
    lineCharacters,
  );
  const masked = logs.map((line, index) => ({ ...line, text: texts[index] ?? "" }));
  const levels = new Set(logs.map(({ level }) => level));
  if (levels.size < 2) return masked;
  for (const level of levels) {
    const own = masked.filter((line) => line.level === level);
    const again = redaction.pieces(
      own.map(({ text }) => text),
      lineCharacters,
    );
    for (const [index, line] of own.entries()) line.text = again[index] ?? "";
  }
  return masked;
}

function hiding(redaction: Redaction, headers: readonly Header[]): (text: string) => string {
  return isPacked(headers) ? () => mask : (text) => redaction.body(text, contentTypeOf(headers), shownBytes);
}

function replyOf(
  redaction: Redaction,
  status: number,
  { headers, body }: NonNullable<ExchangeSeen["reply"]>,
): NonNullable<Exchange["reply"]> {
  const pairs = pairsOf(headers);
  return {
    status,
    headers: redaction.headers(pairs),
    body: bodyOf(body, hiding(redaction, pairs), undefined, contentTypeOf(pairs)),
  };
}

function hintOf({ text, file, line }: GivenHint): Hint {
  return { text, ...(file !== undefined && { file }), ...(line !== undefined && { line }) };
}

const signatureErrors = new Set([
  "signature-invalid",
  "auth-token-missing",
  "shared-key-missing",
  "signature-algorithm-unsupported",
]);

function signatureOf(
  named: FunctionResource | undefined,
  code: string | undefined,
  headers: readonly Header[],
): "valid" | "invalid" | "missing" | undefined {
  if (signatureErrors.has(code ?? ""))
    return headers.some(([name]) => name.toLowerCase() === "x-twilio-signature") ? "invalid" : "missing";
  return named?.visibility === "protected" ? "valid" : undefined;
}

function relativeTo(folder: string, file: string): string {
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}
