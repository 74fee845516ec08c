/**
 * The variables that a project's code uses.
 */
import type { Place, Source } from "./facts.ts";

export interface VariableUse {
  readonly name: string;
  /** The place of the first use. */
  readonly place: Place;
  readonly file: string;
  /** Whether any use tests it or has a fallback. Then it may be missing. */
  readonly isOptional: boolean;
  /** Places that read it from the context. Later uses of the value do not count. */
  readonly count: number;
}

/** Variables of the platform, of Node, or of the hosted product's machines. */
const builtInVariables =
  /^(?:ACCOUNT_SID|AUTH_TOKEN|DOMAIN_NAME|PATH|SERVICE_SID|ENVIRONMENT_SID|TWILIO_REGION|TWILIO_EDGE|TZ|LANG|HOME|PWD|TMPDIR|NODE_\w+|AWS_\w+|LAMBDA_\w+)$/;

/** Other properties of `context`, such as methods, are not in capitals. Variables are, or have a name from the file. */
const capitals = /^[A-Z][A-Z0-9_]*$/;

/**
 * The used variables of `context` and `process.env`, sorted by code units. Names that are known only at run time are
 * not included.
 * @param names the names of the variables that are set.
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
