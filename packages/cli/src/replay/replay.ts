/**
 * `offhook replay`: sends a request of the journal again.
 */
import type { SendResult } from "@offhook/dashboard/api";
import { ApiError } from "@offhook/dashboard/api-answer";
import { readDevServerInfo, type DevServerInfo } from "@offhook/dashboard/dev-server-info";
import { Journal } from "@offhook/dashboard/journal";
import { originalOf, requestOf } from "@offhook/dashboard/original";
import { chooseRequest, isWorthRepeating } from "@offhook/dashboard/request-choice";
import { signed } from "@offhook/dashboard/signing";
import { exitCodes } from "@offhook/runtime/errors";
import { OffhookError } from "@offhook/runtime/offhook-error";
import { printable } from "@offhook/runtime/internal/printable";
import { loadProject } from "@offhook/runtime/project";
import { loadSettings } from "@offhook/runtime/settings";

import type { Input, Switch } from "../command.ts";
import { findFunction } from "../invoke/invoked-function.ts";
import { sendOnce } from "../invoke/send-once.ts";
import type { SignalSource } from "../shutdown.ts";
import type { CommandContext } from "../command-context.ts";

/** @throws OffhookError of settings and project, `request-unknown`, `request-not-repeatable`. */
export async function replay(
  { positionals: [named = "last", folder = "."], flags, options: { json } }: Input<{ json: Switch }>,
  context: CommandContext,
  _table: unknown,
  signals: SignalSource = process,
): Promise<number> {
  const settings = await loadSettings(folder, { flags, environment: context.environment });
  const project = await loadProject(folder, settings);
  const { service } = project;
  const journal = await Journal.open(service.folder);
  const { id } = chooseRequest(journal, named, isWorthRepeating);
  const devServer = await readDevServerInfo(service.folder);
  const sent = devServer && (await askDev(devServer, id));
  if (devServer !== undefined && sent !== undefined) return printReply(sent, devServer, json, context);

  const exchange = (await journal.exchange(id)) ?? unknown(id);
  const original = repeatable(() => originalOf(exchange, service.variables));
  const request = requestOf(original, `localhost:${settings.port || 3000}`);
  const { resource } = findFunction(service, request.target);
  const isSigned = "x-twilio-signature" in request.headers;
  const made = isSigned ? signed(request, settings.publicUrl, service.variables["AUTH_TOKEN"]) : request;
  return await sendOnce(
    { project, settings, request: { ...made, resource, isSigned }, isJson: json },
    context,
    signals,
  );
}

/** @returns undefined if the server is no longer there. */
async function askDev(
  { dashboard, cookieName, cookie, token }: DevServerInfo,
  id: string,
): Promise<SendResult | undefined> {
  const asked = fetch(`${dashboard}/api/exchanges/${id}/replay`, {
    method: "POST",
    headers: { cookie: `${cookieName}=${cookie}`, "x-offhook-token": token },
  });
  const response = await asked.catch(() => undefined);
  // Another server uses the port now, or the same one was restarted.
  if (response === undefined || response.status === 403 || !isJson(response)) return undefined;
  const answer = (await response.json()) as SendResult & { error?: { message: string } };
  if (answer.error !== undefined) throw new OffhookError("request-not-repeatable", printable(answer.error.message));
  return answer;
}

function isJson(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("application/json") === true;
}

function printReply(
  sent: SendResult,
  { url }: DevServerInfo,
  isJsonWanted: boolean,
  { stdout, stderr }: CommandContext,
): number {
  const { id, status, headers, body } = sent;
  if (isJsonWanted) {
    stdout.write(`${JSON.stringify({ id, status, headers, body: body.text, encoding: body.encoding })}\n`);
  } else {
    stderr.write(`Sent to ${url}: ${status}, ${id}\n`);
    stdout.write(Buffer.from(body.text, body.encoding));
    if (stdout.isTTY === true) stdout.write("\n");
  }
  return status < 400 ? exitCodes.ok : exitCodes.failed;
}

function repeatable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof ApiError) throw new OffhookError("request-not-repeatable", error.message, { cause: error });
    throw error;
  }
}

function unknown(id: string): never {
  throw new OffhookError("request-unknown", id);
}
