/**
 * The dashboard, as `offhook dev` serves it under `/_offhook/`: its page, and what the page asks for (`@offhook/dashboard/api`).
 *
 *     request ─▶ local? ─▶ ours? ─▶ page or file
 *                  │         ╰────▶ token? ─▶ api
 *                  ╰─ no: not for us, as if there was no dashboard
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { contentSecurityPolicy, pageHtml, readSiteFile } from "@offhook/dashboard";
import type { Exchange, Header, OpenRequest, Project, SendRequest, Sent, Simulation } from "@offhook/dashboard/api";

import { curlCommand } from "../journal/curl.ts";
import { functionTest } from "../journal/function-test.ts";
import { harOf } from "../journal/har.ts";
import type { Journal } from "../journal/journal.ts";
import { answer, answerJson, ApiError, readJson } from "./api-answer.ts";
import { readOpenRequest, readSendRequest } from "./api-request.ts";
import { callerOf, concerns, isForeign, isToken, prefix } from "./guard.ts";
import type { Stream } from "./stream.ts";

export interface DashboardParts {
  readonly journal: Journal;
  /** One that has no end yet. */
  readonly running: (id: string) => Exchange | undefined;
  readonly stream: Stream;
  readonly version: string;
  readonly project: () => Project;
  readonly simulations: () => readonly Simulation[];
  /** @throws ApiError where nothing could be sent. */
  readonly send: (request: SendRequest) => Promise<Sent>;
  /** @returns undefined where the exchange is not known. */
  readonly replay: (id: string) => Promise<Sent | undefined>;
  /** @throws ApiError where there is no editor, or the file is not the project's. */
  readonly openFile: (request: OpenRequest) => Promise<void>;
}

export type Dashboard = (request: IncomingMessage, response: ServerResponse) => boolean;

/** Rows that one answer has. */
const pageSize = 200;

/** @returns a listener that takes a request, or says by `false` that it is none of its own. */
export function createDashboard(parts: DashboardParts, token: string): Dashboard {
  return (request, response) => {
    if (!concerns(request)) return false;
    const [pathname = "", ...query] = (request.url ?? "").split("?");
    const searchParams = new URLSearchParams(query.join("?"));
    const caller = callerOf(request);
    const { method, headers } = caller;
    const path = pathname.slice(prefix.length);
    const work = async (): Promise<void> => {
      if (isForeign(caller)) throw new ApiError(403, "foreign", "Another site's page asks: that is not allowed.");
      if (!path.startsWith("api/")) return answerFile(request, response, path, token);
      const given = headers["x-offhook-token"] ?? (method === "GET" ? searchParams.get("token") : null);
      if (typeof given !== "string" || !isToken(given, token)) {
        throw new ApiError(403, "token-invalid", "The page is of an earlier start: load it again.");
      }
      await answerApi(parts, request, response, path.slice("api/".length), searchParams);
    };
    work().catch((error: unknown) => {
      const known = error instanceof ApiError ? error : new ApiError(500, "internal-error", String(error));
      if (response.headersSent) response.destroy();
      else answerJson(response, known.status, { error: { code: known.code, message: known.message } });
    });
    return true;
  };
}

function answerFile(request: IncomingMessage, response: ServerResponse, path: string, token: string): void {
  if (request.method !== "GET" && request.method !== "HEAD") throw new ApiError(405, "method-not-allowed", "Only GET.");
  if (path === "") {
    // The token is in it: a script of the project's, which any request may have brought into a reply, must not read it.
    const place = request.headers["sec-fetch-dest"];
    if (place !== undefined && place !== "document") {
      throw new ApiError(403, "foreign", "A script or a frame asks for the page: only a window of its own gets it.");
    }
    const nonce = randomBytes(16).toString("base64");
    const policy = ["content-security-policy", contentSecurityPolicy(nonce)] as const;
    return answer(response, 200, "text/html; charset=utf-8", pageHtml({ token, nonce }), [
      policy,
      ["x-frame-options", "DENY"],
    ]);
  }
  const file = readSiteFile(path);
  if (file === undefined) throw new ApiError(404, "not-found", "There is no such page.");
  answer(response, 200, file.type, file.body, []);
}

async function answerApi(
  parts: DashboardParts,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
): Promise<void> {
  const { journal } = parts;
  // The second part of a path is always an id.
  const [what = "", id, ...rest] = path.split("/");
  const asked = [`${request.method} ${what}`, ...(id === undefined ? [] : ["*"]), ...rest].join("/");
  switch (asked) {
    case "GET project":
      return answerJson(response, 200, parts.project());
    case "GET simulations":
      return answerJson(response, 200, parts.simulations());
    case "GET stream":
      return parts.stream.open(response);
    case "GET exchanges":
      return answerJson(response, 200, journal.page(pageSize, query.get("before") ?? undefined));
    case "GET exchanges/*":
      return answerJson(response, 200, await exchangeOf(parts, id ?? ""));
    case "GET exchanges/*/curl":
      return answer(
        response,
        200,
        "text/plain; charset=utf-8",
        curlCommand(await exchangeOf(parts, id ?? ""), parts.project().url),
        [],
      );
    case "GET exchanges/*/test": {
      const text = functionTest(await exchangeOf(parts, id ?? ""));
      if (text === undefined) throw new ApiError(409, "no-reply", "No function has answered this request.");
      return answer(response, 200, "text/plain; charset=utf-8", text, [attachment("function.test.js")]);
    }
    case "GET har": {
      const har = harOf(await allExchanges(journal), parts.project().url, parts.version);
      return answer(response, 200, "application/json", JSON.stringify(har), [attachment("offhook.har")]);
    }
    case "POST exchanges/*/replay": {
      const sent = await parts.replay(id ?? "");
      if (sent === undefined) throw new ApiError(404, "not-found", "This request is no longer known.");
      return answerJson(response, 200, sent);
    }
    case "POST send":
      return answerJson(response, 200, await parts.send(readSendRequest(await readJson(request))));
    case "POST open":
      await parts.openFile(readOpenRequest(await readJson(request)));
      return answerJson(response, 204);
    case "POST clear":
      journal.clear();
      return answerJson(response, 204);
    default:
      throw new ApiError(404, "not-found", "There is no such thing to ask.");
  }
}

async function exchangeOf({ running, journal }: DashboardParts, id: string): Promise<Exchange> {
  const exchange = running(id) ?? (await journal.exchange(id));
  if (exchange === undefined) throw new ApiError(404, "not-found", "This request is no longer known.");
  return exchange;
}

/** The oldest first. */
async function allExchanges(journal: Journal): Promise<Exchange[]> {
  const { exchanges } = journal.page(Infinity);
  const found = await Promise.all(exchanges.toReversed().map(({ id }) => journal.exchange(id)));
  return found.filter((exchange) => exchange !== undefined);
}

function attachment(name: string): Header {
  return ["content-disposition", `attachment; filename="${name}"`];
}
