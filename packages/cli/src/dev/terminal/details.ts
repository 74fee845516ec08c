/**
 * Details of each request for the author: its full id, its headers, its event. Secrets that would let other people make
 * calls are redacted, as on the error page.
 */
import { exchangeSeen } from "@offhook/runtime/observe";
import type { RequestEnded, ExchangeSeen } from "@offhook/runtime/observe";
import { redactForm, redactHeaders, redactJson, redactTarget } from "@offhook/runtime/internal/redaction";

const maxLines = 60;
const lineCharacters = 500;

export class Details {
  #last: ExchangeSeen | undefined;
  /** Ends the subscription. Undefined if there is none. */
  #stop: (() => void) | undefined;

  get isOn(): boolean {
    return this.#stop !== undefined;
  }

  /** @returns whether details are on now. */
  toggle(): boolean {
    if (this.isOn) this.stop();
    else this.#stop = exchangeSeen.subscribe((seen) => (this.#last = seen));
    return this.isOn;
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#last = undefined;
  }

  /** Several lines. Control characters are not escaped yet. */
  of({ requestId, bytes }: Pick<RequestEnded, "requestId" | "bytes">): string {
    const head = `${requestId}, ${bytes} bytes sent`;
    // The exchange is published just before the request's end, with nothing in between.
    if (this.#last?.requestId !== requestId) return head;
    const lines = [head, redactTarget(this.#last.target), ...redactHeaders(this.#last.headers), ...eventOf(this.#last)];
    const rest = lines.length - maxLines;
    const shown = lines.slice(0, maxLines).map((line) => clipped(line, lineCharacters));
    return [...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join("\n");
  }
}

function eventOf({ target, headers, body }: ExchangeSeen): string[] {
  const start = target.indexOf("?");
  const query = start === -1 ? [] : parametersOf(target.slice(start + 1));
  if (body.length === 0) return titled(query);
  const type = headerOf(headers, "content-type");
  const encoding = headerOf(headers, "content-encoding");
  // A compressed body or an unknown type is not shown: secrets in it could not be found.
  const closed = [`(${body.length} bytes${type === "" ? "" : `, ${type}`}${encoding === "" ? "" : `, ${encoding}`})`];
  const text = encoding === "" ? Buffer.from(body).toString("utf8") : "";
  if (text !== "" && type.includes("x-www-form-urlencoded")) return titled([...query, ...parametersOf(text)]);
  const json = text !== "" && type.includes("json") ? redactJson(text) : undefined;
  return titled([...query, ...(json === undefined ? closed : json.split("\n"))]);
}

function titled(parameters: readonly string[]): string[] {
  return parameters.length === 0 ? [] : ["event:", ...parameters.map((line) => `  ${line}`)];
}

function parametersOf(form: string): string[] {
  return [...new URLSearchParams(redactForm(form))].map(([name, value]) => `${name}: ${value}`);
}

/** In lower case. Empty if the header is missing. */
function headerOf(headers: readonly string[], wanted: string): string {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === wanted);
  return at === -1 ? "" : (headers[at + 1] ?? "").toLowerCase();
}

function clipped(line: string, limit: number): string {
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}
