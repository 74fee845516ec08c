/**
 * The channel between the gateway process and the control process: requests with answers, and news without. It runs over
 * Node's channel between a parent and its child.
 */
import type { ChildProcess } from "node:child_process";
import type { ErrorCode } from "@offhook/runtime/errors";
import { isOffhookError, OffhookError } from "@offhook/runtime/offhook-error";

/** One end of Node's channel: `process` in the child, a `ChildProcess` in the parent. */
type End = Pick<ChildProcess, "send" | "on" | "off" | "connected">;

/** Functions by name. The other side calls them with one argument that can be cloned. */
// oxlint-disable-next-line typescript/no-explicit-any -- The types of the messages are those of `Requests` and `News`.
type Functions = Readonly<Record<string, (message: any) => unknown>>;

export type Handlers<Requests extends Functions> = {
  readonly [K in keyof Requests]: (
    ...message: Parameters<Requests[K]>
  ) => ReturnType<Requests[K]> | Promise<ReturnType<Requests[K]>>;
};

type Message =
  | { readonly kind: "request"; readonly id: number; readonly name: string; readonly message: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly error: WrittenError }
  | { readonly kind: "news"; readonly name: string; readonly message: unknown };

/** An error as it crosses the channel. */
interface WrittenError {
  readonly message: string;
  /** Of an error from the ledger. */
  readonly code?: ErrorCode;
  readonly detail?: string;
}

/** The other side has refused a request, or is gone. The message is for people. */
export class LinkError extends Error {
  override readonly name = "LinkError";
}

interface LinkOptions {
  /** Answers the requests of the other side. */
  readonly answers: Functions;
  /** Called with the news of the other side. */
  readonly news: Functions;
  /** Called once, when the other side is gone. */
  readonly onClosed: () => void;
}

export class Link<Requests extends Functions, News extends Functions> {
  readonly #end: End;
  readonly #options: LinkOptions;
  readonly #pending = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #isClosed = false;

  constructor(end: End, options: LinkOptions) {
    this.#end = end;
    this.#options = options;
    end.on("message", this.#onMessage);
    end.on("disconnect", this.#onClosed);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @throws LinkError if the other side refuses or is gone, OffhookError as the other side threw it. */
  async request<K extends keyof Requests & string>(
    name: K,
    ...message: Parameters<Requests[K]>
  ): Promise<ReturnType<Requests[K]>> {
    if (this.#isClosed) throw gone();
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#pending.set(id, answer);
    this.#send({ kind: "request", id, name, message: message[0] });
    return (await answer.promise) as ReturnType<Requests[K]>;
  }

  /** Does nothing if the other side is gone. */
  tell<K extends keyof News & string>(name: K, ...message: Parameters<News[K]>): void {
    if (!this.#isClosed) this.#send({ kind: "news", name, message: message[0] });
  }

  readonly #onMessage = (message: unknown): void => {
    void this.#receive(message as Message);
  };

  async #receive(message: Message): Promise<void> {
    const { answers, news } = this.#options;
    if (message.kind === "news") {
      news[message.name]?.(message.message);
    } else if (message.kind === "request") {
      const { id, name } = message;
      try {
        const answer = answers[name];
        if (answer === undefined) throw new LinkError(`Unknown request ${name}`);
        this.#send({ kind: "answer", id, result: await answer(message.message) });
      } catch (error) {
        this.#send({ kind: "failure", id, error: writeError(error) });
      }
    } else {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.kind === "answer") pending?.resolve(message.result);
      else pending?.reject(readError(message.error));
    }
  }

  #send(message: Message): void {
    if (this.#isClosed || !this.#end.connected) return this.#onClosed();
    this.#end.send(message, (error) => {
      if (error !== null) this.#onClosed();
    });
  }

  readonly #onClosed = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end.off("message", this.#onMessage);
    this.#end.off("disconnect", this.#onClosed);
    for (const pending of this.#pending.values()) pending.reject(gone());
    this.#pending.clear();
    this.#options.onClosed();
  };
}

function gone(): LinkError {
  return new LinkError("The other process of this server has ended. Try again in a moment.");
}

function writeError(error: unknown): WrittenError {
  if (isOffhookError(error)) return { message: error.message, code: error.code, detail: error.detail };
  return { message: error instanceof Error ? error.message : String(error) };
}

function readError({ message, code, detail }: WrittenError): Error {
  return code === undefined ? new LinkError(message) : new OffhookError(code, detail);
}
