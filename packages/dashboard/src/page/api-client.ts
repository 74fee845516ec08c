/** Asks `offhook dev`. What goes wrong is an error whose message is a sentence for people. */
import type { Exchange, ExchangePage, OpenRequest, Project, SendRequest, Sent, Simulation } from "../api.ts";

export class ApiFailure extends Error {
  override readonly name = "ApiFailure";
  readonly code: string;
  /** 0 where nobody answered. */
  readonly status: number;

  constructor(message: string, code: string, status: number) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Of the page in which we run. */
const token = document.querySelector<HTMLMetaElement>('meta[name="offhook-token"]')?.content ?? "";

const root = "/_offhook/";

export const api = {
  project: () => json<Project>("project"),
  exchanges: (before?: string) =>
    json<ExchangePage>(`exchanges${before === undefined ? "" : `?before=${encodeURIComponent(before)}`}`),
  exchange: (id: string) => json<Exchange>(`exchanges/${encodeURIComponent(id)}`),
  curl: async (id: string) => (await ask(`exchanges/${encodeURIComponent(id)}/curl`)).text(),
  /** With the name that the server has for it. */
  test: (id: string) => download(`exchanges/${encodeURIComponent(id)}/test`, "function.test.js"),
  har: () => download("har", "offhook.har"),
  simulations: () => json<readonly Simulation[]>("simulations"),
  send: (request: SendRequest) => json<Sent>("send", request),
  replay: (id: string) => json<Sent>(`exchanges/${encodeURIComponent(id)}/replay`, {}),
  open: async (place: OpenRequest) => void (await ask("open", place)),
  clear: async () => void (await ask("clear", {})),
};

/** What the browser asks for itself cannot have a header. */
export function streamUrl(): string {
  return `${root}api/stream?token=${encodeURIComponent(token)}`;
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

async function ask(path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { "x-offhook-token": token };
  if (body !== undefined) headers["content-type"] = "application/json";
  const request: RequestInit =
    body === undefined ? { headers } : { method: "POST", headers, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(`${root}api/${path}`, request);
  } catch {
    throw new ApiFailure("The server does not answer. Is offhook dev still running?", "NO_ANSWER", 0);
  }
  if (!response.ok) throw await failureOf(response);
  return response;
}

async function failureOf(response: Response): Promise<ApiFailure> {
  const text = await response.text().catch(() => "");
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    return new ApiFailure(error.message, error.code, response.status);
  } catch {
    return new ApiFailure(`The server answered ${response.status} without saying why.`, "UNKNOWN", response.status);
  }
}

export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
