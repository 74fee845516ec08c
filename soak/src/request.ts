/** Requests as text for the wire. They are ASCII or Latin-1, so each character is one byte. */

export interface RequestParts {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const hostName = "127.0.0.1";

export function requestText(port: number, path: string, { method, headers = {}, body }: RequestParts = {}): string {
  let text = `${method ?? (body === undefined ? "GET" : "POST")} ${path} HTTP/1.1\r\nHost: ${hostName}:${port}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  return body === undefined ? `${text}\r\n` : `${text}Content-Length: ${body.length}\r\n\r\n${body}`;
}

export function jsonText(port: number, path: string, value: unknown, headers: RequestParts["headers"] = {}): string {
  const body = JSON.stringify(value);
  return requestText(port, path, { headers: { "Content-Type": "application/json", ...headers }, body });
}

export function formText(
  port: number,
  path: string,
  parameters: Readonly<Record<string, string>>,
  headers: RequestParts["headers"] = {},
): string {
  const body = new URLSearchParams(parameters).toString();
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  return requestText(port, path, { headers: { ...type, ...headers }, body });
}
