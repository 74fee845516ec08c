/**
 * What an author sees of each request when he asks for details: its id in full, its headers, its event. What may be used
 * to call in another's name is left out, as on the page of a failure.
 */
import { exchangeSeen } from "@offhook/runtime/observe";
import type { RequestEnded, ExchangeSeen } from "@offhook/runtime/observe";
import { redactForm, redactHeaders, redactJson, redactTarget } from "@offhook/runtime/internal/redaction";

const maxLines = 60;
const lineCharacters = 500;

export class Details {
  #last: ExchangeSeen | undefined;
  /** Ends the listening; undefined where there is none. */
  #stop: (() => void) | undefined;

  get isOn(): boolean {
    return this.#stop !== undefined;
  }

  /** @returns whether they are on now. */
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

  /** Several lines, not yet made harmless. */
  of({ requestId, bytes }: Pick<RequestEnded, "requestId" | "bytes">): string {
    const head = `${requestId}, ${bytes} bytes sent`;
    // Told just before the request's end, and nothing comes between.
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
  // Compressed, or in a form that nobody knows: a secret would not be found in it.
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

/** In lower case; empty where there is none. */
function headerOf(headers: readonly string[], wanted: string): string {
  const at = headers.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === wanted);
  return at === -1 ? "" : (headers[at + 1] ?? "").toLowerCase();
}

function clipped(line: string, limit: number): string {
  return line.length > limit ? `${line.slice(0, limit)}…` : line;
}
