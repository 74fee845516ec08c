/**
 * The page that an author sees in the browser when a function fails: the error, its place, the request and the
 * function's output.
 */
import type { Content } from "../../gateway/development-hooks.ts";
import type { Exchange } from "../../gateway/exchange.ts";
import { entryOf } from "../../errors.ts";
import type { OutputLine } from "../../observe/invocation-output.ts";
import { redactHeaders, redactTarget } from "../../observe/redaction.ts";
import type { Diagnosis, FailedOutcome } from "../../pool/invocation.ts";
import type { Hint } from "../insight/facts.ts";
import { framesOf, type StackFrame } from "../stack-frames.ts";
import { dashboardLink, editorButton, pageOf, scrollable, section } from "./page-frame.ts";
import type { PageSite } from "./page-site.ts";
import { PageText, secretsOf } from "./page-text.ts";
import { sourceBlock } from "./source-lines.ts";

/** After a timeout there is no error. These diagnoses then say where the invocation was. */
const whereItWas = ["ended", "waiting", "computing"] as const;

type FramePlace = Pick<StackFrame, "file" | "line" | "column">;

export interface FailureFacts {
  readonly hints: readonly Hint[];
  readonly diagnoses: readonly Diagnosis[];
  /** Output of the invocation. */
  readonly output: readonly OutputLine[];
}

export function failurePage(exchange: Exchange, outcome: FailedOutcome, facts: FailureFacts, site: PageSite): Content {
  return new FailurePage(exchange, outcome, facts, site).content();
}

class FailurePage {
  readonly #exchange: Exchange;
  readonly #outcome: FailedOutcome;
  readonly #facts: FailureFacts;
  readonly #site: PageSite;
  readonly #text: PageText;

  constructor(exchange: Exchange, outcome: FailedOutcome, facts: FailureFacts, site: PageSite) {
    this.#exchange = exchange;
    this.#outcome = outcome;
    this.#facts = facts;
    this.#site = site;
    this.#text = new PageText(secretsOf(site.service.variables, exchange));
  }

  content(): Content {
    const { code, error, detail } = this.#outcome;
    const { hints, diagnoses, output } = this.#facts;
    const { folder } = this.#site.service;
    const { message, next, status } = entryOf(code);
    const whole = error === undefined ? message : `${error.name}: ${error.message}`;
    const [title = "", ...more] = whole.split("\n");
    const stacks = whereItWas.map((state) => diagnoses.find((each) => each.state === state)?.stacks[0]);
    const stack = error?.stack ?? stacks.find((each) => each !== undefined);
    const frames = stack === undefined ? [] : framesOf(stack, folder);
    const ownFrames = frames.filter(({ isInProject }) => isInProject);
    const first = hints.find((hint) => hint.place !== undefined)?.place ?? ownFrames[0];
    const source = first === undefined ? "" : sourceBlock(first, this.#text);
    const main = [
      `<p class="what"><span class="status bad">${status}</span> ${this.#html(this.#exchange.request.method ?? "")} ${this.#html(this.#exchange.path)} · ${error === undefined ? "" : `${this.#html(message)} · `}<code>${code}</code></p>`,
      `<h1>${this.#html(title)}</h1>`,
      this.#rest(more, source !== ""),
      this.#actions(first),
      ...hints.map((hint) => this.#hint(hint)),
      first === undefined ? "" : `<p class="at">${this.#placeOf(first)}</p>`,
      source,
      detail === undefined ? "" : scrollable("Details", this.#html(detail)),
      `<p class="next">${this.#text.prose(nextOnPage(next))}</p>`,
      this.#stackTrace(ownFrames, frames),
      section("Output", output.length === 0 ? '<p class="quiet">No output.</p>' : this.#output()),
      section("Request", this.#request()),
    ];
    return pageOf({ title: this.#text.masked(title), main, ...this.#site.frameFor(this.#exchange) });
  }

  /**
   * The other lines of the message, such as the files that required a missing package. Source that the message repeats
   * is left out if the page shows the source itself.
   */
  #rest(lines: readonly string[], hasSource: boolean): string {
    const kept = hasSource ? lines.filter((line) => !/^\s*(?:\d+\s*)?[|:│]/.test(line)) : lines;
    const text = kept.join("\n").replace(/^\n+|\s+$/g, "");
    return text === "" ? "" : scrollable("Message", this.#html(text.replaceAll(`${this.#site.service.folder}/`, "")));
  }

  #actions(first: FramePlace | undefined): string {
    const { tools } = this.#site;
    const url = tools?.dashboardUrl();
    const file = this.#ownFile(first?.file);
    const actions = [
      ...(tools === undefined || file === undefined || first === undefined
        ? []
        : [editorButton(file, first.line, "Open in your editor", "button primary")]),
      ...(url === undefined
        ? []
        : [dashboardLink(url, `#/requests/${this.#exchange.requestId}`, "Request in the dashboard")]),
      `<span class="what">${this.#site.reloadSentence(this.#exchange)}</span>`,
    ];
    return `<div class="actions">${actions.join("")}</div>`;
  }

  #hint({ text, place }: Hint): string {
    return `<p class="hint">${this.#text.prose(text)}${place === undefined ? "" : ` ${this.#placeOf(place)}`}</p>`;
  }

  /** Opens the file in the editor, if it is in the project. */
  #placeOf({ file = "", line, column }: FramePlace): string {
    const own = this.#ownFile(file);
    const shown = `${this.#html(own ?? file)}:${line}:${column}`;
    if (own === undefined || this.#site.tools === undefined) return `<span class="place">${shown}</span>`;
    return editorButton(own, line, shown);
  }

  #stackTrace(ownFrames: readonly StackFrame[], all: readonly StackFrame[]): string {
    if (all.length === 0) return "";
    const list = (frames: readonly StackFrame[]): string =>
      `<ol class="frames">${frames.map((frame) => `<li>${this.#frame(frame)}</li>`).join("")}</ol>`;
    const others = all.filter(({ isInProject }) => !isInProject);
    const folded = `<details><summary>${others.length} more, outside the project</summary>${list(others)}</details>`;
    return section("Stack trace", (ownFrames.length > 0 ? list(ownFrames) : "") + (others.length > 0 ? folded : ""));
  }

  #frame({ text, file, line, isInProject }: StackFrame): string {
    const { folder } = this.#site.service;
    const shown = this.#html(text.replaceAll(`${folder}/`, ""));
    const own = isInProject ? this.#ownFile(file) : undefined;
    return own === undefined || this.#site.tools === undefined ? shown : editorButton(own, line, shown);
  }

  #output(): string {
    const lines = this.#facts.output.map(
      ({ level, text }) => `<span class="${level}">${level.padEnd(5)} ${this.#html(text.trimEnd())}</span>`,
    );
    return scrollable("Output", lines.join("\n"));
  }

  #request(): string {
    const { request, target, requestId } = this.#exchange;
    const line = `${request.method ?? ""} ${redactTarget(target)}`;
    const headers = scrollable("Headers of the request", this.#html(redactHeaders(request.rawHeaders).join("\n")));
    return `<p><code>${this.#html(line)}</code></p><details><summary>Headers</summary>${headers}</details><p class="quiet"><code>${this.#html(requestId)}</code></p>`;
  }

  /** Relative to the project's folder. Undefined for other files. */
  #ownFile(file = ""): string | undefined {
    const { folder } = this.#site.service;
    return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : undefined;
  }

  #html(text: string): string {
    return this.#text.html(text);
  }
}

/** The ledger's next steps speak of the log. The page shows the same. */
export function nextOnPage(next: string): string {
  return next
    .replace("the stack trace in the log", "the stack trace")
    .replace("the error that the log shows", "the error above")
    .replace(" The log names the header.", "");
}
