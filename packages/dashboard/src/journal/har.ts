/**
 * Exchanges as HAR 1.2, the format of browsers' developer tools. Other tools read it too.
 */
import type { Body, Exchange, Header } from "../api.ts";

/**
 * A test checks the result against the types of `@types/har-format`.
 * @param url the server's URL, without a slash at its end.
 */
export function harOf(exchanges: readonly Exchange[], url: string, version: string) {
  return {
    log: {
      version: "1.2",
      creator: { name: "Offhook", version },
      entries: exchanges.filter(({ reply }) => reply !== undefined).map((exchange) => entryOf(exchange, url)),
    },
  };
}

function entryOf({ id, startedAt, durationMs = 0, method, request, reply, phases, code }: Exchange, url: string) {
  const tookMs = (...names: string[]): number =>
    phases.filter(({ name }) => names.includes(name)).reduce((sum, { tookMs: ms }) => sum + ms, 0);
  const [send, receive] = [tookMs("receive"), tookMs("write")];
  return {
    startedDateTime: new Date(startedAt).toISOString(),
    time: durationMs,
    request: {
      method,
      url: `${url}${request.target}`,
      httpVersion: "HTTP/1.1",
      headers: namesAndValues(request.headers),
      queryString: [...new URLSearchParams(queryOf(request.target))].map(([name, value]) => ({
        name,
        value,
      })),
      cookies: [],
      headersSize: -1,
      bodySize: request.body.bytes,
      ...(request.body.bytes > 0 && {
        postData: { mimeType: typeOf(request.headers), text: request.body.text, ...encodingOf(request.body) },
      }),
    },
    response: {
      status: reply?.status ?? 0,
      statusText: "",
      httpVersion: "HTTP/1.1",
      headers: namesAndValues(reply?.headers ?? []),
      cookies: [],
      content: {
        size: reply?.body.bytes ?? 0,
        mimeType: typeOf(reply?.headers ?? []),
        text: reply?.body.text ?? "",
        ...(reply !== undefined && encodingOf(reply.body)),
      },
      redirectURL: reply?.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? "",
      headersSize: -1,
      bodySize: reply?.body.bytes ?? 0,
    },
    cache: {},
    timings: { send, wait: Math.max(0, durationMs - send - receive), receive },
    _offhook: { id, phases, ...(code !== undefined && { code }) },
  };
}

/** Not every target parses as a URL, for example `//`. */
function queryOf(target: string): string {
  const at = target.indexOf("?");
  return at === -1 ? "" : target.slice(at + 1);
}

function namesAndValues(headers: readonly Header[]): { name: string; value: string }[] {
  return headers.map(([name, value]) => ({ name, value }));
}

function typeOf(headers: readonly Header[]): string {
  return headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
}

function encodingOf({ encoding }: Body): { encoding?: string } {
  return encoding === "base64" ? { encoding } : {};
}
