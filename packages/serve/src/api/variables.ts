/** Operations on the variables of an environment (contract rows 173 to 175). Values are sealed in the database. */
import type { Row } from "../store/schema.ts";
import { newSid } from "../store/sids.ts";
import { nextRevision, type StoreTransaction } from "../store/store.ts";
import { conflict, invalidParameter } from "../api-error.ts";
import { findEnvironment, findService, missing } from "./lookup.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { listReply, pageOf } from "./paging.ts";
import { variableReply } from "./replies.ts";

const maxKey = 128;
/** The platform sets these itself, or Node would read them. */
const reservedKeys = new Set(["__proto__", "constructor", "prototype"]);
const path = "/v1/Services/:service/Environments/:environment/Variables";

export const variableOperations: readonly Operation[] = [
  {
    id: "ListVariables",
    method: "GET",
    path,
    run: async (call) => {
      const environment = await findEnvironment(call, await findService(call));
      return await listReply(call, {
        key: "variables",
        path: `/v1/Services/${environment.service_sid}/Environments/${environment.sid}/Variables`,
        rows: (page) =>
          pageOf(
            call.context.store.selectFrom("variable").selectAll().where("environment_sid", "=", environment.sid),
            "variable",
            page,
          ).execute(),
        placeOf: ({ created_at: at, sid }) => ({ at, sid }),
        replyOf: (row) => replyOf(call, row, environment),
      });
    },
  },
  { id: "CreateVariable", method: "POST", path, run: createVariable },
  {
    id: "FetchVariable",
    method: "GET",
    path: `${path}/:variable`,
    run: async (call) => {
      const environment = await findEnvironment(call, await findService(call));
      return { status: 200, body: replyOf(call, await findVariable(call, environment), environment) };
    },
  },
  { id: "UpdateVariable", method: "POST", path: `${path}/:variable`, run: updateVariable },
  { id: "DeleteVariable", method: "DELETE", path: `${path}/:variable`, run: deleteVariable },
];

/** Readers learn which variables there are, and no value. */
function replyOf(call: Call, row: Row<"variable">, environment: Row<"environment">): object {
  const { masterKey } = call.context;
  const isHidden = call.principal.role === "reader";
  const value = isHidden ? null : masterKey.open("variable", [row.environment_sid, row.sid], row.value);
  return variableReply(row, value, environment, call.links);
}

async function createVariable(call: Call): Promise<Reply> {
  const { context, note } = call;
  const environment = await findEnvironment(call, await findService(call));
  const key = readKey(call.form.required("Key", { max: maxKey }));
  const value = readValue(call);
  if (value === undefined) throw invalidParameter("Value is required. Send it in the body of the form.");
  const row = await context.store.transaction().execute(async (transaction) => {
    await refuseTaken(transaction, environment, key);
    const sid = newSid("ZV");
    const now = context.clock.next();
    await touch(transaction, environment);
    return await transaction
      .insertInto("variable")
      .values({
        sid,
        environment_sid: environment.sid,
        key,
        value: context.masterKey.seal("variable", [environment.sid, sid], value),
        created_at: now,
        updated_at: now,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  note(row.sid);
  context.deployer.changed(environment.sid);
  return { status: 201, body: replyOf(call, row, environment) };
}

async function updateVariable(call: Call): Promise<Reply> {
  const { context, form } = call;
  const environment = await findEnvironment(call, await findService(call));
  const variable = await findVariable(call, environment);
  const named = form.text("Key", { min: 1, max: maxKey });
  const key = named === undefined ? variable.key : readKey(named);
  const value = readValue(call);
  const row = await context.store.transaction().execute(async (transaction) => {
    if (key !== variable.key) await refuseTaken(transaction, environment, key);
    await touch(transaction, environment);
    return await transaction
      .updateTable("variable")
      .set({
        key,
        ...(value !== undefined && {
          value: context.masterKey.seal("variable", [environment.sid, variable.sid], value),
        }),
        updated_at: context.clock.next(),
      })
      .where("sid", "=", variable.sid)
      .returningAll()
      .executeTakeFirst();
  });
  if (row === undefined) missing("variable", variable.sid);
  context.deployer.changed(environment.sid);
  return { status: 200, body: replyOf(call, row, environment) };
}

async function deleteVariable(call: Call): Promise<Reply> {
  const { context } = call;
  const environment = await findEnvironment(call, await findService(call));
  const variable = await findVariable(call, environment);
  await context.store.transaction().execute(async (transaction) => {
    await transaction.deleteFrom("variable").where("sid", "=", variable.sid).execute();
    await touch(transaction, environment);
  });
  context.deployer.changed(environment.sid);
  return { status: 204 };
}

/** @throws ApiError 404 */
async function findVariable(call: Call, environment: Row<"environment">): Promise<Row<"variable">> {
  const sid = call.path["variable"] ?? "";
  const variable = await call.context.store
    .selectFrom("variable")
    .selectAll()
    .where("environment_sid", "=", environment.sid)
    .where("sid", "=", sid)
    .executeTakeFirst();
  return variable ?? missing("variable", sid);
}

/** Marks the environment as changed. */
async function touch(transaction: StoreTransaction, environment: Row<"environment">): Promise<void> {
  await transaction
    .updateTable("environment")
    .set({ revision: await nextRevision(transaction) })
    .where("sid", "=", environment.sid)
    .execute();
}

/** @throws ApiError 409 */
async function refuseTaken(transaction: StoreTransaction, environment: Row<"environment">, key: string): Promise<void> {
  const found = await transaction
    .selectFrom("variable")
    .select("sid")
    .where("environment_sid", "=", environment.sid)
    .where("key", "=", key)
    .executeTakeFirst();
  if (found === undefined) return;
  throw conflict(`Key ${key} is taken by the variable ${found.sid}. Update that one, or delete it first.`);
}

/** @throws ApiError 400 */
function readKey(key: string): string {
  if (reservedKeys.has(key)) throw invalidParameter(`Key must not be ${key}, which JavaScript reserves.`);
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return key;
  throw invalidParameter("Key may contain only letters, digits and underscores, and must not begin with a digit.");
}

/** Never part of a message. @throws ApiError 400 */
function readValue({ context, form }: Call): string | undefined {
  const value = form.text("Value");
  const { variableBytes: max } = context.settings.quotas;
  const bytes = Buffer.byteLength(value ?? "");
  if (bytes <= max) return value;
  throw invalidParameter(
    `Value may have at most ${max} bytes, and this one has ${bytes}. The operator of this server can raise the limit.`,
  );
}
