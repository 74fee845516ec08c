/**
 * Sends one request to a project that no server is running, and prints the result.
 */
import { constants } from "node:os";

import type { TargetedRequest } from "@offhook/dashboard/request";
import { exitCodes } from "@offhook/runtime/errors";
import type { Project } from "@offhook/runtime/project";
import type { Settings } from "@offhook/runtime/settings";

import type { SignalSource, StopSignal } from "../shutdown.ts";
import type { CommandContext } from "../command-context.ts";
import { InvocationRecord } from "./invocation-record.ts";
import { startPrivateServer } from "./private-server.ts";
import { headerPairs, outputText, replyHead, replyJson, replyTail, shownBody, type Invoked } from "./reply-text.ts";

export interface SendOnceOptions {
  readonly project: Project;
  readonly settings: Settings;
  readonly request: TargetedRequest & Pick<Invoked, "resource" | "isSigned">;
  readonly isJson: boolean;
}

/** @returns `ok` if the function did not fail and the status is below 400, else `failed`; 128 + a signal's number. */
export async function sendOnce(once: SendOnceOptions, context: CommandContext, signals: SignalSource): Promise<number> {
  return await untilSignal(signals, (onKill) => run(once, context, onKill));
}

async function run(
  { project, settings, request, isJson }: SendOnceOptions,
  { stdout, stderr }: CommandContext,
  onKill: (kill: () => Promise<void>) => void,
): Promise<number> {
  const record = new InvocationRecord((line) => {
    if (!isJson) stderr.write(outputText(line));
  });
  try {
    const [server, { judgeReply }] = await Promise.all([
      startPrivateServer(project, settings),
      import("../reply-judge.ts"),
    ]);
    onKill(() => server.end());
    try {
      const reply = await server.call(request);
      const isTerminal = stdout.isTTY === true;
      const problems = judgeReply({
        request: { ...request, headers: Object.entries(request.headers) },
        status: reply.status,
        headers: headerPairs(reply.headers),
        body: reply.body,
      });
      const invoked = { ...request, reply, record, problems };
      if (!isJson) {
        stderr.write(replyHead(invoked, isTerminal));
        stdout.write(await shownBody(reply, isTerminal));
      }
      // The reply is already printed: it does not wait for leftovers.
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

/** The first signal ends the run at once: no other requests are running. */
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
      // The kill broke its connection, as intended.
      return signalled;
    });
    return await Promise.race([working, signalled]);
  } finally {
    for (const [signal, listener] of listeners) source.off(signal, listener);
  }
}
