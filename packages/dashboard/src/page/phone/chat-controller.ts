/**
 * A conversation in progress. It outlives the components that draw it.
 */
import { deliver, type ChatItem } from "@offhook/phone/conversation";
import type { SentMessage } from "@offhook/phone/conversation-test";
import { liveCookies, type CookieJar } from "@offhook/phone/cookie-jar";
import {
  channelOf,
  deliveryStatuses,
  incomingFields,
  statusFields,
  type DeliveryOutcome,
  type Media,
} from "@offhook/phone/message-fields";
import type { Site } from "@offhook/phone/web-address";
import { randomSid, simulatedFields, webhookRequest } from "@offhook/phone/webhook";
import type { Simulation } from "../../api.ts";
import type { Send } from "./call-controller.ts";

export type ChatRow = { readonly id: number; readonly at: number } & (ChatItem | SentRow) & {
    /** Only of messages that the function has sent. */
    readonly delivery?: Delivery;
  };

export interface SentRow extends SentMessage {
  readonly exchange?: string;
}

export interface Delivery {
  /** Twilio's name, such as `sent`. */
  readonly status: string;
  /** The status webhooks so far. */
  readonly reports: readonly { readonly status: string; readonly exchange?: string; readonly failure?: string }[];
}

export interface ChatMessage {
  readonly target: string;
  readonly body: string;
  readonly media: readonly Media[];
  readonly buttonPayload?: string | undefined;
  readonly from: string;
  readonly to: string;
  /** The outcome of the function's messages. */
  readonly outcome: DeliveryOutcome;
  readonly site: Site;
  readonly simulations: readonly Simulation[];
}

export interface KeptChat {
  readonly rows: readonly ChatRow[];
  readonly exchanges: readonly string[];
  readonly jars: readonly (readonly [pair: string, jar: CookieJar])[];
}

export interface ChatMemory {
  /** @returns the conversation that was kept last, if there is one. */
  readonly load: () => Promise<unknown>;
  readonly keep: (chat: KeptChat) => Promise<void>;
}

/** Older rows are dropped. */
const maxRows = 300;

export class ChatController {
  rows: readonly ChatRow[] = [];
  /** The ids of its requests, newest first. */
  exchanges: readonly string[] = [];
  /** Number of pending replies. */
  awaited = 0;
  send: Send;
  readonly #jars = new Map<string, CookieJar>();
  readonly #listeners = new Set<() => void>();
  #lastId = 0;
  /** Replies to an earlier conversation are not shown in this one. */
  #conversation = 0;
  readonly #memory: ChatMemory | undefined;
  /** The last change is kept, even if it happens while an earlier one is being kept. */
  #keeping: "nothing" | "one" | "one and the next" = "nothing";

  constructor(send: Send, memory?: ChatMemory) {
    this.send = send;
    this.#memory = memory;
    void memory?.load().then(
      (kept) => this.#restore(kept as KeptChat | undefined | null),
      () => undefined,
    );
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async sendMessage(message: ChatMessage): Promise<void> {
    const { target, body, media, buttonPayload, from, to, site, simulations } = message;
    const sid = randomSid(media.length > 0 ? "MM" : "SM");
    const incoming = { sid, body, from, to, media, ...(buttonPayload !== undefined && { buttonPayload }) };
    const fields = incomingFields(simulatedFields(simulations, "sms"), incoming);
    const conversation = this.#conversation;
    this.awaited += 1;
    this.#add([{ kind: "sent", body, media, buttonPayload, target, from, to }]);
    const id = this.#lastId;
    const { send } = this;
    const jar = this.cookies(from, to);
    const answer = await deliver({ target, fields, site, jar, send, now: Date.now });
    if (conversation !== this.#conversation) return;
    this.#jars.set(pairOf(from, to), answer.jar);
    this.awaited -= 1;
    this.#addExchanges(answer.exchanges);
    const [exchange] = answer.exchanges;
    if (exchange !== undefined) this.#change(id, { exchange });
    this.#add(answer.items);
    const first = this.#lastId - answer.items.length + 1;
    // One after the other, so that the list of requests stays in the order of the messages.
    for (const [index, item] of answer.items.entries()) {
      if (item.kind === "message") await this.#reportDelivery(first + index, item, message);
    }
  }

  /** Twilio reports what happens to a message that the function has sent. */
  async #reportDelivery(id: number, item: ChatItem & { kind: "message" }, message: ChatMessage): Promise<void> {
    const { from: customer, to: number, outcome, simulations } = message;
    const conversation = this.#conversation;
    const sid = randomSid(item.media.length > 0 ? "MM" : "SM");
    const usual = simulatedFields(simulations, "status");
    let reports: Delivery["reports"] = [];
    for (const status of deliveryStatuses(outcome, channelOf(customer))) {
      const { statusWebhook } = item;
      if (statusWebhook !== undefined) {
        const at = Date.now();
        const fields = statusFields(usual, { sid, status, from: number, to: item.to ?? customer, at });
        reports = [...reports, await this.#report(status, { ...statusWebhook, fields, jar: [], at })];
      }
      if (conversation !== this.#conversation) return;
      this.#change(id, { delivery: { status, reports } });
    }
  }

  async #report(status: string, webhook: Parameters<typeof webhookRequest>[0]): Promise<Delivery["reports"][number]> {
    try {
      const { id, status: reply, problem } = await this.send(webhookRequest(webhook));
      const failure = reply < 400 ? {} : { failure: problem ?? `Status ${reply}` };
      return { status, ...(id !== "" && { exchange: id }), ...failure };
    } catch (error) {
      return { status, failure: error instanceof Error ? error.message : String(error) };
    }
  }

  cookies(from: string, to: string): CookieJar {
    return liveCookies(this.#jars.get(pairOf(from, to)) ?? [], Date.now());
  }

  clearCookies(from: string, to: string): void {
    this.#jars.delete(pairOf(from, to));
    this.#notifyOfChange();
  }

  /** Starts a new conversation and discards everything of the previous one, including its cookies. */
  begin(): void {
    this.#conversation += 1;
    this.rows = [];
    this.exchanges = [];
    this.awaited = 0;
    this.#jars.clear();
    this.#notifyOfChange();
  }

  /** Unless the user was faster. */
  #restore(kept: KeptChat | undefined | null): void {
    if (!kept || this.#lastId > 0) return;
    this.rows = kept.rows;
    this.exchanges = kept.exchanges;
    for (const [pair, jar] of kept.jars) this.#jars.set(pair, jar);
    this.#lastId = kept.rows.at(-1)?.id ?? 0;
    this.#notifyListeners();
  }

  async #keep(memory: ChatMemory): Promise<void> {
    if (this.#keeping !== "nothing") {
      this.#keeping = "one and the next";
      return;
    }
    do {
      this.#keeping = "one";
      const { rows, exchanges } = this;
      // Without the server, the conversation lasts as long as the page.
      await memory.keep({ rows, exchanges, jars: [...this.#jars] }).catch(() => undefined);
    } while (this.#isOutdated());
    this.#keeping = "nothing";
  }

  #isOutdated(): boolean {
    return this.#keeping === "one and the next";
  }

  #addExchanges(exchanges: readonly string[]): void {
    this.exchanges = [...exchanges.toReversed(), ...this.exchanges].slice(0, maxRows);
  }

  #change(id: number, change: { readonly exchange?: string; readonly delivery?: Delivery }): void {
    this.rows = this.rows.map((row) => (row.id === id ? { ...row, ...change } : row));
    this.#notifyOfChange();
  }

  #add(items: readonly (ChatItem | SentRow)[]): void {
    const at = Date.now();
    const rows = items.map((item): ChatRow => ({ ...item, at, id: (this.#lastId += 1) }));
    this.rows = [...this.rows, ...rows].slice(-maxRows);
    this.#notifyOfChange();
  }

  #notifyOfChange(): void {
    this.#notifyListeners();
    if (this.#memory !== undefined) void this.#keep(this.#memory);
  }

  #notifyListeners(): void {
    for (const listener of this.#listeners) listener();
  }
}

function pairOf(from: string, to: string): string {
  return `${from.trim()} ${to.trim()}`;
}
