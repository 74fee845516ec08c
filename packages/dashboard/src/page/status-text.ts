import type { ExchangeSummary } from "../api.ts";

/** The result of an exchange, for its colour. */
export type StatusClass = "running" | "good" | "redirect" | "refused" | "failed";

const words: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No content",
  206: "Partial",
  301: "Moved",
  302: "Found",
  303: "See other",
  304: "Not modified",
  307: "Redirect",
  308: "Redirect",
  400: "Bad request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  405: "Wrong method",
  408: "Too slow",
  409: "Conflict",
  413: "Too large",
  422: "Invalid",
  429: "Too many",
  431: "Headers too large",
  500: "Error",
  502: "Bad gateway",
  503: "Unavailable",
  504: "Timed out",
};

export function statusClassOf(status: number | undefined): StatusClass {
  if (status === undefined) return "running";
  if (status >= 500) return "failed";
  if (status >= 400) return "refused";
  return status >= 300 ? "redirect" : "good";
}

/** Always has words: colour alone must not carry the meaning. */
export function statusText(status: number | undefined): string {
  if (status === undefined) return "running";
  const word = words[status] ?? generalWords[statusClassOf(status)];
  return `${status} ${word}`;
}

const generalWords: Readonly<Record<StatusClass, string>> = {
  running: "",
  good: "OK",
  redirect: "Redirect",
  refused: "Refused",
  failed: "Error",
};

/**
 * Whether the exchange failed, logged a warning or an error, left something running, or has a reply with problems.
 */
export function hasProblem({ code, status = 0, complaints, problems = [], leftovers }: ExchangeSummary): boolean {
  return code !== undefined || status >= 400 || complaints + problems.length > 0 || leftovers !== undefined;
}
