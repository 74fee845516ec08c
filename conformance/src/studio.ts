import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { encodeForm, sign, type FormParameters } from "./signature.ts";

/**
 * A stand-in for Studio's Run Function widget, as documented (contract §12), for testing functions that a
 * Studio flow calls:
 *
 *     const execution = new StudioExecution({ authToken });
 *     const run = await execution.runFunction("lookup", "http://127.0.0.1:3000/lookup", { phone: "+15550100" });
 *     run.transition;        // "success" or "fail"
 *     run.widget.parsed;     // what a flow would read as {{widgets.lookup.parsed}}
 *
 * The call is a signed form POST. (Studio's verb is not documented; this is the natural reading.) Redirects are
 * followed. Within 10 s a 2xx or 3xx of at most 64 kB must arrive. A 500 counts as the function's own error
 * (81017); every other 4xx and 5xx, a timeout, a broken connection and a reply that is too large are 81010.
 */
export interface StudioOptions {
  /** Signs the calls, so that protected functions accept them. */
  readonly authToken: string;
  /** Default 10 s, for all redirects together. */
  readonly timeoutMs?: number;
}

/** The data that a flow sees as `widgets.<name>`. The property names are Studio's. */
export interface Widget {
  readonly body: string;
  readonly content_type: string | undefined;
  readonly status_code: number | undefined;
  /** Set only by a JSON object with application/json. Merged over the widget's earlier runs. */
  readonly parsed?: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WidgetRun {
  readonly transition: "success" | "fail";
  readonly errorCode?: 81010 | 81017;
  /** Why there was no usable reply: a connection error, a timeout, or a reply that is too large. */
  readonly cause?: unknown;
  readonly widget: Widget;
}

const sizeLimitBytes = 64 * 1024;
const runLimit = 10;
const redirectLimit = 10;

/** Thrown by the eleventh run of one widget: Studio ends the execution. */
export class ExecutionEnded extends Error {}

/** One execution of a flow. Widgets keep the parsed data of earlier runs. */
export class StudioExecution {
  readonly #options: StudioOptions;
  readonly #runCounts = new Map<string, number>();
  readonly #parsed = new Map<string, Readonly<Record<string, unknown>>>();

  constructor(options: StudioOptions) {
    this.#options = options;
  }

  async runFunction(widgetName: string, url: string, parameters: FormParameters = {}): Promise<WidgetRun> {
    const runCount = (this.#runCounts.get(widgetName) ?? 0) + 1;
    this.#runCounts.set(widgetName, runCount);
    if (runCount > runLimit) throw new ExecutionEnded(`widget ${widgetName} ran more than ${runLimit} times`);

    const signal = AbortSignal.timeout(this.#options.timeoutMs ?? 10_000);
    let answer: Answer;
    try {
      answer = await this.#call(url, parameters, signal);
    } catch (error) {
      const body = error instanceof Error ? error.message : String(error);
      const widget = { body, content_type: undefined, status_code: undefined, headers: {} };
      return { ...this.#fail(81010, widget, widgetName), cause: error };
    }
    const widget = {
      body: answer.body,
      content_type: answer.type,
      status_code: answer.status,
      headers: answer.headers,
    };
    if (answer.status >= 400) return this.#fail(answer.status === 500 ? 81017 : 81010, widget, widgetName);
    const parsed = parsedOf(answer);
    if (parsed !== undefined) this.#parsed.set(widgetName, { ...this.#parsed.get(widgetName), ...parsed });
    return { transition: "success", widget: this.#withParsed(widget, widgetName) };
  }

  #fail(errorCode: 81010 | 81017, widget: Widget, widgetName: string): WidgetRun {
    return { transition: "fail", errorCode, widget: this.#withParsed(widget, widgetName) };
  }

  /** A reply that is not a JSON object leaves the parsed data of earlier runs unchanged. */
  #withParsed(widget: Widget, widgetName: string): Widget {
    const parsed = this.#parsed.get(widgetName);
    return parsed === undefined ? widget : { ...widget, parsed };
  }

  async #call(firstUrl: string, parameters: FormParameters, signal: AbortSignal): Promise<Answer> {
    let url = firstUrl;
    let method: "GET" | "POST" = "POST";
    for (let hops = 0; hops <= redirectLimit; hops++) {
      const signed = sign(this.#options.authToken, url, method === "POST" ? parameters : {});
      const answer = await send(url, method, method === "POST" ? encodeForm(parameters) : undefined, signed, signal);
      const { location } = answer.headers;
      if (answer.status < 300 || answer.status >= 400 || location === undefined) return answer;
      url = new URL(location, url).href;
      // As all HTTP clients do: 307 and 308 keep the method and the body, the others turn into GET.
      if (answer.status !== 307 && answer.status !== 308) method = "GET";
    }
    throw new Error(`more than ${redirectLimit} redirects`);
  }
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function send(
  url: string,
  method: "GET" | "POST",
  body: string | undefined,
  signature: string,
  signal: AbortSignal,
): Promise<Answer> {
  const headers: Record<string, string> = { "x-twilio-signature": signature, "user-agent": "TwilioProxy/1.1" };
  if (body !== undefined) {
    headers["content-type"] = "application/x-www-form-urlencoded";
    headers["content-length"] = String(Buffer.byteLength(body));
  }
  return new Promise((resolve, reject) => {
    const start = url.startsWith("https:") ? requestHttps : requestHttp;
    const request = start(url, { method, headers, agent: false, signal });
    request.on("response", (message) => void readAnswer(message).then(resolve, reject));
    request.on("error", reject);
    request.end(body);
  });
}

async function readAnswer(message: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message) {
    length += (chunk as Buffer).length;
    if (length > sizeLimitBytes) {
      message.destroy();
      throw new Error("the reply is larger than 64 kB");
    }
    chunks.push(chunk as Buffer);
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    headers[name] = Array.isArray(value) ? value.join(", ") : (value ?? "");
  return {
    status: message.statusCode ?? 0,
    type: message.headers["content-type"],
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

function parsedOf(answer: Answer): Record<string, unknown> | undefined {
  if (!/^application\/json\s*(?:;|$)/i.test(answer.type ?? "")) return undefined;
  try {
    const value: unknown = JSON.parse(answer.body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Not JSON, although its type is application/json.
    return undefined;
  }
}
