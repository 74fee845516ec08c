/**
 * Counts every request and every answer, and decides which answers are wrong. The request determines its right answer.
 * Tolerated errors are also allowed. `bounds.ts` decides at the end whether there were too many.
 */
import type { TestRequest, Group, RequestKind } from "./kind.ts";
import { codeOf, headerOf, type Reply } from "./reply.ts";

/** Errors that a request may get because of the soak's own actions. */
const toleratedCodes = ["isolate-crashed", "isolate-not-started", "handler-timed-out", "too-many-invocations"] as const;
export type ToleratedCode = (typeof toleratedCodes)[number];

export interface Count {
  readonly group: Group;
  sent: number;
  /** The right answer. */
  right: number;
  /** Tolerated errors. */
  tolerated: number;
  wrong: number;
  lost: number;
  /** The client disconnected, or the server closed the connection as the client provoked. */
  left: number;
  readonly statuses: Record<string, number>;
}

export interface Failure {
  readonly what: string;
  count: number;
  readonly examples: string[];
}

const maxExamples = 5;
/** Grace period after the burst's last answer: answers may overtake each other on their way. */
const overloadGraceMs = 250;

export class Judge {
  readonly counts = new Map<string, Count>();
  readonly failures = new Map<string, Failure>();
  readonly toleratedErrors: Record<ToleratedCode, number> = {
    "isolate-crashed": 0,
    "isolate-not-started": 0,
    "handler-timed-out": 0,
    "too-many-invocations": 0,
  };
  /** Each `isolate-crashed` reply, and when it came, as `performance.now()`. */
  readonly crashReplies: { readonly at: number; readonly example: string }[] = [];
  sent = 0;
  /** How many of the 429s had a Retry-After. */
  retryAfters = 0;
  #bursts = 0;
  #burstEndedAt = -Infinity;

  fail(what: string, example: string): void {
    const failure = this.failures.get(what) ?? { what, count: 0, examples: [] };
    this.failures.set(what, failure);
    failure.count += 1;
    if (failure.examples.length < maxExamples) failure.examples.push(example);
  }

  /** During a burst, there may be more invocations than are allowed. */
  async duringBurst(work: () => Promise<unknown>): Promise<void> {
    this.#bursts += 1;
    try {
      await work();
    } finally {
      this.#bursts -= 1;
      this.#burstEndedAt = performance.now();
    }
  }

  onSent(kind: Pick<RequestKind, "name" | "group">): Count {
    let count = this.counts.get(kind.name);
    if (count === undefined) {
      count = { group: kind.group, sent: 0, right: 0, tolerated: 0, wrong: 0, lost: 0, left: 0, statuses: {} };
      this.counts.set(kind.name, count);
    }
    count.sent += 1;
    this.sent += 1;
    return count;
  }

  /** @param sentAt `performance.now()` when the request was sent. */
  onReply(name: string, count: Count, request: TestRequest, reply: Reply, sentAt: number): void {
    count.statuses[reply.status] = (count.statuses[reply.status] ?? 0) + 1;
    const code = codeOf(reply);
    if (reply.status === request.status && code === request.code) {
      const fault = request.check?.(reply);
      if (fault === undefined) count.right += 1;
      else this.#wrong(name, count, "not its own answer", request, fault);
    } else if (this.#isTolerated(code, reply, sentAt)) {
      count.tolerated += 1;
      if (code === "isolate-crashed")
        this.crashReplies.push({ at: performance.now(), example: exampleOf(name, request, reply) });
    } else {
      const fault = `${reply.status} ${code ?? ""} instead of ${request.status} ${request.code ?? ""}: ${reply.body.slice(0, 200)}`;
      this.#wrong(name, count, "wrong status", request, fault);
    }
  }

  onLost(name: string, count: Count, request: Pick<TestRequest, "bytes">, why: string): void {
    count.lost += 1;
    this.fail("lost without an answer", `${name}: ${why}\n    ${firstLine(request)}`);
  }

  /** Checks that a hostile client got an allowed outcome. */
  onProvoked(name: string, count: Count, got: string, allowed: readonly string[]): void {
    count.statuses[got] = (count.statuses[got] ?? 0) + 1;
    if (got === "left") count.left += 1;
    else if (allowed.includes(got)) count.right += 1;
    else {
      count.wrong += 1;
      this.fail("a hostile client got something else", `${name}: ${got} instead of ${allowed.join(" or ")}`);
    }
  }

  #wrong(name: string, count: Count, what: string, request: TestRequest, fault: string): void {
    count.wrong += 1;
    this.fail(what, `${name}: ${fault}\n    ${firstLine(request)}`);
  }

  #isTolerated(code: string | undefined, reply: Reply, sentAt: number): boolean {
    if (!isToleratedCode(code)) return false;
    if (code === "too-many-invocations") {
      if (this.#bursts === 0 && this.#burstEndedAt + overloadGraceMs < sentAt) return false;
      if (headerOf(reply, "retry-after") !== undefined) this.retryAfters += 1;
      else this.fail("a 429 without Retry-After", reply.head);
    }
    this.toleratedErrors[code] += 1;
    return true;
  }
}

function isToleratedCode(code: string | undefined): code is ToleratedCode {
  return toleratedCodes.some((known) => known === code);
}

function firstLine({ bytes }: Pick<TestRequest, "bytes">): string {
  return bytes.slice(0, bytes.indexOf("\r\n")).slice(0, 200);
}

/** The answer, with its request id for a search in the server's log. */
function exampleOf(name: string, request: TestRequest, reply: Reply): string {
  return `${name}: ${firstLine(request)}, request ${headerOf(reply, "x-offhook-request-id") ?? "without a number"}`;
}
