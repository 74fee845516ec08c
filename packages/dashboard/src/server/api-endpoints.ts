/**
 * The endpoints of the dashboard's API (`@offhook/dashboard/api`), for requests that are already admitted.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

import type {
  Exchange,
  Header,
  OpenRequest,
  Project,
  SavedFile,
  SendRequest,
  SendResult,
  Simulation,
  WrittenTest,
} from "../api.ts";
import { functionTest, isTestable } from "../journal/function-test.ts";
import { harOf } from "../journal/har.ts";
import type { Journal } from "../journal/journal.ts";
import { answer, answerJson, ApiError, readBytes, readJson } from "./api-answer.ts";
import {
  readName,
  readNamedRequest,
  readOpenRequest,
  readSavedRequest,
  readSendRequest,
  readUntil,
  readWrittenTest,
} from "./api-request.ts";
import { maxFileBytes, type OfferedFiles } from "./offered-files.ts";
import type { KeptConversations } from "./kept-conversations.ts";
import type { SavedRequests } from "./saved-requests.ts";
import type { Stream } from "./stream.ts";

export interface DashboardParts {
  readonly journal: Journal;
  /** @returns an exchange that has not ended yet. */
  readonly running: (id: string) => Exchange | undefined;
  /** Whether a request is in memory as it came. */
  readonly keepsSecrets: (id: string) => boolean;
  readonly stream: Stream;
  readonly version: string;
  readonly project: () => Project;
  /** @throws ApiError if no command can send the request. */
  readonly curl: (exchange: Exchange) => string;
  /** @throws ApiError if there is nothing to test, or the file cannot be written. */
  readonly saveTest: (exchange: Exchange) => Promise<SavedFile>;
  readonly savedRequests: SavedRequests;
  /** @throws ApiError if the name is not that of a test, or the file cannot be written. */
  readonly saveWrittenTest: (test: WrittenTest) => Promise<SavedFile>;
  readonly simulations: () => readonly Simulation[];
  /** @throws ApiError if the request could not be sent. */
  readonly send: (request: SendRequest) => Promise<SendResult>;
  /** @returns undefined if the exchange is unknown. */
  readonly replay: (id: string) => Promise<SendResult | undefined>;
  readonly offeredFiles: OfferedFiles;
  readonly conversations: KeptConversations;
  /** @throws ApiError if there is no editor, or the file does not belong to the project. */
  readonly openFile: (request: OpenRequest) => Promise<void>;
}

interface ApiCall {
  readonly parts: DashboardParts;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  /** The `*` in the path of the endpoint; empty if it has none. */
  readonly id: string;
}

type Endpoint = (call: ApiCall) => void | Promise<void>;

const endpoints: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ["GET project", ({ parts, response }) => answerJson(response, 200, parts.project())],
  ["GET simulations", ({ parts, response }) => answerJson(response, 200, parts.simulations())],
  ["GET stream", ({ parts, response }) => parts.stream.open(response)],
  ["GET exchanges", listExchanges],
  ["GET exchanges/*", showExchange],
  ["GET exchanges/*/curl", exportCurl],
  ["GET exchanges/*/test", exportTest],
  ["POST exchanges/*/test", saveTest],
  ["GET har", exportHar],
  ["POST exchanges/*/replay", replay],
  ["POST send", send],
  ["POST mask", maskRequest],
  ["GET saved-requests", async ({ parts, response }) => answerJson(response, 200, await parts.savedRequests.list())],
  ["POST saved-requests", saveRequest],
  ["POST saved-requests/*/delete", deleteRequest],
  ["POST media", offerFile],
  ["GET conversations/*", ({ parts, response, id }) => answerJson(response, 200, parts.conversations.find(id) ?? null)],
  ["POST conversations/*", keepConversation],
  ["POST tests", saveWrittenTest],
  ["POST open", openFile],
  ["POST clear", clear],
]);

/** @param path without `/api/`. @throws ApiError if the endpoint is unknown, or it cannot answer. */
export async function answerApi(
  parts: DashboardParts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
): Promise<void> {
  // The second segment of a path is always an id.
  const [first = "", id, ...rest] = path.split("/");
  const pattern = [first, ...(id === undefined ? [] : ["*"]), ...rest].join("/");
  const endpoint = endpoints.get(`${request.method} ${pattern}`);
  if (endpoint === undefined) throw new ApiError(404, "not-found", "Unknown request.");
  await endpoint({ parts, request, response, query, id: id ?? "" });
}

/** Number of exchanges per page. */
const pageSize = 200;

function listExchanges({ parts, response, query }: ApiCall): void {
  answerJson(response, 200, parts.journal.page(pageSize, query.get("before") ?? undefined));
}

async function showExchange({ parts, response, id }: ApiCall): Promise<void> {
  const exchange = await exchangeOf(parts, id);
  const can = { keepsSecrets: parts.keepsSecrets(id), isTestable: isTestable(exchange) };
  answerJson(response, 200, { ...exchange, ...can } satisfies Exchange);
}

async function exportCurl({ parts, response, id }: ApiCall): Promise<void> {
  const command = parts.curl(await exchangeOf(parts, id));
  answer(response, 200, "text/plain; charset=utf-8", command, []);
}

async function exportTest({ parts, response, id }: ApiCall): Promise<void> {
  const text = functionTest(await exchangeOf(parts, id));
  if (text === undefined) throw new ApiError(409, "no-reply", "This request has no reply from a function.");
  answer(response, 200, "text/plain; charset=utf-8", text, [attachment("function.test.js")]);
}

async function saveTest({ parts, response, id }: ApiCall): Promise<void> {
  answerJson(response, 200, await parts.saveTest(await exchangeOf(parts, id)));
}

async function exportHar({ parts, response }: ApiCall): Promise<void> {
  const har = harOf(await allExchanges(parts.journal), parts.project().url, parts.version);
  answer(response, 200, "application/json", JSON.stringify(har), [attachment("offhook.har")]);
}

async function replay({ parts, response, id }: ApiCall): Promise<void> {
  const sent = await parts.replay(id);
  if (sent === undefined) throw unknownExchange();
  answerJson(response, 200, sent);
}

async function send({ parts, request, response }: ApiCall): Promise<void> {
  answerJson(response, 200, await parts.send(readSendRequest(await readJson(request))));
}

async function maskRequest({ parts, request, response }: ApiCall): Promise<void> {
  answerJson(response, 200, parts.savedRequests.masked(readSavedRequest(await readJson(request))));
}

async function saveRequest({ parts, request, response }: ApiCall): Promise<void> {
  answerJson(response, 200, await parts.savedRequests.save(readNamedRequest(await readJson(request))));
}

async function deleteRequest({ parts, response, id }: ApiCall): Promise<void> {
  answerJson(response, 200, await parts.savedRequests.delete(readName(id)));
}

async function saveWrittenTest({ parts, request, response }: ApiCall): Promise<void> {
  answerJson(response, 200, await parts.saveWrittenTest(readWrittenTest(await readJson(request))));
}

async function offerFile({ parts, request, response, query }: ApiCall): Promise<void> {
  const body = await readBytes(request, maxFileBytes);
  answerJson(response, 200, { url: parts.offeredFiles.add(body, query.get("type") ?? "") });
}

async function keepConversation({ parts, request, response, id }: ApiCall): Promise<void> {
  parts.conversations.keep(id, await readJson(request));
  answerJson(response, 204);
}

async function openFile({ parts, request, response }: ApiCall): Promise<void> {
  await parts.openFile(readOpenRequest(await readJson(request)));
  answerJson(response, 204);
}

function clear({ parts, response, query }: ApiCall): void {
  parts.journal.clear(readUntil(query));
  answerJson(response, 204);
}

async function exchangeOf({ running, journal }: DashboardParts, id: string): Promise<Exchange> {
  const exchange = running(id) ?? (await journal.exchange(id));
  if (exchange === undefined) throw unknownExchange();
  return exchange;
}

function unknownExchange(): ApiError {
  return new ApiError(404, "not-found", "This request is no longer recorded.");
}

/** Oldest first. */
async function allExchanges(journal: Journal): Promise<Exchange[]> {
  const { exchanges } = journal.page(Infinity);
  const found = await Promise.all(exchanges.toReversed().map(({ id }) => journal.exchange(id)));
  return found.filter((exchange) => exchange !== undefined);
}

function attachment(name: string): Header {
  return ["content-disposition", `attachment; filename="${name}"`];
}
