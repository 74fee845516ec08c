/** Operations on deployments (contract rows 169 to 172). */
import { invalidParameter } from "../api-error.ts";
import { findEnvironment, findService, missing } from "./lookup.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { listReply, pageOf } from "./paging.ts";
import { deploymentReply } from "./replies.ts";

const path = "/v1/Services/:service/Environments/:environment/Deployments";

export const deploymentOperations: readonly Operation[] = [
  {
    id: "ListDeployments",
    method: "GET",
    path,
    run: async (call) => {
      const environment = await findEnvironment(call, await findService(call));
      return await listReply(call, {
        key: "deployments",
        path: `/v1/Services/${environment.service_sid}/Environments/${environment.sid}/Deployments`,
        rows: (page) =>
          pageOf(
            call.context.store.selectFrom("deployment").selectAll().where("environment_sid", "=", environment.sid),
            "deployment",
            page,
          ).execute(),
        placeOf: ({ created_at: at, sid }) => ({ at, sid }),
        replyOf: (row) => deploymentReply(row, call.links),
      });
    },
  },
  { id: "CreateDeployment", method: "POST", path, run: createDeployment },
  {
    id: "FetchDeployment",
    method: "GET",
    path: `${path}/:deployment`,
    run: async (call) => {
      const environment = await findEnvironment(call, await findService(call));
      return await fetchDeployment(call, environment.sid, call.path["deployment"] ?? "", 200);
    },
  },
];

/** Without `BuildSid`, the environment serves nothing from then on. `IsPlugin` has no effect. */
async function createDeployment(call: Call): Promise<Reply> {
  const { context, form, note } = call;
  const service = await findService(call);
  const environment = await findEnvironment(call, service);
  const named = form.text("BuildSid", { max: 100 });
  const buildSid = named === undefined || named === "" ? null : named;
  if (buildSid !== null) await requireBuild(call, service.sid, buildSid);
  const sid = await context.deployer.deploy(environment.sid, buildSid);
  note(sid);
  return await fetchDeployment(call, environment.sid, sid, 201);
}

/** @throws ApiError 400 */
async function requireBuild({ context }: Call, serviceSid: string, buildSid: string): Promise<void> {
  const build = await context.store
    .selectFrom("build")
    .select("sid")
    .where("service_sid", "=", serviceSid)
    .where("sid", "=", buildSid)
    .executeTakeFirst();
  if (build === undefined) throw invalidParameter(`BuildSid ${buildSid} names no build of this service.`);
}

async function fetchDeployment(call: Call, environment: string, sid: string, status: 200 | 201): Promise<Reply> {
  const row = await call.context.store
    .selectFrom("deployment")
    .selectAll()
    .where("environment_sid", "=", environment)
    .where("sid", "=", sid)
    .executeTakeFirst();
  if (row === undefined) missing("deployment", sid);
  return { status, body: deploymentReply(row, call.links) };
}
