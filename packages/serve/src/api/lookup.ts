/** Finds the rows that a path names. Every lookup goes through the account, and through the services of the key. */
import type { Row } from "../store/schema.ts";
import { ApiError, notFound } from "../api-error.ts";
import type { Principal } from "./credentials.ts";
import type { Call } from "./operation.ts";

/** @param sid or the unique name. @throws ApiError 404, 403 */
export async function findService({ context, principal, path, note }: Call): Promise<Row<"service">> {
  const named = path["service"] ?? "";
  const service = await context.store
    .selectFrom("service")
    .selectAll()
    .where("account_sid", "=", principal.accountSid)
    .where((row) => row.or([row("sid", "=", named), row("unique_name", "=", named)]))
    .executeTakeFirst();
  if (service === undefined) throw unknownService(named);
  requireService(principal, service);
  note(service.sid);
  return service;
}

/** @throws ApiError 403 */
export function requireService(principal: Principal, { sid, unique_name }: { sid: string; unique_name: string }): void {
  if (mayUse(principal, sid, unique_name)) return;
  throw new ApiError({
    status: 403,
    code: 20403,
    message: `The key ${principal.actor} may not use the service ${unique_name}. It is for: ${principal.services?.join(", ")}.`,
  });
}

export function mayUse({ services }: Principal, sid: string, uniqueName: string): boolean {
  return services === undefined || services.includes(sid) || services.includes(uniqueName);
}

/** @throws ApiError 404 */
export async function findEnvironment(call: Call, service: Row<"service">): Promise<Row<"environment">> {
  const sid = call.path["environment"] ?? "";
  const environment = await call.context.store
    .selectFrom("environment")
    .selectAll()
    .where("service_sid", "=", service.sid)
    .where("sid", "=", sid)
    .executeTakeFirst();
  return environment ?? missing("environment", sid);
}

/** @throws ApiError 404 */
export async function findResource(
  call: Call,
  service: Row<"service">,
  kind: Row<"resource">["kind"],
): Promise<Row<"resource">> {
  const sid = call.path["resource"] ?? "";
  const resource = await call.context.store
    .selectFrom("resource")
    .selectAll()
    .where("service_sid", "=", service.sid)
    .where("kind", "=", kind)
    .where("sid", "=", sid)
    .executeTakeFirst();
  return resource ?? missing(kind, sid);
}

/** @throws ApiError 404 */
export async function findVersion(call: Call, resource: Row<"resource">): Promise<Row<"version">> {
  const sid = call.path["version"] ?? "";
  const version = await call.context.store
    .selectFrom("version")
    .selectAll()
    .where("resource_sid", "=", resource.sid)
    .where("sid", "=", sid)
    .executeTakeFirst();
  return version ?? missing("version", sid);
}

/** @throws ApiError 404 */
export async function findBuild(call: Call, service: Row<"service">): Promise<Row<"build">> {
  const sid = call.path["build"] ?? "";
  const build = await call.context.store
    .selectFrom("build")
    .selectAll()
    .where("service_sid", "=", service.sid)
    .where("sid", "=", sid)
    .executeTakeFirst();
  return build ?? missing("build", sid);
}

/** @throws ApiError 404, always. */
export function missing(what: string, sid: string): never {
  throw notFound(`The requested ${what} ${sid.slice(0, 100)} was not found.`);
}

function unknownService(named: string): ApiError {
  return notFound(
    `The requested service ${named.slice(0, 100)} was not found. If the project was deployed to Twilio before, deploy it with --region offhook or --override-existing-project.`,
  );
}
