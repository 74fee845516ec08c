import { arrangements, type ArrangementName } from "./arrangements.ts";
import { NotVisible, type Check, type RequestCheck, type StartCheck } from "./check.ts";
import { Client } from "./client.ts";
import { authTokenOf, copyProject, ownProject } from "./project-copy.ts";
import type { StartOutcome, Target } from "./targets/target.ts";

export interface RunOptions {
  /** Default: this client's own project. */
  readonly project?: string;
  /** Default: the AUTH_TOKEN of the project's `.env`. */
  readonly authToken?: string;
  readonly lenient?: boolean;
}

export type Verdict = "passed" | "failed" | "not visible";

export interface Result {
  readonly check: Check;
  readonly verdict: Verdict;
  /** The behaviour that was seen, or why nothing was seen. Empty for a pass. */
  readonly seen: string;
  readonly durationMs: number;
  /** Whether the connection broke. If the server has crashed, another check may have caused it. */
  readonly lostConnection?: true;
}

/** Quick checks at once: enough to occupy two cores, and too few to reach the limit of 30 calls. */
const laneCount = 4;

/**
 * Judges a target. Quick checks share one instance, a few at a time. Checks that wait for seconds run beside them.
 * Meanwhile, the arrangements start one after the other. A check never stops the others.
 */
export async function judge(
  target: Target,
  checks: readonly Check[],
  options: RunOptions = {},
): Promise<readonly Result[]> {
  const run = new Run(target, options);
  const visible = checks.filter((check) => !("notVisible" in check));
  const plain = visible.filter((check): check is RequestCheck => "run" in check && check.arrangement === undefined);
  const arranged = visible.filter((check) => "arrangement" in check && check.arrangement !== undefined);

  const results = checks.filter((check) => "notVisible" in check).map((check) => invisible(check, check.notVisible));
  if (target.canStart) {
    const [first, second] = await Promise.all([run.judgePlain(plain), run.judgeArranged(arranged)]);
    results.push(...first, ...second);
  } else {
    // If there is only one instance, checks that need it alone run on it afterwards.
    const alone = arranged.filter((check): check is RequestCheck => "run" in check && check.arrangement === "alone");
    const others = arranged.filter((check) => !alone.includes(check as RequestCheck));
    results.push(...(await run.judgePlain(plain, alone)));
    results.push(...others.map((check) => invisible(check, `${needsOf(check)}, and a plain URL cannot be started`)));
  }
  const order = new Map(checks.map((check, i) => [check, i]));
  return results.toSorted((a, b) => (order.get(a.check) ?? 0) - (order.get(b.check) ?? 0));
}

/** The result of a start, with a client if the server runs. */
type Service =
  | (Extract<StartOutcome, { started: true }> & { readonly client: Client })
  | Extract<StartOutcome, { started: false }>;

interface JudgedTogether {
  readonly results: readonly Result[];
  readonly hasCrashed: boolean;
}

class Run {
  readonly #target: Target;
  readonly #options: RunOptions;

  constructor(target: Target, options: RunOptions) {
    this.#target = target;
    this.#options = options;
  }

  /**
   * If a check crashes the server, only this check must fail, not the others in progress. All checks that lost their
   * connection are judged again, one by one, each with a running server.
   */
  async judgePlain(
    checks: readonly RequestCheck[],
    afterwards: readonly RequestCheck[] = [],
  ): Promise<readonly Result[]> {
    if (checks.length + afterwards.length === 0) return [];
    const { results, hasCrashed } = await this.#judgeTogether(checks, afterwards);
    if (!hasCrashed) return results;
    const again = results.filter((result) => result.lostConnection === true);
    const second = await this.#judgeOneByOne(again.map((result) => result.check as RequestCheck));
    return [...results.filter((result) => !again.includes(result)), ...second];
  }

  async #judgeOneByOne(checks: readonly RequestCheck[]): Promise<readonly Result[]> {
    const results: Result[] = [];
    let rest = checks;
    while (rest.length > 0) {
      const judged = await this.#withService("alone", async (service) => {
        if (!service.started) return rest.map((check) => notStarted(check, service.output));
        const roundResults: Result[] = [];
        for (const check of rest) {
          const result = await judgeRequest(check, service.client);
          const crashed = service.instance.hasExited();
          roundResults.push(
            crashed ? { ...result, verdict: "failed", seen: `the server crashed; ${result.seen}` } : result,
          );
          if (crashed) break;
        }
        return roundResults;
      });
      results.push(...judged);
      rest = rest.slice(judged.length);
    }
    return results;
  }

  async #judgeTogether(checks: readonly RequestCheck[], afterwards: readonly RequestCheck[]): Promise<JudgedTogether> {
    return this.#withService("alone", async (service) => {
      if (!service.started) {
        const failed = [...checks, ...afterwards].map((check) => notStarted(check, service.output));
        return { results: failed, hasCrashed: false };
      }
      const { client, instance } = service;
      const slow = checks.filter((check) => check.slow === true);
      const quick = checks.filter((check) => check.slow !== true)[Symbol.iterator]();
      const lane = async (): Promise<readonly Result[]> => {
        const results: Result[] = [];
        // The lanes share the iterator, so that each takes the next free check.
        for (const check of quick) results.push(await judgeRequest(check, client));
        return results;
      };
      const lanes = Array.from({ length: laneCount }, lane);
      const waiting = slow.map(async (check) => [await judgeRequest(check, client)]);
      const results = (await Promise.all([...lanes, ...waiting])).flat();
      for (const check of afterwards) results.push(await judgeRequest(check, client));
      return { results, hasCrashed: instance.hasExited() };
    });
  }

  async judgeArranged(checks: readonly Check[]): Promise<readonly Result[]> {
    const results: Result[] = [];
    for (const name of Object.keys(arrangements) as ArrangementName[]) {
      const arrangedChecks = checks.filter((check) => "arrangement" in check && check.arrangement === name);
      if (arrangedChecks.length === 0) continue;
      const judged = await this.#withService(name, async (service) => {
        const verdicts: Result[] = [];
        for (const check of arrangedChecks) {
          if ("judgeStart" in check) verdicts.push(judgeStart(check, service));
          else if (!service.started) verdicts.push(notStarted(check, service.output));
          else if ("run" in check) verdicts.push(await judgeRequest(check, service.client));
        }
        return verdicts;
      });
      results.push(...judged);
    }
    return results;
  }

  /** Copies the project, changes it, starts the target with it, and removes everything afterwards. */
  async #withService<T>(name: ArrangementName, use: (service: Service) => Promise<T>): Promise<T> {
    const project = this.#options.project ?? ownProject;
    const authToken = this.#options.authToken ?? (await authTokenOf(project));
    const copy = this.#target.canStart ? await copyProject(project) : undefined;
    try {
      if (copy !== undefined) await arrangements[name].arrange(copy.folder);
      const outcome = await this.#target.start(copy?.folder ?? project);
      if (!outcome.started) return await use(outcome);
      const { baseUrl, logText, folder } = outcome.instance;
      const lenient = this.#options.lenient ?? false;
      const { differsIn } = this.#target;
      const arranged = copy !== undefined;
      const client = new Client({ baseUrl, authToken, lenient, logText, folder, arranged, differsIn });
      try {
        return await use({ ...outcome, client });
      } finally {
        await outcome.instance.stop();
      }
    } finally {
      await copy?.remove();
    }
  }
}

async function judgeRequest(check: RequestCheck, client: Client): Promise<Result> {
  const startedAt = performance.now();
  try {
    await check.run(client);
    return { check, verdict: "passed", seen: "", durationMs: performance.now() - startedAt };
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    const verdict = error instanceof NotVisible ? "not visible" : "failed";
    const result: Result = { check, verdict, seen, durationMs: performance.now() - startedAt };
    return isConnectionError(error) ? { ...result, lostConnection: true } : result;
  }
}

function isConnectionError(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return code === "ECONNREFUSED" || code === "ECONNRESET" || code === "EPIPE";
}

function judgeStart(check: StartCheck, outcome: StartOutcome): Result {
  try {
    check.judgeStart(outcome);
    return { check, verdict: "passed", seen: "", durationMs: 0 };
  } catch (error) {
    return { check, verdict: "failed", seen: error instanceof Error ? error.message : String(error), durationMs: 0 };
  }
}

function notStarted(check: Check, output: string): Result {
  return { check, verdict: "failed", seen: `the server did not start: ${output.slice(-300)}`, durationMs: 0 };
}

function invisible(check: Check, seen: string): Result {
  return { check, verdict: "not visible", seen, durationMs: 0 };
}

function needsOf(check: Check): string {
  const name = "arrangement" in check ? check.arrangement : undefined;
  return name === undefined ? "needs a start of its own" : arrangements[name].needs;
}
