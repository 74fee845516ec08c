/**
 * The variables that a project's code asks for.
 */
import type { Place, Source } from "./facts.ts";

export interface VariableUse {
  readonly name: string;
  /** Where it is first asked for. */
  readonly place: Place;
  readonly file: string;
  /** Somewhere it is tested, or has a fallback: it may be missing. */
  readonly isOptional: boolean;
  /** Places where it is taken from the context, however often it is used then. */
  readonly count: number;
}

/** What the platform brings along, or Node, or the hosted product's machine. */
const builtInVariables =
  /^(?:ACCOUNT_SID|AUTH_TOKEN|DOMAIN_NAME|PATH|SERVICE_SID|ENVIRONMENT_SID|TWILIO_REGION|TWILIO_EDGE|TZ|LANG|HOME|PWD|TMPDIR|NODE_\w+|AWS_\w+|LAMBDA_\w+)$/;

/** Methods and the like have names of their own; variables are written in capitals, or as the file has them. */
const capitals = /^[A-Z][A-Z0-9_]*$/;

/**
 * By name, in order of code units: of `context` and of `process.env`. Names that are only known when the code runs are not.
 * @param names of the variables that there are.
 */
export function variableUses(
  sources: readonly Pick<Source, "file" | "facts">[],
  names: readonly string[],
): VariableUse[] {
  const lower = new Set(names.map((name) => name.toLowerCase()));
  const uses = new Map<string, VariableUse>();
  const places = new Set<string>();
  for (const { file, facts } of sources) {
    for (const { steps, isTested, isWritten } of facts.references) {
      const step = steps[0]?.name === "context" ? steps[1] : isEnvironment(steps) ? steps[2] : undefined;
      if (step?.name === undefined || builtInVariables.test(step.name)) continue;
      if (!capitals.test(step.name) && !lower.has(step.name.toLowerCase())) continue;
      const use = uses.get(step.name);
      const isOptional = isTested || isWritten || step.isOptional === true || use?.isOptional === true;
      const first = use ?? { name: step.name, place: { line: step.line, column: step.column }, file, count: 0 };
      const place = JSON.stringify([file, step.line, step.column]);
      uses.set(step.name, { ...first, isOptional, count: first.count + (places.has(place) ? 0 : 1) });
      places.add(place);
    }
  }
  return [...uses.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function isEnvironment(steps: readonly { readonly name: string | undefined }[]): boolean {
  return steps[1]?.name === "env" && (steps[0]?.name === "process" || steps[0]?.name === "node:process");
}
