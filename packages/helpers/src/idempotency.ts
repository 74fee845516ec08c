/**
 * The same request is run once. Whoever sends it again, because no reply reached him, gets the reply of the first time.
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
   * What makes two requests the same one. `undefined`: this request is run in any case.
   * By default what Twilio sends with its webhooks: see `twilioEventKey`.
   */
  readonly key?: (event: FunctionEvent, context: FunctionContext) => string | undefined | Promise<string | undefined>;
  /** Where replies are kept; in the memory of the process by default, which others do not see. */
  readonly store?: IdempotencyStore;
  /** For how long a reply is given again; a day by default. */
  readonly keepSeconds?: number;
}

const keepSecondsByDefault = 24 * 60 * 60;
/** A lock does not outlive what holds it by more, where there is no time limit. */
const maxLockMs = 15 * 60 * 1000;
const pollMs = 100;
/** Milliseconds of the invocation that waiting, for another or for the store, leaves for the reply. */
const reserveMs = 500;

const sharedMemory = memoryStore();

/**
 * What Twilio itself says makes a webhook the same one: its idempotency token, which is alike in all attempts. Without:
 * message and state of it, or call and number of the status callback. Anything else has no key.
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

/** Runs the handler, or gives the reply that it gave. */
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
  // One worker's reply is not another's.
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
      // The work is done and its reply goes out; only a repetition would not be known as one.
      console.error(`(${context.PATH}) The idempotency store failed: ${textOf(problem)}`);
    }
  };
  return await call();
}

/** @returns the reply of the first time; undefined if this is the first time, and the key is ours. */
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
      // To run it without knowing whether it has run is what nobody asked for.
      console.error(`(${context.PATH}) The idempotency store failed: ${textOf(problem)}`);
      throw new HttpError(503, "It is not known whether this has been done already", {
        headers: { "Retry-After": "1" },
      });
    }
    if (state === "claimed") return undefined;
    if (state !== "locked") return state.reply;
    if (timeLeftMs(context) - pollMs <= reserveMs || context.signal?.aborted) {
      throw new HttpError(409, "The same request is being worked on", { headers: { "Retry-After": "1" } });
    }
    await wait(pollMs, context.signal);
  }
}

/** For how long a store is waited for: there is to be a reply in any case. */
function storeTimeoutMs(context: FunctionContext): number {
  return Math.max(1, timeLeftMs(context) - reserveMs);
}

function replay(replier: Replier, saved: string): unknown {
  const response = newResponse();
  const payload = restoreReply(saved, response);
  if (payload === response) response.appendHeader("Idempotency-Replayed", "true");
  return replier.callback(null, payload);
}
