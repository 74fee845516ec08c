/**
 * `offhook invoke`: find the function, make the request, send it, tell what came of it.
 */
import { constants } from "node:os";

import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { loadProject } from "@offhook/runtime/project";
import type { Project } from "@offhook/runtime/project";
import { loadSettings } from "@offhook/runtime/settings";
import type { Settings } from "@offhook/runtime/settings";

import { addressOf } from "../banner.ts";
import type { SignalSource, StopSignal } from "../shutdown.ts";
import type { Surroundings } from "../surroundings.ts";
import { findFunction } from "./invoked-function.ts";
import { InvocationRecord } from "./invocation-record.ts";
import { startPrivateServer } from "./private-server.ts";
import { outputText, replyHead, replyJson, replyTail, shownBody, type Invoked } from "./reply-text.ts";
import { requestOf, type InvokeRequest, type RequestOptions, type TargetedRequest } from "./request.ts";
import { signed } from "./signing.ts";

export interface InvokeInput {
  readonly positionals: readonly string[];
  readonly options: RequestOptions & { readonly signed: boolean; readonly json: boolean };
  readonly flags: Readonly<Record<string, unknown>>;
}

/**
 * @returns `ok` for a status below 400 of a function that did not fail, else `failed`; 128 + the signal's number where one came.
 * @throws OffhookError of settings and project, `function-unknown`, `function-private`, `signing-key-missing`.
 */
export async function invoke(
  { positionals: [named, folder = "."], options, flags }: InvokeInput,
  surroundings: Surroundings,
  signals: SignalSource = process,
): Promise<number> {
  if (named === undefined) throw new OffhookError("setting-invalid", "invoke takes the path of a function");
  const settings = portNamed(await loadSettings(folder, { flags, environment: surroundings.environment }));
  const project = await loadProject(folder, settings);
  const { resource, query } = findFunction(project.service, named);
  const { variables } = project.service;
  const made = await requestOf(options, query, async (name, given) => {
    const { webhookOf } = await import("./webhook.ts");
    return webhookOf(name, given, variables["ACCOUNT_SID"]);
  });
  const request = withTarget(made, addressOf(resource, ""), settings);
  const sent = options.signed ? signed(request, settings.publicUrl, variables["AUTH_TOKEN"]) : request;
  return await untilSignal(signals, (onKill) => {
    return run(project, settings, { ...sent, resource, isSigned: options.signed }, options.json, surroundings, onKill);
  });
}

function withTarget(request: InvokeRequest, path: string, { port }: Settings): TargetedRequest {
  const { query, headers } = request;
  // The function is told the address that it would have with `start`.
  const host = headers["host"] ?? `localhost:${port}`;
  return { ...request, target: query === "" ? path : `${path}?${query}`, headers: { ...headers, host } };
}

/** 0 takes any free port, and none is taken here. */
function portNamed(settings: Settings): Settings {
  return { ...settings, port: settings.port || 3000 };
}

async function run(
  project: Project,
  settings: Settings,
  sent: TargetedRequest & Pick<Invoked, "resource" | "isSigned">,
  isJson: boolean,
  { stdout, stderr }: Surroundings,
  onKill: (kill: () => Promise<void>) => void,
): Promise<number> {
  const record = new InvocationRecord((line) => {
    if (!isJson) stderr.write(outputText(line));
  });
  try {
    const server = await startPrivateServer(project, settings);
    onKill(() => server.end());
    try {
      const reply = await server.call(sent);
      const isTerminal = stdout.isTTY === true;
      const invoked = { ...sent, reply, record };
      if (!isJson) {
        stderr.write(replyHead(invoked, isTerminal));
        stdout.write(await shownBody(reply, isTerminal));
      }
      // The reply is shown before: what runs on is not waited for.
      if (reply.isOfIsolate) await server.settle();
      if (isJson) stdout.write(replyJson(invoked));
      else stderr.write(replyTail(invoked));
      return reply.status < 400 && record.ended?.code === undefined ? exitCodes.ok : exitCodes.failed;
    } finally {
      await server.end();
    }
  } finally {
    record.stop();
  }
}

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const satisfies readonly StopSignal[];

/** The first signal ends it: nobody else is served. */
async function untilSignal(
  source: SignalSource,
  work: (onKill: (kill: () => Promise<void>) => void) => Promise<number>,
): Promise<number> {
  const { promise: signalled, resolve } = Promise.withResolvers<number>();
  let kill: (() => Promise<void>) | undefined;
  let isSignalled = false;
  const listeners = stopSignals.map((signal) => {
    const end = (): void => {
      isSignalled = true;
      const code = 128 + constants.signals[signal];
      void (kill?.() ?? Promise.resolve()).finally(() => resolve(code));
    };
    return [signal, end] as const;
  });
  for (const [signal, listener] of listeners) source.on(signal, listener);
  try {
    const working = work((given) => (kill = given)).catch((error: unknown) => {
      if (!isSignalled) throw error;
      // Its connection broke, which was to be.
      return signalled;
    });
    return await Promise.race([working, signalled]);
  } finally {
    for (const [signal, listener] of listeners) source.off(signal, listener);
  }
}
