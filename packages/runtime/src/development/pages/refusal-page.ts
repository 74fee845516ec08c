/**
 * The pages that an author sees in the browser when the gateway refuses a request: the list of resources for `/`, the
 * nearest path for others, how to sign, or the ledger's next step.
 */
import { entryOf } from "../../errors.ts";
import type { Content, Refusal } from "../../gateway/development-hooks.ts";
import type { Exchange } from "../../gateway/exchange.ts";
import type { SignatureDiagnosis } from "../../observe/channels.ts";
import { nearestPath, privateFunction } from "../nearest-path.ts";
import { copyButton, dashboardLink, editorButton, pageOf, simulatorHash } from "./page-frame.ts";
import type { PageSite } from "./page-site.ts";
import { PageText, secretsOf } from "./page-text.ts";
import { pathLink, resourceList } from "./resource-list.ts";

/** A page without its frame. */
interface Body {
  /** Plain text. */
  readonly title: string;
  /** HTML. */
  readonly main: readonly string[];
}

/** Codes of a request that is not signed as a protected resource requires. */
const signatureCodes: ReadonlySet<string> = new Set([
  "signature-invalid",
  "auth-token-missing",
  "shared-key-missing",
  "signature-algorithm-unsupported",
]);

export function refusalPage(exchange: Exchange, refusal: Refusal, site: PageSite): Content {
  const text = new PageText(secretsOf(site.service.variables, exchange));
  const { title, main } = bodyOf(exchange, refusal, site, text);
  return pageOf({ title, main, ...site.frameFor(exchange) });
}

function bodyOf(exchange: Exchange, refusal: Refusal, site: PageSite, text: PageText): Body {
  if (refusal.code === "not-found") {
    return exchange.path === "/" ? index(exchange, refusal, site, text) : notFound(exchange, refusal, site, text);
  }
  if (signatureCodes.has(refusal.code)) return unsigned(exchange, refusal, site, text);
  return other(exchange, refusal, site, text);
}

function index(exchange: Exchange, { hints }: Refusal, site: PageSite, text: PageText): Body {
  const { service, publicUrl } = site;
  const isEmpty = service.functions.length + service.assets.length === 0;
  const lead = isEmpty
    ? "This project has no functions and no assets yet."
    : "Nothing has the path <code>/</code> here. These are the functions and assets of this project. Functions answer GET and POST.";
  const title = text.masked(site.frameFor(exchange).project);
  const main = [
    `<h1>${text.html(title)}</h1>`,
    `<p class="lead">${lead}</p>`,
    ...hints.map(({ text: hint }) => `<p class="hint">${text.prose(hint)}</p>`),
    actions(exchange, site, []),
    isEmpty ? firstFunction : resourceList(site, text),
    isEmpty ? "" : address(publicUrl),
    `<p class="quiet">Only a browser on this machine sees this page. Twilio and other callers get ${entryOf("not-found").status} with a line of text, as on hosted Functions.</p>`,
  ];
  return { title: `${title} · Offhook`, main };
}

const firstFunction = `<section><h2>Add the first function</h2>
<p>Run <code>npx offhook new</code> in the project’s folder to choose from templates, or create <code>functions/hello.js</code>:</p>
<pre tabindex="0" role="region" aria-label="An example of a function">exports.handler = (context, event, callback) =&gt; {
  callback(null, "Hello!");
};</pre>
<p class="quiet">When you save it, this page lists it.</p></section>`;

function address(publicUrl: string | undefined): string {
  const text =
    publicUrl === undefined
      ? 'Twilio cannot reach this machine yet. Restart with <code>--tunnel</code>, for example <code>npx offhook dev --tunnel "cloudflared tunnel --url {url}"</code>. Then this page has the URLs to paste.'
      : "Paste the public URL of a function into the settings of your number, service or flow at Twilio.";
  return `<section><h2>Connect Twilio</h2><p>${text}</p></section>`;
}

function notFound(exchange: Exchange, refusal: Refusal, site: PageSite, text: PageText): Body {
  const { path } = exchange;
  const hidden = privateFunction(path, site.service);
  const meant = hidden === undefined ? nearestPath(path, site.service) : undefined;
  const why =
    hidden === undefined
      ? "No function or asset has this path. Paths are exact and case-sensitive."
      : `<code>${text.html(hidden.path)}</code> is a private function, so it has no URL. Other functions call it through <code>Runtime.getFunctions()</code>.`;
  const main = [
    what(exchange, refusal, text),
    `<h1>Nothing is at ${text.html(path)}</h1>`,
    meant === undefined ? "" : `<p class="lead">Did you mean ${pathLink(meant, exchange.query, text)}?</p>`,
    `<p class="next">${why}</p>`,
    ...refusal.hints.map(({ text: hint }) => `<p class="hint">${text.prose(hint)}</p>`),
    actions(exchange, site, []),
    resourceList(site, text),
  ];
  return { title: `Not found: ${text.masked(path)}`, main };
}

function unsigned(exchange: Exchange, refusal: Refusal, site: PageSite, text: PageText): Body {
  const { request, path, resource } = exchange;
  const { code, hints, signatureDiagnosis: diagnosis } = refusal;
  const kind = resource?.kind ?? "function";
  const isSigned = request.headers["x-twilio-signature"] !== undefined;
  const why =
    code !== "signature-invalid"
      ? text.prose(entryOf(code).next)
      : isSigned
        ? `The signature of this request is not valid. ${diagnosis === undefined ? text.prose(entryOf(code).next) : ""}`
        : "Only requests with a valid Twilio signature reach it. A browser does not sign, so opening it here cannot work.";
  const url = site.tools?.dashboardUrl();
  const signed = url === undefined ? [] : [dashboardLink(url, simulatorHash(path), "Send it signed", "primary")];
  const main = [
    what(exchange, refusal, text),
    `<h1>${text.html(path)} is a protected ${kind}</h1>`,
    `<p class="lead">${why}</p>`,
    ...hints.map(({ text: hint }) => `<p class="hint">${text.prose(hint)}</p>`),
    ...(diagnosis !== undefined && isSigned ? [signatureReport(diagnosis, text)] : []),
    actions(exchange, site, signed),
    unprotect(exchange, site, text),
  ];
  return { title: `Protected: ${text.masked(path)}`, main };
}

/** Why the signature is not valid, how to fix it, and what it was compared with. */
function signatureReport({ explanation, fix, candidates }: SignatureDiagnosis, text: PageText): string {
  const sentences = explanation.map((sentence) => `<p>${text.html(sentence)}</p>`).join("");
  const options =
    fix === undefined
      ? ""
      : `<p class="address">Restart with <code>${text.html(fix)}</code> ${copyButton(fix, "Copy the option")}</p>`;
  const rows = candidates.map(
    ({ url, reason, isValid }) =>
      `<li>${text.html(url)} <span class="tag${isValid ? "" : " private"}">${isValid ? "valid" : "not valid"}</span> ${text.html(reason)}</li>`,
  );
  const compared =
    rows.length === 0
      ? ""
      : `<details><summary>Compared with</summary><ul class="frames">${rows.join("")}</ul></details>`;
  return `<div class="hint">${sentences}${options}${compared}</div>`;
}

/** How to make the resource public. */
function unprotect({ resource }: Exchange, site: PageSite, text: PageText): string {
  const { folder } = site.service;
  if (resource === undefined || !resource.file.startsWith(`${folder}/`)) return "";
  const file = resource.file.slice(folder.length + 1);
  const plain = file.replace(/\.protected(?=\.[^./]+$)/, "");
  const shown = text.html(file);
  const named = site.tools === undefined ? `<code>${shown}</code>` : editorButton(file, 1, shown);
  if (plain === file) return `<p class="next">Its file is ${named}.</p>`;
  return `<p class="next">To let everyone call it, rename ${named} to <code>${text.html(plain)}</code>.</p>`;
}

function other(exchange: Exchange, refusal: Refusal, site: PageSite, text: PageText): Body {
  const { message, next } = entryOf(refusal.code);
  const main = [
    what(exchange, refusal, text),
    `<h1>${text.html(message)}</h1>`,
    `<p class="lead">${text.prose(next)}</p>`,
    ...refusal.hints.map(({ text: hint }) => `<p class="hint">${text.prose(hint)}</p>`),
    actions(exchange, site, []),
  ];
  return { title: message, main };
}

function what({ request, path }: Exchange, { status, code }: Refusal, text: PageText): string {
  const { message } = entryOf(code);
  return `<p class="what"><span class="status">${status}</span> ${text.html(request.method ?? "")} ${text.html(path)} · ${text.html(message)} · <code>${code}</code></p>`;
}

function actions(exchange: Exchange, site: PageSite, before: readonly string[]): string {
  const url = site.tools?.dashboardUrl();
  const link =
    url === undefined ? [] : [dashboardLink(url, `#/requests/${exchange.requestId}`, "Request in the dashboard")];
  const sentence = `<span class="what">${site.reloadSentence(exchange)}</span>`;
  return `<div class="actions">${[...before, ...link, sentence].join("")}</div>`;
}
