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
  /** Path and query; see `originFormOf`. */
  readonly target: string;
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** See `measureHeaders`. */
  readonly headerBytes: number;
  readonly traffic: Traffic;
  /** Whether the client waits for leave to send its body (`Expect: 100-continue`). */
  readonly expectsContinue: boolean;
  /** Sid of the service; empty as long as none is known. */
  service: string;
  /** Of its tenant, once that is known. */
  inFlight: InFlight | undefined;
  resource: Resource | undefined;
  /** For `context.DOMAIN_NAME`. Read before the body: a client that leaves meanwhile has no address any more. */
  domain: string;
  /** Empty until all of it has arrived. Counted among the held bytes until the exchange ends. */
  body: Uint8Array;
  /** The function's invocation and the pool that runs it. Undefined until the request gets that far. */
  invoker: Invoker | undefined;
  invocation: Invocation | undefined;
  /** Whether its isolate had still to start, or to load the function; undefined where no isolate had it. */
  isCold: boolean | undefined;
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
  /** Bytes that the kernel had taken at the last check. */
  sentBytes: number;
  /** Consecutive checks in which `sentBytes` did not change. */
  stalledChecks: number;
  probe: NodeJS.Timeout | undefined;
}
