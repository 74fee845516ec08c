/** The lines of source around the place where a function failed, for the dashboard. */
import { relative, sep } from "node:path";
import type { Exchange } from "../gateway/exchange.ts";
import type { SourceExcerpt } from "../observe/channels.ts";
import type { Diagnosis, FailedOutcome } from "../pool/invocation.ts";
import type { Hint } from "./insight/facts.ts";
import { framesOf, sourceAround, type StackFrame } from "./stack-frames.ts";

const { statSync } = process.getBuiltinModule("node:fs");

export interface FailureFacts {
  /** The project's folder. */
  readonly folder: string;
  readonly error: FailedOutcome["error"];
  readonly diagnoses: readonly Diagnosis[];
  readonly hints: readonly Hint[];
}

/** Without an error, these diagnoses say where the invocation was. */
const places: readonly Diagnosis["state"][] = ["ended", "waiting", "computing"];

/** Call it when the failure happens. @returns undefined if the failing line is not known, or no longer what ran. */
export function sourceOf({ startedAt }: Exchange, facts: FailureFacts): SourceExcerpt | undefined {
  const place = placeOf(facts);
  if (place?.file === undefined) return undefined;
  const { file, line } = place;
  if (changedSince(file, Date.now() - (performance.now() - startedAt))) return undefined;
  const lines = sourceAround({ file, line });
  // The file's last line break is not a line to show.
  if (lines.at(-1)?.text === "") lines.pop();
  if (lines.length === 0) return undefined;
  return { file: relative(facts.folder, file).replaceAll(sep, "/"), line, lines };
}

function placeOf({ folder, error, diagnoses, hints }: FailureFacts): Pick<StackFrame, "file" | "line"> | undefined {
  const ownFrame = (stack: string | undefined): StackFrame | undefined =>
    stack === undefined ? undefined : framesOf(stack, folder).find(({ isInProject }) => isInProject);
  const stacks = places.map((state) => diagnoses.find((each) => each.state === state)?.stacks[0]);
  const hint = hints.find(({ place }) => place?.file.startsWith(`${folder}/`) === true)?.place;
  return ownFrame(error?.stack) ?? hint ?? stacks.map(ownFrame).find((frame) => frame !== undefined);
}

function changedSince(file: string, at: number): boolean {
  try {
    return statSync(file).mtimeMs > at;
  } catch {
    return true;
  }
}
