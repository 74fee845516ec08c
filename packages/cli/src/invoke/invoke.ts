/**
 * `offhook invoke`: finds the function, makes the request, sends it, and prints the reply.
 */
import { requestOf, type InvokeRequest, type RequestOptions, type TargetedRequest } from "@offhook/dashboard/request";
import { signed } from "@offhook/dashboard/signing";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadProject } from "@offhook/runtime/project";
import { loadSettings } from "@offhook/runtime/settings";
import type { Settings } from "@offhook/runtime/settings";

import { addressOf } from "../banner.ts";
import type { SignalSource } from "../shutdown.ts";
import type { CommandContext } from "../command-context.ts";
import { findFunction } from "./invoked-function.ts";
import { sendOnce } from "./send-once.ts";

export interface InvokeInput {
  readonly positionals: readonly string[];
  readonly options: RequestOptions & { readonly signed: boolean; readonly json: boolean };
  readonly flags: Readonly<Record<string, unknown>>;
}

/**
 * @returns `ok` if the function did not fail and the status is below 400, else `failed`; 128 + the number of a signal.
 * @throws OffhookError of settings and project, `function-unknown`, `function-private`, `signing-key-missing`.
 */
export async function invoke(
  { positionals: [named, folder = "."], options, flags }: InvokeInput,
  context: CommandContext,
  signals: SignalSource = process,
): Promise<number> {
  if (named === undefined) throw new OffhookError("setting-invalid", "Missing argument: the path of a function.");
  const settings = portNamed(await loadSettings(folder, { flags, environment: context.environment }));
  const project = await loadProject(folder, settings);
  const { resource, query } = findFunction(project.service, named);
  const { variables } = project.service;
  const made = await requestOf(options, query, async (name, given) => {
    const { webhookOf } = await import("@offhook/dashboard/webhook");
    return webhookOf(name, given, variables["ACCOUNT_SID"]);
  });
  const request = withTarget(made, addressOf(resource, ""), settings);
  const sent = options.signed ? signed(request, settings.publicUrl, variables["AUTH_TOKEN"]) : request;
  const once = { project, settings, request: { ...sent, resource, isSigned: options.signed }, isJson: options.json };
  return await sendOnce(once, context, signals);
}

function withTarget(request: InvokeRequest, path: string, { port }: Settings): TargetedRequest {
  const { query, headers } = request;
  // The function sees the same address as with `start`.
  const host = headers["host"] ?? `localhost:${port}`;
  return { ...request, target: query === "" ? path : `${path}?${query}`, headers: { ...headers, host } };
}

/** A port of 0 means any free port. Here no port is opened, so use the default. */
function portNamed(settings: Settings): Settings {
  return { ...settings, port: settings.port || 3000 };
}
