/** `offhook deploy`: what it prints, and when it deploys again. */
import { performance } from "node:perf_hooks";
import {
  ApiClient,
  deleteEnvironment,
  deploy,
  environmentNamed,
  previewNamed,
  production,
  readDeployable,
  readProfile,
  type Deployable,
  type Deployment,
  type DeploymentTarget,
  type EnvironmentName,
} from "@offhook/client";
import { isOffhookError, OffhookError } from "@offhook/runtime/offhook-error";
import type { Project } from "@offhook/runtime/project";
import type { Settings } from "@offhook/runtime/settings";
import { watchProject } from "../dev/project-watch.ts";
import type { CommandContext } from "../command-context.ts";

export interface DeployOptions {
  readonly service: string | undefined;
  readonly environment: string | undefined;
  readonly production: boolean;
  readonly preview: string | undefined;
  readonly delete: boolean;
  readonly "replace-variables": boolean;
  readonly runtime: string | undefined;
  readonly watch: boolean;
  readonly "dry-run": boolean;
  readonly json: boolean;
}

export interface DeployInput {
  readonly folder: string;
  readonly settings: Settings;
  readonly options: DeployOptions;
  readonly context: CommandContext;
}

/** An editor writes several files at once. */
const settleMs = 100;

export async function deployOnce(input: DeployInput): Promise<void> {
  const client = await openClient(input);
  await deployProject(client, input, new Map());
}

/** A project that cannot be deployed is reported, and deployed when it is fixed. Ends with the first signal. */
export async function deployWatching(input: DeployInput): Promise<void> {
  const { context } = input;
  const client = await openClient(input);
  const uploaded = new Map<string, string>();
  const end = Promise.withResolvers<void>();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => end.resolve());
  let timer: NodeJS.Timeout | undefined;
  let isDeploying = false;
  let isChanged = false;

  const deploySoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void deployChanged(), settleMs);
  };
  const deployChanged = async (): Promise<void> => {
    isChanged = isDeploying;
    if (isDeploying) return;
    isDeploying = true;
    try {
      await deployProject(client, input, uploaded);
    } catch (error) {
      // Somebody may have deleted a version meanwhile.
      uploaded.clear();
      if (isOffhookError(error)) context.stderr.write(`${error.message} [${error.code}]\n`);
      else end.reject(error);
    }
    isDeploying = false;
    if (isChanged) deploySoon();
  };

  // The first deployment ends the command if it fails, since most failures need other options.
  const project = await deployProject(client, input, uploaded);
  const endWatch = watchProject(project, deploySoon);
  context.stderr.write("Watching for changes. Press Ctrl+C to stop.\n");
  try {
    await end.promise;
  } finally {
    clearTimeout(timer);
    endWatch();
  }
}

/** A preview that does not exist is no error: CI may delete one twice. */
export async function deletePreview(input: DeployInput): Promise<void> {
  const { options, context } = input;
  const client = await openClient(input);
  const service = options.service ?? (await readDeployable(input.folder, input.settings)).name;
  const environment = environmentOf(options);
  const isDeleted = await deleteEnvironment(client, { service, environment });
  const { uniqueName } = environment;
  if (options.json) context.stdout.write(`${JSON.stringify({ service, environment: uniqueName, isDeleted })}\n`);
  else if (isDeleted) context.stdout.write(`Deleted ${uniqueName} of ${service}.\n`);
  else context.stdout.write(`${service} has no ${uniqueName}. Nothing to delete.\n`);
}

export async function printPlan(input: DeployInput): Promise<void> {
  const { options, context } = input;
  const deployable = await readDeployable(input.folder, input.settings);
  const { service, environment } = targetOf(deployable, options);
  const { uploads, dependencies, variables } = deployable;
  const plan = {
    service,
    environment: environment.uniqueName,
    runtime: options.runtime ?? deployable.runtime ?? null,
    files: uploads.map(({ kind, path, visibility, content }) => ({ kind, path, visibility, bytes: content.length })),
    dependencies,
    variables: Object.keys(variables),
  };
  if (options.json) {
    context.stdout.write(`${JSON.stringify(plan)}\n`);
    return;
  }
  const lines = [
    `Would deploy to ${service}, ${environment.uniqueName}. Nothing was sent.`,
    `Runtime       ${plan.runtime ?? "chosen by the server"}`,
    ...plan.files.map(
      ({ kind, path, visibility, bytes }) => `${kind.padEnd(13)} ${path} (${visibility}, ${bytes} bytes)`,
    ),
    ...dependencies.map(({ name, version }) => `dependency    ${name} ${version}`),
    ...plan.variables.map((key) => `variable      ${key}`),
  ];
  context.stdout.write(`${lines.join("\n")}\n`);
}

async function openClient({ context }: DeployInput): Promise<ApiClient> {
  return new ApiClient(await readProfile(context.environment));
}

async function deployProject(
  client: ApiClient,
  { folder, settings, options, context }: DeployInput,
  uploaded: Map<string, string>,
): Promise<Project> {
  const startedAt = performance.now();
  const deployable = await readDeployable(folder, settings);
  const { project } = deployable;
  for (const warning of project.warnings) context.stderr.write(`Warning: ${warning}\n`);
  const deployment = await deploy(client, targetOf(deployable, options), deployable, {
    replacesVariables: options["replace-variables"],
    runtime: options.runtime,
    report: (line) => context.stderr.write(`${line}\n`),
    uploaded,
  });
  const ms = Math.round(performance.now() - startedAt);
  if (options.json) context.stdout.write(`${JSON.stringify({ ...deployment, ms })}\n`);
  else context.stdout.write(textOf(deployment, ms));
  return project;
}

function textOf({ url, functions, assets }: Deployment, ms: number): string {
  const urls = [...functions, ...assets].map((each) => {
    return `  ${each.url}${each.visibility === "public" ? "" : ` (${each.visibility})`}`;
  });
  return `${[`Live at ${url} after ${(ms / 1000).toFixed(1)} s`, ...urls].join("\n")}\n`;
}

function targetOf({ name }: Deployable, options: DeployOptions): DeploymentTarget {
  const service = options.service ?? name;
  if (service === "") throw new OffhookError("setting-invalid", "The service needs a name: --service my-service.");
  return { service, environment: environmentOf(options) };
}

function environmentOf(options: DeployOptions): EnvironmentName {
  if (options.preview !== undefined) return previewNamed(options.preview);
  return options.production ? production : environmentNamed(options.environment);
}
