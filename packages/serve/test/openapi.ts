/**
 * Judges replies by Twilio's OpenAPI description, made strict: each field of a schema must be there, and no other. The
 * description comes from a package of Twilio. Uploads are not in it, so their replies are judged as those of a fetch.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv, type ValidateFunction } from "ajv";
import formats from "ajv-formats";

type Schema = Record<string, unknown>;

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Schema };
}

interface DescribedOperation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: { "application/json": { schema: Schema } } }>>;
}

const file = createRequire(import.meta.url).resolve(
  "@twilio/cli-core/src/services/twilio-api/twilio_serverless_v1.json",
);
const description = JSON.parse(readFileSync(file, "utf8")) as Description;

const ajv = new Ajv({ allErrors: true, strict: false });
formats.default(ajv);
ajv.addFormat("uri-map", true);
ajv.addFormat("int64", true);

const errorSchema = {
  type: "object",
  required: ["code", "message", "more_info", "status"],
  additionalProperties: false,
  properties: {
    code: { type: "integer", minimum: 20_000 },
    message: { type: "string", minLength: 1 },
    more_info: { type: "string", format: "uri" },
    status: { type: "integer", minimum: 400, maximum: 599 },
  },
};
const checkError = ajv.compile(errorSchema);

interface Expected {
  readonly operation: string;
  readonly status: string;
  /** Undefined for an empty body. */
  readonly check: ValidateFunction | undefined;
}

const uploads = [
  ["/v1/Services/{ServiceSid}/Functions/{FunctionSid}/Versions", "FetchFunctionVersion", "CreateFunctionVersion"],
  ["/v1/Services/{ServiceSid}/Assets/{AssetSid}/Versions", "FetchAssetVersion", "CreateAssetVersion"],
] as const;

const expectations: readonly { readonly method: string; readonly path: RegExp; readonly expected: Expected }[] = [
  ...Object.entries(description.paths).flatMap(([path, item]) =>
    (["get", "post", "delete"] as const).flatMap((method) => {
      const operation = item[method] as DescribedOperation | undefined;
      return operation === undefined ? [] : [{ method, path: patternOf(path), expected: expectedOf(operation) }];
    }),
  ),
  ...uploads.map(([path, like, operation]) => ({
    method: "post",
    path: patternOf(path),
    expected: { ...expectedOf(operationNamed(like)), operation, status: "201" },
  })),
];

/** The names of all operations: those of the description, and both uploads. */
export const allOperations: readonly string[] = expectations.map(({ expected }) => expected.operation);

/**
 * @returns the name of the operation, or undefined for a reply that refuses.
 * @throws AssertionError
 */
export function judge(method: string, path: string, status: number, body: unknown): string | undefined {
  if (status >= 400) {
    assertValid(checkError, body, `${method} ${path} → ${status}`);
    assert.equal((body as { status: number }).status, status);
    return undefined;
  }
  const found = expectations.find((each) => each.method === method.toLowerCase() && each.path.test(path));
  assert.ok(found, `${method} ${path} is not in the description`);
  const { operation, status: wanted, check } = found.expected;
  assert.equal(String(status), wanted, `${operation} answers ${status}`);
  if (check === undefined) assert.equal(body, undefined, `${operation} has a body`);
  else assertValid(check, body, operation);
  return operation;
}

function assertValid(check: ValidateFunction, body: unknown, what: string): void {
  assert.ok(check(body), `${what}: ${ajv.errorsText(check.errors)}\n${JSON.stringify(body, null, 2)}`);
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

function operationNamed(name: string): DescribedOperation {
  const all = Object.values(description.paths).flatMap((item) => Object.values(item));
  return all.find((each) => (each as DescribedOperation).operationId === name) as DescribedOperation;
}

function expectedOf({ operationId, responses }: DescribedOperation): Expected {
  const [[status, response] = ["", {}]] = Object.entries(responses);
  const schema = response.content?.["application/json"].schema;
  return { operation: operationId, status, check: schema && ajv.compile(strict(schema) as Schema) };
}

/** Resolves references, requires every field, allows no other, and lets fields be null where the description does. */
function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict);
  if (typeof value !== "object" || value === null) return value;
  const { $ref, nullable, ...rest } = value as Schema;
  if (typeof $ref === "string") {
    return strict(description.components.schemas[$ref.replace("#/components/schemas/", "")]);
  }
  const made: Schema = Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, strict(each)]));
  if (typeof rest["properties"] === "object" && rest["properties"] !== null) {
    made["required"] = Object.keys(rest["properties"]);
    made["additionalProperties"] = false;
  }
  return nullable === true ? { anyOf: [{ type: "null" }, made] } : made;
}
