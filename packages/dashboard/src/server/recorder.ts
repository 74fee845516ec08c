/**
 * Collects the events of a request into one exchange. Pages show the exchange as it grows. The journal stores it when
 * the request ends.
 *
 *     start ─▶ (output, hints) ─▶ seen ─▶ ended ─▶ (output, hints, leftovers) ─▶ forgotten
 *       │                                   │                   │
 *       ╰──────────── rows of pages ────────┴── and the journal ╯
 */
import {
  exchangeBegun,
  exchangeSeen,
  hintsGiven,
  isolateEnded,
  outputWritten,
  replyProblemsFound,
  requestEnded,
} from "@offhook/runtime/observe";
import type { ExchangeBegun, ExchangeSeen, RequestEnded } from "@offhook/runtime/observe";
import type { FunctionResource, Service } from "@offhook/runtime/service";

import type { Exchange, ExchangeSummary, StreamEvent } from "../api.ts";
import type { Journal } from "../journal/journal.ts";
import { Redaction } from "../journal/redaction.ts";
import { addHints, addLine, detailsOf, summaryOf, type ExchangeDraft } from "./exchange-draft.ts";
import { labelOf, pairsOf } from "./exchange-parts.ts";
import type { Original } from "./original.ts";

const maxOriginals = 200;
const maxOriginalBytes = 16 * 1_048_576;
/** Output, hints and leftovers may arrive after the end of a request, for this long. */
const lateMs = 10_000;
/** Late changes within this time are written to the journal together. */
const batchMs = 100;
/** Under load (a benchmark, say), requests over these limits are only counted. */
const maxBurst = 300;
const maxPerSecond = 60;
const maxDrafts = 2_000;

interface Draft extends ExchangeDraft {
  timer: NodeJS.Timeout | undefined;
}

export class Recorder {
  readonly #journal: Journal;
  readonly #send: (event: StreamEvent) => void;
  readonly #redaction = new Redaction();
  readonly #drafts = new Map<string, Draft>();
  readonly #originals = new Map<string, Original>();
  readonly #origins = new Map<string, ExchangeSummary["origin"]>();
  #originalBytes = 0;
  /** How many more requests could be recorded at `#roomAt`. */
  #room = maxBurst;
  #roomAt = performance.now();
  #skipped = 0;
  #skippedTimer: NodeJS.Timeout | undefined;
  #functions = new Map<string, FunctionResource>();
  #folder = "";
  readonly #unsubscribe: readonly (() => void)[];

  /** @param send sends an event to all open pages. */
  constructor(journal: Journal, service: Service, send: (event: StreamEvent) => void) {
    this.#journal = journal;
    this.#send = send;
    this.setService(service);
    this.#unsubscribe = [
      exchangeBegun.subscribe((begun) => this.#onBegun(begun)),
      exchangeSeen.subscribe((seen) => this.#onSeen(seen)),
      requestEnded.subscribe((ended) => this.#onEnded(ended)),
      outputWritten.subscribe(({ requestId, level, text }) => {
        this.#change(requestId, (draft) => addLine(draft, level, text));
      }),
      hintsGiven.subscribe(({ requestId, hints }) => this.#change(requestId, (draft) => addHints(draft, hints))),
      replyProblemsFound.subscribe(({ requestId, problems }) => {
        this.#change(requestId, (draft) => (draft.problems = problems));
      }),
      isolateEnded.subscribe(({ requestId, reason, detail }) => {
        const isLeft = reason === "leftovers" || reason === "unresponsive";
        if (isLeft) this.#change(requestId, (draft) => (draft.leftovers = this.#redaction.text(detail)));
      }),
    ];
  }

  /** The service that answers from now on. */
  setService(service: Service): void {
    this.#redaction.setVariables(service.variables);
    this.#functions = new Map(service.functions.map((each) => [each.name, each]));
    this.#folder = service.folder;
  }

  original(id: string): Original | undefined {
    return this.#originals.get(id);
  }

  /** A request that is still being served. It is not in the journal yet. */
  running(id: string): Exchange | undefined {
    const draft = this.#drafts.get(id);
    return draft === undefined || draft.ended !== undefined ? undefined : this.#exchange(draft);
  }

  /** Sets where a request came from. Its sender learns its id only from the reply. */
  mark(id: string, origin: ExchangeSummary["origin"]): void {
    this.#origins.set(id, origin);
    const [oldest] = this.#origins.keys();
    if (this.#origins.size > maxOriginals && oldest !== undefined) this.#origins.delete(oldest);
    this.#change(id, () => undefined);
  }

  /** Writes late changes to the journal at once. */
  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    clearTimeout(this.#skippedTimer);
    for (const draft of this.#drafts.values()) {
      clearTimeout(draft.timer);
      if (draft.ended !== undefined) this.#keep(draft);
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
      problems: [],
      timer: undefined,
    };
    this.#drafts.set(begun.requestId, draft);
    this.#sendRow(draft);
  }

  #hasRoom(): boolean {
    const now = performance.now();
    this.#room = Math.min(maxBurst, this.#room + ((now - this.#roomAt) / 1_000) * maxPerSecond);
    this.#roomAt = now;
    if (this.#room < 1 || this.#drafts.size >= maxDrafts) {
      this.#skipped += 1;
      this.#reportSkipped(this.#skipped);
      return false;
    }
    this.#room -= 1;
    return true;
  }

  /** Reports once no more requests were skipped for a second. @param skipped the count so far. */
  #reportSkipped(skipped: number): void {
    this.#skippedTimer ??= setTimeout(() => {
      this.#skippedTimer = undefined;
      if (this.#skipped > skipped) return this.#reportSkipped(this.#skipped);
      this.#skipped = 0;
      const text = `${skipped} requests arrived too fast and were not recorded.`;
      this.#send({ kind: "notice", level: "info", text });
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
    const draft = this.#drafts.get(ended.requestId);
    if (draft === undefined) return;
    draft.ended = ended;
    addHints(draft, ended.hints ?? []);
    this.#keep(draft);
    this.#forgetLater(draft);
  }

  #change(requestId: string | undefined, change: (draft: Draft) => void): void {
    const draft = requestId === undefined ? undefined : this.#drafts.get(requestId);
    if (draft === undefined) return;
    change(draft);
    if (draft.ended === undefined) return this.#sendRow(draft);
    clearTimeout(draft.timer);
    draft.timer = setTimeout(() => {
      this.#keep(draft);
      this.#forgetLater(draft);
    }, batchMs).unref();
  }

  #forgetLater(draft: Draft): void {
    draft.timer = setTimeout(() => this.#drafts.delete(draft.begun.requestId), lateMs).unref();
  }

  #keep(draft: Draft): void {
    let exchange: Exchange;
    try {
      exchange = this.#exchange(draft);
    } catch (error) {
      // Clients can send anything. A request that cannot be recorded must not stop the server.
      const text = `A request could not be recorded: ${error instanceof Error ? error.message : String(error)}`;
      this.#send({ kind: "notice", level: "warn", text: this.#redaction.text(text) });
      return;
    }
    this.#journal.add(exchange);
    this.#sendRow(draft, exchange.label);
  }

  #sendRow(draft: Draft, label?: string): void {
    this.#send({ kind: "exchange", exchange: this.#summary(draft, label) });
  }

  #summary(draft: Draft, label?: string): ExchangeSummary {
    return summaryOf(draft, this.#origins.get(draft.begun.requestId) ?? "client", this.#redaction, label);
  }

  #exchange(draft: Draft): Exchange {
    const name = draft.ended?.function;
    const resource = name === undefined ? undefined : this.#functions.get(name);
    const details = detailsOf(draft, resource, this.#redaction);
    const { problems: _marks, ...summary } = this.#summary(draft, labelOf(details.request.event));
    return {
      ...summary,
      ...details,
      ...(resource && { file: relativeTo(this.#folder, resource.file) }),
    };
  }

  #keepOriginal(id: string, original: Original): void {
    this.#originals.set(id, original);
    this.#originalBytes += original.body.length;
    for (const [oldest, { body }] of this.#originals) {
      if (this.#originals.size <= maxOriginals && this.#originalBytes <= maxOriginalBytes) return;
      this.#originals.delete(oldest);
      this.#originalBytes -= body.length;
    }
  }
}

function relativeTo(folder: string, file: string): string {
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}
