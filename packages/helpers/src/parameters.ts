/**
 * Parameters that a function requires (contract 1.2), or a schema for them.
 */
import { textOf } from "./failure.ts";
import type { FunctionEvent } from "./function-types.ts";
import { isStandardSchema, pathOf, type StandardSchema } from "./standard-schema.ts";

/** The name of a parameter, alone or with what it is for. */
export type RequiredParameter = string | { readonly key: string; readonly purpose: string };

export type Requirements = readonly RequiredParameter[] | StandardSchema;

/** One thing that a schema found wrong. */
export interface ParameterIssue {
  /** `address.0.street`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** What the check of an event found: the event for the handler, or what is wrong. */
export type ParameterCheck =
  | { readonly event: FunctionEvent }
  | { readonly message: string; readonly issues?: readonly ParameterIssue[] };

/** How the wrappers check a list; a project may put one of its own in its place. */
export type ParameterValidator = (
  path: string | undefined,
  parameters: object,
  required: readonly RequiredParameter[],
) => string;

/**
 * Names what is missing: `undefined`, `null`, or of no length.
 * @param path of the function, for the message.
 * @returns a message for each that is missing, one after the other without anything between; empty if none is.
 * @throws TypeError if there is no list.
 */
export function validateParameters(
  path: string | undefined,
  parameters: object,
  required: readonly RequiredParameter[],
): string {
  let message = "";
  for (const element of required as readonly unknown[]) {
    const requirement = readRequirement(element);
    if (requirement === undefined) message += "Invalid data provided to Parameter Validator function";
    else if (isMissing(parameters, requirement.key)) message += `(${path}) Missing ${requirement.text}`;
  }
  return message;
}

function readRequirement(element: unknown): { readonly key: string; readonly text: string } | undefined {
  if (isString(element)) return { key: String(element), text: String(element) };
  const { key, purpose } = Object(element) as { key?: unknown; purpose?: unknown };
  if (!key || !purpose) return undefined;
  return { key: textOf(key), text: `${textOf(key)}: ${textOf(purpose)}` };
}

/** Strings as objects count as well. */
function isString(value: unknown): value is string {
  return Object.prototype.toString.call(value) === "[object String]";
}

function isMissing(parameters: object, key: string): boolean {
  const value: unknown = Object.hasOwn(parameters, key) ? Reflect.get(parameters, key) : undefined;
  return value === undefined || value === null || (value as { length?: number }).length! < 1;
}

/**
 * By the list or by the schema. A list is checked at once, for handlers that are to start in the same turn.
 * @param besides what is in the event besides parameters: no schema is shown it, and the handler gets it as it is.
 */
export function checkParameters(
  path: string | undefined,
  event: FunctionEvent,
  requirements: Requirements,
  validate: ParameterValidator,
  besides: readonly string[],
): ParameterCheck | Promise<ParameterCheck> {
  if (isStandardSchema(requirements)) return checkBySchema(path, event, requirements, besides);
  const message = validate(path, event, requirements);
  return message === "" ? { event } : { message };
}

async function checkBySchema(
  path: string | undefined,
  event: FunctionEvent,
  schema: StandardSchema,
  besides: readonly string[],
): Promise<ParameterCheck> {
  const parameters: Record<string, unknown> = { ...event };
  const kept: Record<string, unknown> = {};
  for (const name of besides) {
    if (name in parameters) kept[name] = parameters[name];
    delete parameters[name];
  }
  const result = await schema["~standard"].validate(parameters);
  if (result.issues === undefined) return { event: withKept(result.value, kept) };
  const issues = result.issues.map((issue) => ({ path: pathOf(issue), message: issue.message }));
  const texts = issues.map((issue) => (issue.path === "" ? issue.message : `${issue.path}: ${issue.message}`));
  return { message: `(${path}) ${texts.join("; ")}`, issues };
}

/**
 * What the schema has made, with what it was not shown. An instance of a class stays one.
 * @throws TypeError where the schema has made no object: there is nothing to hang the rest on.
 */
function withKept(value: unknown, kept: Readonly<Record<string, unknown>>): FunctionEvent {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(
      `The schema of the parameters makes ${value === null ? "null" : `a ${typeof value}`} of them, not an object`,
    );
  }
  return Object.assign(Object.isExtensible(value) ? value : { ...value }, kept);
}
