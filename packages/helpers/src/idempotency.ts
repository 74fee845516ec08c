/**
 * Runs the same request only once. A caller that sends it again, because no reply arrived, gets the first reply.
 */
import { wait, within } from "./clock.ts";
import { textOf } from "./failure.ts";
import type { FunctionContext, FunctionEvent } from "./function-types.ts";
import { HttpError } from "./http-error.ts";
import { memoryStore, type IdempotencyStore } from "./idempotency-store.ts";
import { timeLeftMs } from "./invocation.ts";
import { newResponse } from "./payload.ts";
import type { Replier } from "./replier.ts";
import { headerIn } from "./retry-after.ts";
import { restoreReply, saveReply } from "./saved-reply.ts";
import type { TokenResult } from "./token-service.ts";

export interface IdempotencyOptions {
  /**
   * Two requests with the same key are the same request. A request whose key is `undefined` always runs.
   * By default, the key is made from Twilio's parameters: see `twilioEventKey`.
   */
  readonly key?: (event: FunctionEvent, context: FunctionContext) => string | undefined | Promise<string | undefined>;
  /** Keeps the replies. By default the memory of the process, which other processes do not see. */
  readonly store?: IdempotencyStore;
  /** How long a reply is kept; a day by default. */
  readonly keepSeconds?: number;
}

const keepSecondsByDefault = 24 * 60 * 60;
/** Maximum life of a lock if the invocation has no time limit. */
const maxLockMs = 15 * 60 * 1000;
const pollMs = 100;
/**
 * Milliseconds of the invocation that are reserved for the reply, while it waits for another request or for the store.
 */
const reserveMs = 500;

const sharedMemory = memoryStore();

/**
 * The key of a webhook by Twilio's own rules: the idempotency token, which is the same in all attempts. Without a
 * token, the SID and state of a message, or the SID, state and sequence number of a call. Any other request has no key.
 */
export function twilioEventKey(event: FunctionEvent): string | undefined {
  const { request, MessageSid, SmsSid, MessageStatus, SmsStatus, CallSid, SequenceNumber, CallStatus } = event;
  const token = headerIn(request?.headers, "i-twilio-idempotency-token");
  if (token) return `token ${textOf(token)}`;
  const message: unknown = MessageSid || SmsSid;
  if (message) return `message ${textOf(message)} ${textOf(MessageStatus || SmsStatus || "")}`;
  if (CallSid && SequenceNumber) return `call ${textOf(CallSid)} ${textOf(CallStatus)} ${textOf(SequenceNumber)}`;
  return undefined;
}

/** Runs the handler, or sends the reply of its first run. */
export async function idempotently(
  option: true | IdempotencyOptions,
  replier: Replier,
  event: FunctionEvent,
  call: () => unknown,
): Promise<unknown> {
  const { context } = replier;
  const {
    key = twilioEventKey,
    store = sharedMemory,
    keepSeconds = keepSecondsByDefault,
  } = option === true ? {} : option;
  const name = await key(event, context);
  if (name === undefined || name === "") return await call();
  // Workers do not share replies.
  const { identity, worker_sid, realm_user_id } = (event["TokenResult"] ?? {}) as Partial<TokenResult>;
  const fullKey = JSON.stringify([context.PATH, identity, worker_sid, realm_user_id, name]);
  const owner = globalThis.crypto.randomUUID();
  const entry = await claim(store, fullKey, owner, context);
  if (entry !== undefined) return replay(replier, entry);
  replier.beforeReply = async (error, payload) => {
    const saved = error ? undefined : saveReply(payload);
    try {
      const kept =
        saved === undefined ? store.release(fullKey, owner) : store.complete(fullKey, owner, saved, keepSeconds * 1000);
      await within(storeTimeoutMs(context), kept);
    } catch (problem) {
      // The work is done and its reply is sent. Only a repetition would not be detected.
      console.error(`(${context.PATH}) The idempotency store failed: ${textOf(problem)}`);
    }
  };
  return await call();
}

/** @returns the first reply; undefined if this is the first request, which then owns the key. */
async function claim(
  store: IdempotencyStore,
  key: string,
  owner: string,
  context: FunctionContext,
): Promise<string | undefined> {
  for (;;) {
    let state;
    try {
      state = await within(storeTimeoutMs(context), store.claim(key, owner, Math.min(timeLeftMs(context), maxLockMs)));
    } catch (problem) {
      // Without the store, nobody knows whether the request has run. Running it could run it twice.
      console.error(`(${context.PATH}) The idempotency store failed: ${textOf(problem)}`);
      throw new HttpError(503, "Cannot tell whether this request has already run", {
        headers: { "Retry-After": "1" },
      });
    }
    if (state === "claimed") return undefined;
    if (state !== "locked") return state.reply;
    if (timeLeftMs(context) - pollMs <= reserveMs || context.signal?.aborted) {
      throw new HttpError(409, "The same request is still in progress", { headers: { "Retry-After": "1" } });
    }
    await wait(pollMs, context.signal);
  }
}

/** How long to wait for the store, so that enough time is left to reply. */
function storeTimeoutMs(context: FunctionContext): number {
  return Math.max(1, timeLeftMs(context) - reserveMs);
}

function replay(replier: Replier, saved: string): unknown {
  const response = newResponse();
  const payload = restoreReply(saved, response);
  if (payload === response) response.appendHeader("Idempotency-Replayed", "true");
  return replier.callback(null, payload);
}
