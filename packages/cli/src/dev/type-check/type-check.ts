/**
 * Counts the type errors of a TypeScript project in the background, and says so when the count changes.
 *
 *     idle ──first reply, or a change──▶ waiting ──no more changes──▶ checking ──count──▶ idle
 *                                           ▲                            │
 *                                           ╰── a change: killed ────────╯
 */
import { pluralize } from "@offhook/runtime/internal/printable";

/** A running compiler. */
export interface Check {
  readonly ended: Promise<CheckEnd>;
  kill(): void;
}

export type CheckEnd = { readonly errors: number } | { readonly failure: string };

/** Finds the compiler and starts it. Undefined if the project has none. Tests pass their own. */
type StartCheck = () => Promise<Check | undefined>;

export interface TypeCheckOptions {
  readonly start: StartCheck;
  /** The command that shows the errors: `npm run check`. */
  readonly command: () => Promise<string>;
  readonly report: (level: "info" | "warn", message: string) => void;
  /** How long nothing may change before the compiler starts. */
  readonly settleMs?: number;
}

export class TypeCheck {
  readonly #options: TypeCheckOptions;
  #timer: NodeJS.Timeout | undefined;
  #check: Check | undefined;
  /** Errors of the last check. */
  #errors = 0;
  /** Messages that are not repeated. */
  readonly #reported = new Set<string>();
  /** Counts the checks that were asked for. A check that is not the last one has no result. */
  #round = 0;
  #isStopped = false;

  constructor(options: TypeCheckOptions) {
    this.#options = options;
  }

  /** Checks soon. Ends a check of the files as they were before. */
  request(): void {
    if (this.#isStopped) return;
    this.#round++;
    this.#check?.kill();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(this.#round), this.#options.settleMs ?? 1_000).unref();
  }

  stop(): void {
    this.#isStopped = true;
    this.#round++;
    clearTimeout(this.#timer);
    this.#check?.kill();
  }

  async #run(round: number): Promise<void> {
    let check: Check | undefined;
    try {
      check = await this.#options.start();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.#reportOnce("warn", `Could not check types: ${why}`);
    }
    if (round !== this.#round) return check?.kill();
    if (check === undefined) {
      const how = "Install it to see type errors here: npm install --save-dev typescript";
      return this.#reportOnce("info", `TypeScript is not installed in this project, so types are not checked. ${how}`);
    }
    this.#check = check;
    const end = await check.ended;
    if (this.#check === check) this.#check = undefined;
    if (round !== this.#round) return;
    if ("failure" in end) return this.#reportOnce("warn", `Could not check types: ${end.failure}`);
    if (end.errors === this.#errors) return;
    this.#errors = end.errors;
    if (end.errors === 0) this.#options.report("info", "No type errors.");
    else {
      const command = await this.#options.command();
      this.#options.report("warn", `${pluralize(end.errors, "type error")}. Run ${command}.`);
    }
  }

  #reportOnce(level: "info" | "warn", message: string): void {
    if (this.#reported.has(message)) return;
    this.#reported.add(message);
    this.#options.report(level, message);
  }
}
