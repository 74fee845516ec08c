/**
 * Serves builds in environments:
 *
 *     prepare (the gateway starts the build) ─▶ one transaction ─▶ activate (the gateway switches) ─▶ 201
 *
 * If this process is killed before the transaction, the old build stays. If it is killed after it, the new one is served
 * at the next start. Changes of one environment come one after the other.
 */
import { invalidParameter, notFound } from "../api-error.ts";
import type { GatewayRequests, TenantSpec } from "../link/messages.ts";
import type { Link } from "../link/link.ts";
import type { Clock } from "../store/clock.ts";
import type { Row } from "../store/schema.ts";
import { newSid } from "../store/sids.ts";
import { nextRevision } from "../store/store.ts";
import type { Deployer } from "./deployer.ts";
import { tenantSpecOf, type SpecSources } from "./tenant-spec.ts";

/** Changes in this time are one change, because clients send variables one by one. */
const changeMs = 200;

/** The requests to the gateway that deployments need. */
export type Gateway = Pick<Link<GatewayRequests, never>, "request">;

export interface DeployerOptions extends SpecSources {
  readonly clock: Clock;
  readonly gateway: Gateway;
  /** The files of a build. Makes them if they are missing. */
  readonly ensureLaidOut: (buildSid: string) => Promise<string>;
  /** Called with sentences for the operator. */
  readonly onWarning: (message: string) => void;
}

export class EnvironmentDeployer implements Deployer {
  readonly #options: DeployerOptions;
  /** By environment: the end of the last change that was asked for. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #pending = new Map<string, NodeJS.Timeout>();

  constructor(options: DeployerOptions) {
    this.#options = options;
  }

  async deploy(environmentSid: string, buildSid: string | null): Promise<string> {
    return await this.#inTurn(environmentSid, async () => {
      const environment = await this.#find(environmentSid);
      if (environment === undefined) throw notFound(`The environment ${environmentSid} was not found.`);
      const deploymentSid = newSid("ZD");
      if (buildSid === null) {
        await this.#commit(environment, null, deploymentSid);
        await this.#options.gateway.request("remove", { environmentSid });
        return deploymentSid;
      }
      const spec = await this.#specOf(environment, await this.#requireBuild(environment, buildSid), deploymentSid);
      await this.#prepare(spec);
      try {
        await this.#commit(environment, buildSid, deploymentSid);
      } catch (error) {
        await this.#options.gateway.request("discard", spec).catch(() => undefined);
        throw error;
      }
      await this.#activate(spec);
      return deploymentSid;
    });
  }

  /** @throws ApiError 400 */
  async #requireBuild(environment: Row<"environment">, buildSid: string): Promise<Row<"build">> {
    const build = await this.#options.store
      .selectFrom("build")
      .selectAll()
      .where("sid", "=", buildSid)
      .where("service_sid", "=", environment.service_sid)
      .executeTakeFirst();
    if (build === undefined) throw invalidParameter(`BuildSid ${buildSid} names no build of this service.`);
    if (build.status === "building") {
      throw invalidParameter(`The build ${buildSid} is not completed yet. Wait until its status is completed.`);
    }
    if (build.status === "failed") {
      throw invalidParameter(`The build ${buildSid} failed. ${build.reason} Fix the reason and build again.`);
    }
    return build;
  }

  /** @throws ApiError 400 with the reason. The environment goes on as before. */
  async #prepare(spec: TenantSpec): Promise<void> {
    try {
      const { warnings } = await this.#options.gateway.request("prepare", spec);
      for (const warning of warnings) this.#options.onWarning(warning);
    } catch (error) {
      throw invalidParameter(
        `The build ${spec.buildSid} does not start. ${(error as Error).message} The environment goes on as before.`,
      );
    }
  }

  /** If the prepared deployment is gone, as after a restart of the gateway, it is served anyway. */
  async #activate(spec: TenantSpec): Promise<void> {
    const { gateway } = this.#options;
    await gateway.request("activate", spec).catch(() => gateway.request("update", spec));
  }

  /** @throws ApiError 404, 400 if the environment or the build was deleted meanwhile. */
  async #commit(environment: Row<"environment">, buildSid: string | null, deploymentSid: string): Promise<void> {
    const { store, clock } = this.#options;
    await store.transaction().execute(async (transaction) => {
      const now = clock.next();
      if (buildSid !== null) {
        const build = await transaction
          .selectFrom("build")
          .select("sid")
          .where("sid", "=", buildSid)
          .executeTakeFirst();
        if (build === undefined) throw invalidParameter(`The build ${buildSid} was deleted meanwhile.`);
      }
      const updated = await transaction
        .updateTable("environment")
        .set({
          build_sid: buildSid,
          deployment_sid: deploymentSid,
          revision: await nextRevision(transaction),
          updated_at: now,
        })
        .where("sid", "=", environment.sid)
        .returning("sid")
        .executeTakeFirst();
      if (updated === undefined) throw notFound(`The environment ${environment.sid} was deleted meanwhile.`);
      await transaction
        .insertInto("deployment")
        .values({
          sid: deploymentSid,
          account_sid: environment.account_sid,
          service_sid: environment.service_sid,
          environment_sid: environment.sid,
          build_sid: buildSid,
          created_at: now,
          updated_at: now,
        })
        .execute();
    });
  }

  changed(environmentSid: string): void {
    if (this.#pending.has(environmentSid)) return;
    const timer = setTimeout(() => {
      this.#pending.delete(environmentSid);
      this.refresh(environmentSid).catch((error: unknown) => {
        this.#options.onWarning(`The change of ${environmentSid} is not served. ${(error as Error).message}`);
      });
    }, changeMs);
    this.#pending.set(environmentSid, timer);
  }

  /** Has the environment served as the database says. Resolves when later requests see it. */
  async refresh(environmentSid: string): Promise<void> {
    await this.#inTurn(environmentSid, async () => {
      const environment = await this.#find(environmentSid);
      const { build_sid: buildSid, deployment_sid: deploymentSid } = environment ?? {};
      if (environment === undefined || !buildSid || !deploymentSid) {
        await this.#options.gateway.request("remove", { environmentSid });
        return;
      }
      const build = await this.#requireBuild(environment, buildSid);
      await this.#options.gateway.request("update", await this.#specOf(environment, build, deploymentSid));
    });
  }

  async removed(environmentSid: string): Promise<void> {
    clearTimeout(this.#pending.get(environmentSid));
    this.#pending.delete(environmentSid);
    await this.#inTurn(environmentSid, () => this.#options.gateway.request("remove", { environmentSid }));
  }

  /** Forgets changes that wait. The next start serves them. Resolves when no change is running. */
  async stop(): Promise<void> {
    for (const timer of this.#pending.values()) clearTimeout(timer);
    this.#pending.clear();
    await Promise.all(this.#turns.values());
  }

  async #specOf(environment: Row<"environment">, build: Row<"build">, deploymentSid: string): Promise<TenantSpec> {
    const folder = await this.#options.ensureLaidOut(build.sid);
    return await tenantSpecOf(this.#options, environment, { build, deploymentSid, folder });
  }

  async #find(sid: string): Promise<Row<"environment"> | undefined> {
    return await this.#options.store.selectFrom("environment").selectAll().where("sid", "=", sid).executeTakeFirst();
  }

  async #inTurn<Result>(environmentSid: string, change: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(environmentSid) ?? Promise.resolve();
    const turn = before.then(change, change);
    const settled = turn.catch(() => undefined);
    this.#turns.set(environmentSid, settled);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(environmentSid) === settled) this.#turns.delete(environmentSid);
    }
  }
}
