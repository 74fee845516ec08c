/** Sends requests to `offhook dev`. A failure is an error whose message can be shown to people. */
import type {
  Exchange,
  ExchangePage,
  NamedRequest,
  OfferedFile,
  OpenRequest,
  Project,
  Refusal,
  ResumeKey,
  SavedFile,
  SavedRequest,
  SendRequest,
  SendResult,
  Simulation,
  Token,
  WrittenTest,
} from "../api.ts";
import { currentToken, keepResumeKey, proofFor, replaceToken } from "./page-session.ts";

class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly code: string;
  /** 0 if there was no response. */
  readonly status: number;

  constructor(message: string, code: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export const api = {
  /** Gets the key with which this tab regains access after the server restarts. */
  prepareToResume: async () => keepResumeKey((await json<ResumeKey>("session")).resumeKey),
  project: () => json<Project>("project"),
  exchanges: (before?: string) =>
    json<ExchangePage>(`exchanges${before === undefined ? "" : `?before=${encodeURIComponent(before)}`}`),
  exchange: (id: string) => json<Exchange>(`exchanges/${encodeURIComponent(id)}`),
  curl: async (id: string) => (await ask(`exchanges/${encodeURIComponent(id)}/curl`)).text(),
  saveTest: (id: string) => json<SavedFile>(`exchanges/${encodeURIComponent(id)}/test`, {}),
  har: () => download("har", "offhook.har"),
  mask: (request: SavedRequest) => json<SavedRequest>("mask", request),
  savedRequests: () => json<readonly NamedRequest[]>("saved-requests"),
  saveRequest: (request: NamedRequest) => json<readonly NamedRequest[]>("saved-requests", request),
  deleteSavedRequest: (name: string) =>
    json<readonly NamedRequest[]>(`saved-requests/${encodeURIComponent(name)}/delete`, {}),
  simulations: () => json<readonly Simulation[]>("simulations"),
  send: (request: SendRequest) => json<SendResult>("send", request),
  replay: (id: string) => json<SendResult>(`exchanges/${encodeURIComponent(id)}/replay`, {}),
  saveWrittenTest: (test: WrittenTest) => json<SavedFile>("tests", test),
  /** Makes a file available to functions at a URL of this machine. */
  offerFile: async (file: Blob) => {
    const url = `media?type=${encodeURIComponent(file.type)}`;
    return ((await (await ask(url, file)).json()) as OfferedFile).url;
  },
  /** @returns null if the server does not know it. */
  conversation: (id: string) => json<unknown>(`conversations/${id}`),
  keepConversation: async (id: string, conversation: unknown) => void (await ask(`conversations/${id}`, conversation)),
  open: async (place: OpenRequest) => void (await ask("open", place)),
  /** The request is sent even if the page is being closed. */
  clear: async (until: number) => void (await ask(`clear?until=${until}`, {}, { keepalive: true })),
};

/** The URL of the event stream. The browser cannot set headers for it. */
export function streamUrl(): string {
  return `/api/stream?token=${encodeURIComponent(currentToken())}`;
}

export interface Download {
  readonly name: string;
  readonly text: string;
}

async function download(path: string, name: string): Promise<Download> {
  const response = await ask(path);
  const named = /filename="?([\w.-]+)"?/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { name: named ?? name, text: await response.text() };
}

async function json<T>(path: string, body?: unknown): Promise<T> {
  const response = await ask(path, body);
  return (await response.json()) as T;
}

async function ask(path: string, body?: unknown, options?: RequestInit): Promise<Response> {
  const response = await send(path, body, options);
  if (response.ok) return response;
  const { failure, challenge } = await readFailure(response);
  if (challenge === undefined || !(await resume(challenge))) throw failure;
  const second = await send(path, body, options);
  if (!second.ok) throw (await readFailure(second)).failure;
  return second;
}

async function send(path: string, body?: unknown, options?: RequestInit): Promise<Response> {
  const headers: Record<string, string> = { "x-offhook-token": currentToken() };
  const isFile = body instanceof Blob;
  if (body !== undefined) headers["content-type"] = isFile ? "application/octet-stream" : "application/json";
  const request: RequestInit =
    body === undefined ? { headers } : { method: "POST", headers, body: isFile ? body : JSON.stringify(body) };
  try {
    return await fetch(`/api/${path}`, { ...request, ...options });
  } catch {
    throw new ApiFailure("The server does not respond. Is offhook dev still running?", "NO_ANSWER", 0);
  }
}

/** @param challenge of the process that now answers. @returns whether this tab has access again. */
async function resume(challenge: string): Promise<boolean> {
  const proof = await proofFor(challenge);
  if (proof === undefined) return false;
  const response = await send("resume", { proof });
  if (!response.ok) return false;
  replaceToken(((await response.json()) as Token).token);
  return true;
}

async function readFailure(response: Response): Promise<{ failure: ApiFailure; challenge?: string | undefined }> {
  const text = await response.text().catch(() => "");
  const { status } = response;
  try {
    const { error, challenge } = JSON.parse(text) as Refusal;
    return { failure: new ApiFailure(error.message, error.code, status), challenge };
  } catch {
    return {
      failure: new ApiFailure(`The server responded with status ${status} and no explanation.`, "UNKNOWN", status),
    };
  }
}

/** Whether the server responds, but this tab has no access. */
export function isRefused(error: unknown): boolean {
  return error instanceof ApiFailure && (error.code === "token-invalid" || error.code === "session-missing");
}

/** Whether the server does not know what was asked for, for example a request that was deleted. */
export function isUnknown(error: unknown): boolean {
  return error instanceof ApiFailure && error.status === 404;
}

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
