/** One request and its reply, from the head's arrival to the last byte handed to the socket. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { exchangeSeen, requestEnded, type GivenHint } from "../observe/channels.ts";
import type { Course, Invocation, Invoker } from "../pool/invocation.ts";
import type { Holder } from "./held-bytes.ts";
import type { InFlight } from "./in-flight.ts";
import type { Resource } from "./routes.ts";
import type { Traffic } from "./traffic.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly connection: Connection;
  readonly requestId: string;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Path and query; see `originFormOf`. */
  readonly target: string;
  readonly path: string;
  readonly traffic: Traffic;
  /** Whether the client waits for leave to send its body (`Expect: 100-continue`). */
  readonly expectsContinue: boolean;
  /** Sid of the service; empty as long as none is known. */
  service: string;
  /** Of its tenant, once that is known. */
  inFlight: InFlight | undefined;
  resource: Resource | undefined;
  /** What it asked for, and of whom, once that is so. */
  invoker: Invoker | undefined;
  invocation: Invocation | undefined;
  /** Whether its isolate had still to start, or to load the function; undefined where none has had it. */
  isCold: boolean | undefined;
  /** Of its body, until it ends. */
  heldBytes: number;
  /** From here on only where somebody watches. Its body was whole then. */
  receivedAt?: number;
  course?: Course | undefined;
  sent?: { readonly headers: readonly string[]; readonly body: Uint8Array };
}

/** A client's connection, and what is known of it; see `connections.ts`. */
export interface Connection extends Holder {
  readonly socket: Socket;
  /** Whose invocations run, in the order they came: more than one where the client pipelines. */
  readonly waiting: Exchange[];
  /** What follows on it is not looked at: where a request ends is in doubt. */
  isGivenUp: boolean;
  /** Whether a request, or more of its body, has come since the last read: what arrives otherwise is part of a head. */
  hasProgress: boolean;
  /** Bytes that had been read when that was so last. */
  progressAtBytes: number;
  /** Called when the connection has closed. */
  onGone: Set<() => void> | undefined;
  /** Refuses the request whose body is being read. */
  refuseBody: (() => void) | undefined;
  /** What the kernel has taken when it was last looked at. */
  sentBytes: number;
  /** Looks since then, by the last of which that was still so. */
  stillFor: number;
  probe: NodeJS.Timeout | undefined;
}

const noHints: readonly GivenHint[] = [];

/**
 * Ends an exchange, once, after its reply was written: tells the log and lets `drain` go on.
 * `bytes` are those of the body that was sent.
 */
export function endExchange(
  exchange: Exchange,
  status: number,
  bytes: number,
  code?: string,
  detail?: string,
  hints: readonly GivenHint[] = noHints,
): void {
  if (exchangeSeen.isObserved) see(exchange);
  if (requestEnded.isObserved) {
    const { resource, isCold } = exchange;
    requestEnded.publish({
      service: exchange.service,
      requestId: exchange.requestId,
      method: exchange.request.method ?? "",
      path: exchange.path,
      status,
      durationMs: performance.now() - exchange.startedAt,
      bytes,
      ...(resource === undefined ? undefined : { resource: resource.kind }),
      ...(resource?.kind === "function" ? { function: resource.name } : undefined),
      ...(isCold === undefined ? undefined : { isCold }),
      ...(code === undefined ? undefined : { code }),
      ...(detail === undefined ? undefined : { detail }),
      ...(hints.length === 0 ? undefined : { hints }),
    });
  }
  exchange.traffic.leave(exchange.heldBytes);
  exchange.inFlight?.leave(exchange.heldBytes);
}

/** What came and went, for whoever asked to see it. */
function see({ service, requestId, target, request, invocation, startedAt, receivedAt, sent, course }: Exchange): void {
  const after = (moment: number | undefined): number | undefined => moment && moment - startedAt;
  exchangeSeen.publish({
    service,
    requestId,
    target,
    headers: request.rawHeaders,
    body: invocation?.body ?? emptyBody,
    ...(sent && { reply: sent }),
    moments: {
      received: after(receivedAt),
      launched: after(course?.launchedAt),
      ready: after(course?.readyAt),
      started: after(course?.startedAt),
      loaded: after(course?.loadedAt),
      replied: after(course?.repliedAt),
    },
    ...(course && { isolate: { pid: course.pid, invocation: course.invocation } }),
  });
}

const emptyBody = new Uint8Array();
