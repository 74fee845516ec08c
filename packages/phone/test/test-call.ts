/** A call with its own clock. Its functions are a table of replies. */
import type { SendRequest, SendResult } from "../src/call/send-request.ts";
import { step } from "../src/call/call.ts";
import { idleCall, type Call, type CallEffect, type CallEvent, type CallSetup } from "../src/call/call-state.ts";

export interface Page {
  readonly status?: number;
  readonly type?: string;
  readonly body?: string;
  readonly location?: string;
  readonly cookies?: readonly string[];
}

/** A string is the content of the <Response>. */
export type Pages = Readonly<Record<string, string | Page | ((fields: Record<string, string>) => string | Page)>>;

function sentOf(page: string | Page, id = "RQ1"): SendResult {
  const {
    status = 200,
    type = "text/xml",
    body,
    location,
    cookies = [],
  }: Page = typeof page === "string" ? { body: `<Response>${page}</Response>` } : page;
  const text = body ?? "";
  const headers: [string, string][] = type === "" ? [] : [["content-type", type]];
  if (location !== undefined) headers.push(["location", location]);
  return {
    id,
    status,
    headers,
    body: { bytes: Buffer.byteLength(text), text, encoding: "utf8", isCut: false },
    cookies,
  };
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly fields: Record<string, string>;
  readonly cookie: string | undefined;
}

export function askedOf({ method, target, fields, headers }: SendRequest): Asked {
  const { pathname, searchParams } = new URL(target, "http://localhost");
  const cookie = headers?.find(([name]) => name === "cookie")?.[1];
  return {
    method,
    path: pathname,
    fields: { ...Object.fromEntries(searchParams), ...Object.fromEntries(fields ?? []) },
    cookie,
  };
}

export function replyTo(pages: Pages, asked: Asked): SendResult {
  const page = pages[asked.path] ?? { status: 404, body: "Not found" };
  return sentOf(typeof page === "function" ? page(asked.fields) : page, `RQ-${asked.path}`);
}

export class TestCall {
  call: Call = idleCall;
  at = 0;
  readonly asked: Asked[] = [];
  readonly heard: string[] = [];
  /** The current step. */
  pending: Extract<CallEffect, { step: number }> | undefined;
  readonly #pages: Pages;
  #sids = 0;

  constructor(pages: Pages, setup: Partial<CallSetup> = {}) {
    this.#pages = pages;
    const common = { fields: { AccountSid: "AC1" }, from: "+1", to: "+2", site: { url: "http://localhost:3000" } };
    this.do({ kind: "dial", sid: "CA1", setup: { target: "/voice", ...common, ...setup } });
  }

  get phase(): string {
    return this.call.phase;
  }

  get last(): Asked | undefined {
    return this.asked.at(-1);
  }

  /** Entries of one kind, in order. */
  logged(kind: string): string[] {
    return this.call.log.flatMap((entry) =>
      entry.kind === kind ? [`${"code" in entry ? `${entry.code} ` : ""}${"text" in entry ? entry.text : ""}`] : [],
    );
  }

  do(event: CallEvent): this {
    const { call, effects } = step(this.call, event, this.at, (prefix) => `${prefix}${(this.#sids += 1)}`);
    this.call = call;
    for (const effect of effects) this.#take(effect);
    return this;
  }

  keys(keys: string): this {
    for (const key of keys) this.do({ kind: "key", key });
    return this;
  }

  /** Ends the current step. */
  pass(): this {
    const { pending } = this;
    if (pending === undefined) throw new Error("nothing is under way");
    this.pending = undefined;
    this.at += pending.ms;
    return this.do({ kind: "done", step: pending.step });
  }

  /** Lets the call play everything until it waits for the caller. */
  listen(): this {
    while (this.phase === "playing" || this.phase === "prompting") this.pass();
    return this;
  }

  #take(effect: CallEffect): void {
    if (effect.kind === "quiet") this.pending = undefined;
    else if (effect.kind === "request") {
      const asked = askedOf(effect.send);
      this.asked.push(asked);
      this.at += 5;
      this.do({ kind: "reply", request: effect.request, sent: replyTo(this.#pages, asked) });
    } else {
      if (effect.kind === "speak") this.heard.push(effect.text);
      if (effect.kind === "play") this.heard.push(`play ${effect.target ?? "elsewhere"}`);
      this.pending = effect;
    }
  }
}
