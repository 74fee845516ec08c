/** One request and its reply, from the head's arrival to the last byte handed to the socket. Types only. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Invocation, Invoker } from "../pool/invocation.ts";
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
  /** Path and query, see `originFormOf`. */
  readonly target: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** See `measureHeaders`. */
  readonly headerBytes: number;
  readonly traffic: Traffic;
  /** Whether the client waits for permission to send its body (`Expect: 100-continue`). */
  readonly expectsContinue: boolean;
  /** Sid of the service. Empty until it is known. */
  service: string;
  /** Belongs to the tenant. Undefined until the tenant is known. */
  inFlight: InFlight | undefined;
  resource: Resource | undefined;
  /** For `context.DOMAIN_NAME`. Read before the body, because a client that disconnects no longer has an address. */
  domain: string;
  /** Empty until the whole body has arrived. It counts as held bytes until the exchange ends. */
  body: Uint8Array;
  /** The function's invocation and the pool that runs it. Undefined until the request gets that far. */
  invoker: Invoker | undefined;
  invocation: Invocation | undefined;
  /** Whether it waited until its isolate started or loaded the function. Undefined if no isolate got it. */
  isCold: boolean | undefined;
}

/** A client's connection and its state, see `connections.ts`. */
export interface Connection extends Holder {
  readonly socket: Socket;
  /** Exchanges whose invocations run, in order of arrival. There is more than one if the client pipelines. */
  readonly waiting: Exchange[];
  /** Further bytes are ignored, because it is in doubt where a request ends. */
  isGivenUp: boolean;
  /** Whether a request, or more of its body, has arrived since the last read. If not, new bytes are part of a head. */
  hasProgress: boolean;
  /** The number of bytes that had been read when `hasProgress` was last true. */
  progressAtBytes: number;
  /** Called when the connection has closed. */
  onGone: Set<() => void> | undefined;
  /** Rejects the request whose body is being read. */
  refuseBody: (() => void) | undefined;
  /** Bytes that the kernel had accepted at the last check. */
  sentBytes: number;
  /** Consecutive checks in which `sentBytes` did not change. */
  stalledChecks: number;
  probe: NodeJS.Timeout | undefined;
}
