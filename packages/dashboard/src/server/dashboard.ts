/**
 * The dashboard on its own port. It checks who may load its page, its files and its API.
 *
 *     request ─▶ our host? ─▶ our page, or the user? ─▶ code? ───▶ cookie, and the page with a token
 *                                                       cookie? ─▶ page or file
 *                                                       cookie and token? ─▶ API
 */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { contentSecurityPolicy, pageHtml, readSiteFile } from "../site.ts";
import { answer, answerJson, ApiError, readJson } from "./api-answer.ts";
import { answerApi, type DashboardParts } from "./api-endpoints.ts";
import { readProof } from "./api-request.ts";
import { entryPage, entryPolicy, type EntryReason } from "./entry-page.ts";
import { isEmbedded, isForeign, isOurHost } from "./guard.ts";
import type { Sessions } from "./sessions.ts";

export interface DashboardAccess {
  /** `http://127.0.0.1:3001`. */
  readonly origin: string;
  readonly sessions: Sessions;
}

/** Answers every request: the port has no other pages. */
export type Dashboard = (request: IncomingMessage, response: ServerResponse) => void;

export function createDashboard(parts: DashboardParts, access: DashboardAccess): Dashboard {
  const { origin, sessions } = access;
  const { host } = new URL(origin);

  const route = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurHost(request, host)) {
      return answer(response, 421, "text/plain; charset=utf-8", `The dashboard is only available at ${origin}/\n`, []);
    }
    const [pathname = "", ...rest] = (request.url ?? "").split("?");
    const query = new URLSearchParams(rest.join("?"));
    if (pathname === "/") return answerPage(request, response, query, access, parts);
    const isApi = pathname.startsWith("/api/");
    if (isForeign(request, origin)) throw new ApiError(403, "foreign", "Requests from other sites are not allowed.");
    const offered = parts.offeredFiles.find(pathname);
    if (offered !== undefined) return answerOffered(request, response, offered);
    const { cookie } = request.headers;
    if (!sessions.hasCookie(cookie)) {
      throw new ApiError(403, "session-missing", "This browser has no access. Press o in the terminal of offhook dev.");
    }
    if (!isApi) return answerFile(request, response, pathname.slice(1));
    const path = pathname.slice("/api/".length);
    if (path === "resume" && request.method === "POST") {
      const token = sessions.resume(cookie, readProof(await readJson(request)));
      if (token !== undefined) return answerJson(response, 200, { token });
    }
    const token = request.headers["x-offhook-token"] ?? (path === "stream" ? query.get("token") : null);
    const session = typeof token === "string" ? sessions.find(cookie, token) : undefined;
    if (session === undefined) return refuseToken(response, sessions);
    if (path === "session" && request.method === "GET") {
      return answerJson(response, 200, { resumeKey: sessions.resumeKeyOf(session) });
    }
    await answerApi(parts, request, response, path, query);
  };

  return (request, response) => {
    route(request, response).catch((error: unknown) => {
      const apiError = error instanceof ApiError ? error : new ApiError(500, "internal-error", String(error));
      if (response.headersSent) response.destroy();
      else answerJson(response, apiError.status, { error: { code: apiError.code, message: apiError.message } });
    });
  };
}

/** A page that an earlier process served can resume its session. For that it needs the challenge of this process. */
function refuseToken(response: ServerResponse, { challenge }: Sessions): void {
  const message = "offhook dev was restarted, or this tab has no access. Press o in the terminal of offhook dev.";
  answerJson(response, 403, { error: { code: "token-invalid", message }, challenge });
}

function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  { origin, sessions }: DashboardAccess,
  { project }: DashboardParts,
): void {
  const { method, headers } = request;
  if (method !== "GET" && method !== "HEAD") throw new ApiError(405, "method-not-allowed", "Only GET is allowed.");
  if (isForeign(request, origin) || isEmbedded(request)) return answerEntry(response, "foreign");
  const code = query.get("code");
  const session = code !== null && method === "GET" ? sessions.redeem(code, headers.cookie) : undefined;
  if (session === undefined) {
    // If somebody else used the code first, a browser that has a session sees the warning, too.
    if ((code !== null && sessions.isContested) || !sessions.hasCookie(headers.cookie))
      return answerEntry(response, code === null ? "no-session" : "code-invalid");
    // The browser has a session and only opened its link again.
    if (code !== null) return void response.writeHead(303, { location: "/", "cache-control": "no-store" }).end();
  }
  const nonce = randomBytes(16).toString("base64");
  answer(response, 200, "text/html; charset=utf-8", pageHtml({ token: session?.token ?? "", nonce }), [
    ["content-security-policy", contentSecurityPolicy(nonce, project().url)],
    ["x-frame-options", "DENY"],
    // The browser deletes the cookie when it closes. The server checks its signature and its age.
    ...(session === undefined
      ? []
      : [["set-cookie", `${sessions.cookieName}=${session.cookie}; Path=/; HttpOnly; SameSite=Strict`] as const]),
  ]);
}

function answerEntry(response: ServerResponse, reason: EntryReason): void {
  answer(response, 403, "text/html; charset=utf-8", entryPage(reason), [
    ["content-security-policy", entryPolicy],
    ["x-frame-options", "DENY"],
  ]);
}

/** A file that is opened as a page may do nothing: it could be HTML. */
function answerOffered(
  { method }: IncomingMessage,
  response: ServerResponse,
  { type, body }: { readonly type: string; readonly body: Buffer },
): void {
  if (method !== "GET" && method !== "HEAD") throw new ApiError(405, "method-not-allowed", "Only GET is allowed.");
  answer(response, 200, type, body, [
    ["content-security-policy", "default-src 'none'; sandbox"],
    ["content-disposition", "attachment"],
  ]);
}

function answerFile(request: IncomingMessage, response: ServerResponse, path: string): void {
  if (request.method !== "GET" && request.method !== "HEAD")
    throw new ApiError(405, "method-not-allowed", "Only GET is allowed.");
  const file = readSiteFile(path);
  if (file === undefined) throw new ApiError(404, "not-found", "Page not found.");
  answer(response, 200, file.type, file.body, []);
}
