/**
 * Parameters that a function requires (contract 1.2), or a schema for them.
 */
import { textOf } from "./failure.ts";
import type { FunctionEvent } from "./function-types.ts";
import { isStandardSchema, pathOf, type StandardSchema } from "./standard-schema.ts";

/** The name of a parameter, alone or with its purpose. */
export type RequiredParameter = string | { readonly key: string; readonly purpose: string };

export type Requirements = readonly RequiredParameter[] | StandardSchema;

/** One problem that a schema found. */
export interface ParameterIssue {
  /** Such as `address.0.street`; empty for the whole event. */
  readonly path: string;
  readonly message: string;
}

/** Result of the check of an event: the event for the handler, or the problems. */
export type ParameterCheck =
  | { readonly event: FunctionEvent }
  | { readonly message: string; readonly issues?: readonly ParameterIssue[] };

/** Checks a list of required parameters. A project may replace it. */
export type ParameterValidator = (
  path: string | undefined,
  parameters: object,
  required: readonly RequiredParameter[],
) => string;

/**
 * Names the missing parameters: those that are `undefined`, `null` or empty.
 * @param path path of the function, for the message.
 * @returns the messages of all missing parameters, joined without a separator; empty if none is missing.
 * @throws TypeError if `required` is not a list.
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

/** Whether the value is a string or a `String` object. */
function isString(value: unknown): value is string {
  return Object.prototype.toString.call(value) === "[object String]";
}

function isMissing(parameters: object, key: string): boolean {
  const value: unknown = Object.hasOwn(parameters, key) ? Reflect.get(parameters, key) : undefined;
  return value === undefined || value === null || (value as { length?: number }).length! < 1;
}

/**
 * Checks the event by the list or the schema. A list is checked synchronously, so that the handler starts in the same
 * turn.
 * @param besides keys of the event that are not parameters. The schema does not see them, and the handler gets them
 * unchanged.
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
 * The schema's output, with the keys that it did not see. An instance of a class stays one.
 * @throws TypeError if the output is not an object, because it then cannot take the other keys.
 */
function withKept(value: unknown, kept: Readonly<Record<string, unknown>>): FunctionEvent {
  if (typeof value !== "object" || value === null) {
    throw new TypeError(
      `The output of the parameters' schema is ${value === null ? "null" : `a ${typeof value}`}, not an object`,
    );
  }
  return Object.assign(Object.isExtensible(value) ? value : { ...value }, kept);
}
