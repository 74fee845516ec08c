/**
 * Information that a service shows only to its author: hints, stacks, pages for the browser. Loaded only in development.
 */
import { isUtf8 } from "node:buffer";
import { createRequire } from "node:module";
import { relative, sep } from "node:path";
import { readContentType } from "../body-text.ts";
import { entryOf, type ReplyErrorCode } from "../errors.ts";
import type {
  Content,
  DevelopmentHooks,
  FailureReport,
  Refusal,
  SignatureRules,
} from "../gateway/development-hooks.ts";
import type { Exchange } from "../gateway/exchange.ts";
import type { Gate } from "../gateway/gate.ts";
import { announcedBodyBytes } from "../gateway/limits.ts";
import { hostOf } from "../gateway/target.ts";
import { hintsGiven, type GivenHint, type SignatureDiagnosis } from "../observe/channels.ts";
// The pages need it. They are loaded with `require()`, which fails while an `import()` is loading the same module.
// oxlint-disable-next-line import/no-unassigned-import -- it only has to be loaded
import "../observe/redaction.ts";
import { InvocationOutput } from "../observe/invocation-output.ts";
import type { Diagnosis, FailedOutcome, Invocation, Invoker, ReplyOutcome } from "../pool/invocation.ts";
import { TokenBucket } from "../pool/token-bucket.ts";
import { resourceKeysOf } from "../project/private-assets.ts";
import type { Service } from "../service.ts";
import type { AuthorTools } from "./author-tools.ts";
import { Diagnoses } from "./diagnoses.ts";
import type { Hint, FactSources, DiagnosisDetail } from "./insight/facts.ts";
import { hintsOfDiagnosis, hintsOfFailure } from "./insight/hints.ts";
import { missingInReply } from "./insight/mistakes.ts";
import { hintOfPath } from "./insight/resources.ts";
import { hintOfMissingPath } from "./nearest-path.ts";
import type { OutlineReader } from "./insight/source-outline.ts";
import type * as Pages from "./pages/author-pages.ts";
import { RetryingInvoker } from "./retrying-invoker.ts";
import { sourceOf } from "./source-excerpt.ts";

export interface DevelopmentOptions {
  /** Returns the current service, which changes while it is served. */
  readonly service: () => Service;
  readonly diagnosisDetail: DiagnosisDetail;
  /** Lets hints name lines and variables of the author's sources. */
  readonly outlines?: OutlineReader | undefined;
  /**
   * The caller is the author, so replies contain details that strangers must not see. Otherwise, the author only reads
   * the log, and callers get the replies of production.
   */
  readonly isAuthorCalling: boolean;
  /** The URL of the service for Twilio. Undefined if it has none. */
  readonly publicUrl?: () => string | undefined;
  /** Links of the pages lead to these programs. */
  readonly tools?: AuthorTools | undefined;
  /** The name of the file that sets the service's variables. Default: `.env`. */
  readonly variablesFile?: string | undefined;
}

const webSocketHint =
  "Functions and assets do not support WebSockets, because each request gets one reply. Serve WebSockets, such as those of Media Streams and ConversationRelay, from another server.";

const maxErrorCharacters = 1_000;
/** A longer reply is not searched for the word `undefined`. */
const maxSearchedBytes = 65_536;

/** How many have been made. */
let developments = 0;

export class Development implements DevelopmentHooks {
  readonly #options: DevelopmentOptions;
  readonly #output: InvocationOutput;
  readonly #diagnoses = new Diagnoses();
  /** Never the same in two processes, because pages of an earlier process compare it. */
  readonly #firstVersion = `${process.pid.toString(36)}-${Date.now().toString(36)}-${(developments += 1)}`;
  #changes = 0;
  /** Loaded with the first page. */
  #pages: Pages.AuthorPages | undefined;
  readonly #diagnosisBudget = new TokenBucket(20, 5);

  constructor(options: DevelopmentOptions) {
    this.#options = options;
    this.#output = new InvocationOutput(options.service().sid);
  }

  /** If the caller is the author, a function that does not load is retried after the next change. */
  invokerOf(inner: Invoker, gate: Gate): Invoker {
    if (!this.#options.isAuthorCalling) return inner;
    return new RetryingInvoker(inner, gate, (invocation) => this.#diagnoses.forget(invocation));
  }

  /**
   * For the pool. Diagnoses arrive while an invocation runs and after its reply. Those that cannot wait go to the log.
   */
  readonly onDiagnosis = (invocation: Invocation, diagnosis: Diagnosis): void => {
    const kept = this.#diagnoses.keep(invocation, diagnosis);
    if (kept === undefined) return;
    const { requestId, function: name } = invocation;
    const hints = hintsOfDiagnosis(this.#factSources(name), kept);
    if (hints.length === 0) return;
    hintsGiven.publish({ service: this.#service.sid, requestId, function: name, hints: this.#relativeHints(hints) });
  };

  reportFailure(exchange: Exchange, outcome: FailedOutcome): FailureReport {
    const { code, error } = outcome;
    const { method = "" } = exchange.request;
    const diagnoses = this.#diagnoses.of(exchange.invocation);
    const sources = this.#factSources(exchange.invocation?.function);
    const found = hintsOfFailure({ ...sources, method, bodyType: bodyTypeOf(exchange), code, error, diagnoses });
    const hints = this.#relativeHints(found);
    if (!this.#options.isAuthorCalling) return { hints, source: undefined, content: undefined };
    const source = sourceOf(exchange, { folder: sources.folder, error, diagnoses, hints: found });
    if (!acceptsHtml(exchange)) return { hints, source, content: contentOf(outcome, hints) };
    const pages = this.#loadPages();
    // A stranger's browser gets the reply of production.
    if (!pages.isFromAuthor(exchange)) return { hints, source, content: undefined };
    if (!pages.fillsTab(exchange)) return { hints, source, content: contentOf(outcome, hints) };
    const output = this.#output.of(exchange.requestId);
    return { hints, source, content: pages.failure(exchange, outcome, { hints: found, diagnoses, output }) };
  }

  /** A missing variable often ends up in a text as the word `undefined`, and nothing else shows it. */
  noteReply({ invocation, requestId }: Exchange, { body }: ReplyOutcome): void {
    if (invocation === undefined || body.length > maxSearchedBytes) return;
    if (!/\bundefined\b/.test(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1"))) return;
    const { function: name } = invocation;
    const hints = missingInReply(this.#factSources(name));
    if (hints.length === 0) return;
    hintsGiven.publish({ service: this.#service.sid, requestId, function: name, hints: this.#relativeHints(hints) });
  }

  detailOf({ body }: ReplyOutcome): string | undefined {
    if (!this.#options.isAuthorCalling || body.length === 0 || !isUtf8(body)) return undefined;
    const text = Buffer.from(body).toString("utf8");
    return text.length > maxErrorCharacters ? `${text.slice(0, maxErrorCharacters)}…` : text;
  }

  hintsOfRefusal(code: ReplyErrorCode, path: string): readonly GivenHint[] {
    if (code === "websocket-unsupported") return [{ text: webSocketHint }];
    const text = code === "not-found" ? hintOfPath(path, resourceKeysOf(this.#service)) : undefined;
    return text === undefined ? [] : [{ text }];
  }

  hintsOfMissingPath(path: string): readonly GivenHint[] {
    const text = hintOfMissingPath(path, this.#service);
    return text === undefined ? [] : [{ text }];
  }

  pageOfRefusal(exchange: Exchange, refusal: Refusal): Content | undefined {
    if (!this.#options.isAuthorCalling || !acceptsHtml(exchange)) return undefined;
    const pages = this.#loadPages();
    return pages.isFromAuthor(exchange) && pages.fillsTab(exchange) ? pages.refusal(exchange, refusal) : undefined;
  }

  answerOwn(exchange: Exchange): boolean {
    const { path } = exchange;
    if (!path.startsWith("/_offhook/") && path !== "/favicon.ico") return false;
    return this.#options.isAuthorCalling && this.#loadPages().answer(exchange);
  }

  /** Pages that are open load themselves again. */
  announceChange(): void {
    this.#changes += 1;
    this.#pages?.announceChange();
  }

  /** Call it when another tenancy gets the new requests. Pages that are open connect to that one. */
  closePages(): void {
    this.#pages?.close();
  }

  get isAuthorCalling(): boolean {
    return this.#options.isAuthorCalling;
  }

  /** Bounded, because it costs more than the check, and strangers may call through a tunnel. */
  async diagnoseSignature(exchange: Exchange, rules: SignatureRules): Promise<SignatureDiagnosis | undefined> {
    const { request, target, body } = exchange;
    const isSigned = request.headers["x-twilio-signature"] !== undefined;
    if (isSigned && !this.#diagnosisBudget.take()) return undefined;
    // Read at once: a client that disconnects no longer has an address.
    const base = rules.origin.baseOf(request, hostOf(request));
    const { diagnoseSignature } = await import("./signature-diagnosis.ts");
    return diagnoseSignature({
      target,
      headers: request.headers,
      body: body.length > 0 || announcedBodyBytes(request) === 0 || request.readableEnded ? body : undefined,
      base,
      access: rules.access,
      variables: this.#service.variables,
      variablesFile: this.#options.variablesFile ?? ".env",
    });
  }

  /** Ends the subscription to what functions print. */
  stop(): void {
    this.#output.stop();
  }

  #loadPages(): Pages.AuthorPages {
    const { service, publicUrl = () => undefined, tools } = this.#options;
    const version = (): string => `${this.#firstVersion}-${this.#changes}`;
    return (this.#pages ??= new (pagesModule().AuthorPages)({ service, publicUrl, version, tools }));
  }

  get #service(): Service {
    return this.#options.service();
  }

  /** Hints as callers and the log get them: files are relative to the project's folder. */
  #relativeHints(hints: readonly Hint[]): GivenHint[] {
    const { folder } = this.#service;
    return hints.map(({ text, place }) => {
      if (place === undefined) return { text };
      const { file, line, column } = place;
      return { text, file: relative(folder, file).replaceAll(sep, "/"), line, column };
    });
  }

  #factSources(
    name: string | undefined,
  ): Pick<FactSources, "folder" | "variables" | "file" | "keys" | "outlines" | "diagnosisDetail"> {
    const service = this.#service;
    const { folder, variables, functions } = service;
    const { outlines, diagnosisDetail } = this.#options;
    const file = functions.find((each) => each.name === name)?.file ?? "";
    // An empty variable may be useless to the code that reads it, but it is set.
    const keys = resourceKeysOf(service);
    return { folder, variables: Object.keys(variables), file, keys, outlines, diagnosisDetail };
  }
}

/** @returns undefined if there is nothing to add to the reply that strangers get. */
function contentOf({ code, error }: FailedOutcome, givenHints: readonly GivenHint[]): Content | undefined {
  const hints = givenHints.length > 0 ? { hints: givenHints } : undefined;
  if (error !== undefined) {
    const { message, name, stack } = error;
    return json(stack === undefined ? { message, name } : { message, name, stack, ...hints });
  }
  return hints && json({ message: entryOf(code).message, ...hints });
}

function json(value: object): Content {
  return { type: "application/json", text: JSON.stringify(value) };
}

/** Empty if there is no body. Callers choose the text, so it is repeated only if it looks like a media type. */
function bodyTypeOf({ request }: Exchange): string {
  if (announcedBodyBytes(request) === 0) return "";
  const { mediaType } = readContentType(request.headers["content-type"]);
  return /^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,60}$/.test(mediaType) ? mediaType : "";
}

/** Other callers need no page, so that nothing is loaded for them. */
function acceptsHtml({ request }: Exchange): boolean {
  return /\btext\/html\b/.test(request.headers.accept ?? "");
}

function pagesModule(): typeof Pages {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return createRequire(import.meta.url)(`./pages/author-pages.${extension}`) as typeof Pages;
}
