/**
 * A conversation by messages in a test.
 */
import assert from "node:assert/strict";
import { deliver, type ChatItem } from "../call/conversation.ts";
import type { CookieJar } from "../call/cookie-jar.ts";
import { incomingFields, type Media } from "../call/message-fields.ts";
import type { SendRequest, SendResult } from "../call/send-request.ts";
import { faultTitle } from "../call/twilio-faults.ts";
import { withoutHost } from "../call/web-address.ts";
import { randomSid, simulatedFields } from "../call/webhook.ts";
import { simulations, site } from "./project-functions.ts";

export interface ChatParties {
  readonly target: string;
  readonly from: string;
  readonly to: string;
}

export interface MessageOptions {
  readonly media?: readonly Media[];
  /** The message is a tap on a button. */
  readonly buttonPayload?: string;
}

export class TestedChat {
  readonly #send: (request: SendRequest) => Promise<SendResult>;
  readonly #parties: ChatParties;
  #jar: CookieJar = [];
  /** The replies that the test has not read yet. */
  #unread: readonly ChatItem[] = [];

  constructor(send: (request: SendRequest) => Promise<SendResult>, parties: ChatParties) {
    this.#send = send;
    this.#parties = parties;
  }

  /** Sends a message to the function. The test must have read the replies to the one before. */
  async sends(body: string, { media = [], buttonPayload }: MessageOptions = {}): Promise<void> {
    this.ends();
    const { target, from, to } = this.#parties;
    const sid = randomSid(media.length > 0 ? "MM" : "SM");
    const message = { sid, body, from, to, media, ...(buttonPayload !== undefined && { buttonPayload }) };
    const fields = incomingFields(simulatedFields(simulations, "sms"), message);
    const answer = await deliver({ target, fields, site, jar: this.#jar, send: this.#send, now: Date.now });
    this.#jar = answer.jar;
    this.#unread = answer.items;
  }

  /** The next message of the function has this text, and these media: paths in the project, or URLs. */
  receives(body: string, { media = [] }: { readonly media?: readonly string[] } = {}): void {
    const [item, ...others] = this.#unread.filter(({ kind }) => kind === "message");
    if (item?.kind !== "message") return assert.fail(`Expected the message "${body}", but ${this.#rest()}`);
    this.#unread = [...this.#unread.filter(({ kind }) => kind !== "message"), ...others];
    const received = item.media.map((url) => withoutHost(url, site));
    assert.deepEqual({ body: item.body, media: received }, { body, media: [...media] });
  }

  /** There is no other message. */
  ends(): void {
    const hasMessages = this.#unread.some(({ kind }) => kind === "message");
    assert.equal(hasMessages, false, `Expected no other message, but ${this.#rest()}`);
  }

  #rest(): string {
    if (this.#unread.length === 0) return "there is none";
    const lines = this.#unread.map((item) => {
      if (item.kind === "message") return `the function sends "${item.body}"`;
      const title = item.kind === "fault" && item.code !== undefined ? `${faultTitle(item.code)}: ` : "";
      return title + item.text;
    });
    return lines.join("; ");
  }
}
