/**
 * The HTTP client of the `twilio` package in a call with options. It limits requests to the remaining time and uses the
 * circuit breaker of their host. It also keeps headers and request id of the answers, because the package's errors have
 * neither.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  enterCircuit,
  leaveCircuit,
  verdictOfError,
  verdictOfSilence,
  verdictOfStatus,
  type BreakerOptions,
} from "./circuit-breaker.ts";
import { fieldsOf } from "./failure.ts";
import type { FunctionContext, TwilioClient } from "./function-types.ts";
import { invocationOf } from "./invocation.ts";
import type { AttemptRecord } from "./attempt.ts";
import type { TwilioExecuteOptions } from "./timed-call.ts";

interface HttpRequest {
  readonly uri?: string;
  readonly timeout?: number;
}

interface HttpResponse {
  readonly statusCode?: number;
  readonly headers?: unknown;
}

/** The package's own HTTP client, or one that the author set. */
interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Timeout of the package's own client, in milliseconds. */
  readonly defaultTimeout?: number;
}

const packageTimeoutMs = 30_000;

interface Sender {
  readonly record: AttemptRecord;
  readonly breaker: BreakerOptions | undefined;
}

/** The running attempt. Two calls of one invocation may run at the same time on the same client. */
const senders = new AsyncLocalStorage<Sender>();

/** Runs a callback so that its client's requests belong to this attempt. */
export function runWithRequests<T>(record: AttemptRecord, { breaker }: TwilioExecuteOptions, call: () => T): T {
  return senders.run({ record, breaker: breaker === true ? {} : breaker || undefined }, call);
}

/** The invocation's Twilio client for calls with options. */
export function clientOf(context: FunctionContext): TwilioClient {
  const invocation = invocationOf(context);
  if (invocation.client === undefined) {
    invocation.client = context.getTwilioClient();
    watch((invocation.client as { httpClient?: HttpClient } | undefined)?.httpClient);
  }
  return invocation.client;
}

const watched = new WeakSet<HttpClient>();

function watch(http: HttpClient | undefined): void {
  // A test's client may have no HTTP client.
  if (typeof http?.request !== "function" || watched.has(http)) return;
  watched.add(http);
  const original = http.request;
  http.request = (request) => {
    const send = (actual: HttpRequest): Promise<HttpResponse> => original.call(http, actual);
    const sender = senders.getStore();
    return sender === undefined ? send(request) : sendFor(sender, request, send, http.defaultTimeout);
  };
}

async function sendFor(
  { record, breaker }: Sender,
  request: HttpRequest,
  send: (request: HttpRequest) => Promise<HttpResponse>,
  defaultTimeout = packageTimeoutMs,
): Promise<HttpResponse> {
  const host = hostOf(request.uri);
  if (breaker !== undefined) enterCircuit(host, breaker);
  const timeout = Math.max(1, Math.floor(Math.min(request.timeout || defaultTimeout, record.remainingMs)));
  try {
    const response = await send({ ...request, timeout });
    record.heard(response.statusCode, response.headers);
    if (breaker !== undefined) leaveCircuit(host, verdictOfStatus(response.statusCode ?? 0), breaker);
    return response;
  } catch (error) {
    if (breaker !== undefined) {
      leaveCircuit(host, isTimeout(error) ? verdictOfSilence(timeout) : verdictOfError(error), breaker);
    }
    throw error;
  }
}

/** Whether axios timed out. */
function isTimeout(error: unknown): boolean {
  const { code } = fieldsOf(error);
  return code === "ECONNABORTED" || code === "ETIMEDOUT";
}

function hostOf(uri = ""): string {
  return URL.canParse(uri) ? new URL(uri).host : uri;
}
