/**
 * A conversation in progress. It outlives the components that draw it.
 */
import { deliver, type ChatItem } from "@offhook/phone/conversation";
import { liveCookies, type CookieJar } from "@offhook/phone/cookie-jar";
import type { Site } from "@offhook/phone/web-address";
import { randomSid, simulatedFields } from "@offhook/phone/webhook";
import type { Simulation } from "../../api.ts";
import type { Send } from "./call-controller.ts";

export type ChatRow = { readonly id: number } & (ChatItem | SentRow);

interface SentRow {
  readonly kind: "sent";
  readonly body: string;
  readonly exchange?: string;
}

export interface ChatMessage {
  readonly target: string;
  readonly body: string;
  readonly from: string;
  readonly to: string;
  readonly site: Site;
  readonly simulations: readonly Simulation[];
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

  constructor(send: Send) {
    this.send = send;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async sendMessage({ target, body, from, to, site, simulations }: ChatMessage): Promise<void> {
    const sid = randomSid("SM");
    const common = { From: from, To: to, Body: body, MessageSid: sid, SmsMessageSid: sid, SmsSid: sid };
    const fields = { ...simulatedFields(simulations, "sms"), ...common };
    const conversation = this.#conversation;
    const pair = pairOf(from, to);
    this.awaited += 1;
    this.#add([{ kind: "sent", body }]);
    const id = this.#lastId;
    const { send } = this;
    const jar = this.cookies(from, to);
    const answer = await deliver({ target, fields, site, jar, send, now: Date.now });
    if (conversation !== this.#conversation) return;
    this.#jars.set(pair, answer.jar);
    this.awaited -= 1;
    this.exchanges = [...answer.exchanges.toReversed(), ...this.exchanges].slice(0, maxRows);
    const [exchange] = answer.exchanges;
    if (exchange !== undefined) this.rows = this.rows.map((row) => (row.id === id ? { ...row, exchange } : row));
    this.#add(answer.items);
  }

  cookies(from: string, to: string): CookieJar {
    return liveCookies(this.#jars.get(pairOf(from, to)) ?? [], Date.now());
  }

  clearCookies(from: string, to: string): void {
    this.#jars.delete(pairOf(from, to));
    this.#notifyListeners();
  }

  /** Starts a new conversation and discards everything of the previous one, including its cookies. */
  begin(): void {
    this.#conversation += 1;
    this.rows = [];
    this.exchanges = [];
    this.awaited = 0;
    this.#jars.clear();
    this.#notifyListeners();
  }

  #add(items: readonly (ChatItem | SentRow)[]): void {
    const rows = items.map((item): ChatRow => ({ ...item, id: (this.#lastId += 1) }));
    this.rows = [...this.rows, ...rows].slice(-maxRows);
    this.#notifyListeners();
  }

  #notifyListeners(): void {
    for (const listener of this.#listeners) listener();
  }
}

function pairOf(from: string, to: string): string {
  return `${from.trim()} ${to.trim()}`;
}
