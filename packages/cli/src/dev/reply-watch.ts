/**
 * Publishes which replies of functions Twilio would reject, or ignore in part. It judges a reply after it was sent, so
 * that no caller waits for it. The code that judges is loaded after the first reply.
 *
 *     exchange seen ─▶ request ended ─▶ (waits for a free turn of the event loop) ─▶ judged ─▶ problems found
 */
import { exchangeSeen, notices, replyProblemsFound, requestEnded } from "@offhook/runtime/observe";
import type { ExchangeSeen, RequestEnded } from "@offhook/runtime/observe";
import type { Service } from "@offhook/runtime/service";

import type { MaskingJudge } from "./masking-judge.ts";

/** Under load (a benchmark, say), replies over these limits are not judged. */
const maxBurst = 100;
const maxPerSecond = 20;
/** Of the request's body, and of the reply's. They are kept until the reply is judged. */
const maxBytes = 256 * 1_024;

type Variables = Service["variables"];

interface Ended {
  readonly seen: ExchangeSeen;
  readonly ended: RequestEnded;
}

export class ReplyWatch {
  readonly #unsubscribe: readonly (() => void)[];
  /** Of the service and its earlier versions, whose invocations may still run. */
  readonly #variables: Variables[] = [];
  readonly #waiting: Ended[] = [];
  #seen: ExchangeSeen | undefined;
  /** Absent until the first reply. */
  #judge: MaskingJudge | undefined;
  #isJudging = false;
  #isStopped = false;
  /** How many more replies could be judged at `#roomAt`. */
  #room = maxBurst;
  #roomAt = performance.now();

  constructor(service: Service) {
    this.setService(service);
    this.#unsubscribe = [
      exchangeSeen.subscribe((seen) => (this.#seen = seen)),
      requestEnded.subscribe((ended) => this.#onEnded(ended)),
    ];
  }

  /** The service that answers from now on. */
  setService({ variables }: Service): void {
    this.#variables.push(variables);
  }

  stop(): void {
    this.#isStopped = true;
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#waiting.length = 0;
  }

  #onEnded(ended: RequestEnded): void {
    // The exchange is published just before the request's end, with nothing in between.
    const seen = this.#seen;
    this.#seen = undefined;
    // Refused requests reached no isolate. A caller that disconnected got no reply.
    if (seen?.requestId !== ended.requestId || seen.isolate === undefined || seen.reply === undefined) return;
    if (Math.max(seen.body.length, seen.reply.body.length) > maxBytes) return;
    if (ended.function === undefined || !this.#hasRoom()) return;
    this.#waiting.push({ seen, ended });
    if (this.#isJudging) return;
    this.#judgeAll().catch((error: unknown) => {
      // The code that judges could not be loaded.
      this.stop();
      reportError(error);
    });
  }

  #hasRoom(): boolean {
    const now = performance.now();
    this.#room = Math.min(maxBurst, this.#room + ((now - this.#roomAt) / 1_000) * maxPerSecond);
    this.#roomAt = now;
    if (this.#room < 1) return false;
    this.#room -= 1;
    return true;
  }

  async #judgeAll(): Promise<void> {
    this.#isJudging = true;
    await freeTurn();
    const judge = (this.#judge ??= new (await import("./masking-judge.ts")).MaskingJudge());
    while (!this.#isStopped) {
      for (const variables of this.#variables.splice(0)) judge.addVariables(variables);
      const next = this.#waiting.shift();
      if (next === undefined) break;
      try {
        publishProblems(next, judge);
      } catch (error) {
        // Functions can reply anything. A reply that cannot be judged must not stop the server.
        reportError(error);
      }
      await freeTurn();
    }
    this.#isJudging = false;
  }
}

function publishProblems({ seen, ended }: Ended, judge: MaskingJudge): void {
  const problems = judge.problemsOf(seen, ended);
  if (problems.length === 0) return;
  const { service, requestId, function: name = "" } = ended;
  replyProblemsFound.publish({ service, requestId, function: name, problems });
}

function reportError(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  notices.publish({ level: "warn", message: `Could not check a reply for TwiML problems: ${reason}` });
}

function freeTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
