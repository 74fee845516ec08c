/**
 * The frame that all pages for the author share: head, style, script, and the name at the top. A page loads nothing, and
 * only its own script can run.
 */
import { randomBytes } from "node:crypto";
import type { Content } from "../../gateway/development-hooks.ts";
import { pageScript } from "./page-script.ts";
import { pageStyle } from "./page-style.ts";
import { escapeHtml } from "./page-text.ts";

export interface PageContent {
  /** Plain text. */
  readonly title: string;
  /** HTML. */
  readonly main: readonly string[];
  /** The name of the project's folder. Plain text. */
  readonly project: string;
  /** The version of the project that the page belongs to. */
  readonly version: string;
  /** Whether the page loads itself again when there is a new version. A form must not be sent twice. */
  readonly isRepeatable: boolean;
  /** An HTML sentence for pages that do not load themselves again: how to repeat the request. */
  readonly repeat?: string;
}

export function pageOf({ title, main, project, version, isRepeatable, repeat = "" }: PageContent): Content {
  const nonce = randomBytes(16).toString("base64");
  const icon = `data:image/svg+xml,${encodeURIComponent(logo)}`;
  const text = `<!doctype html>
<html lang="en" data-version="${version}" data-repeatable="${isRepeatable}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/svg+xml" href="${icon}">
<style nonce="${nonce}">${pageStyle}</style>
</head>
<body>
<header><img src="${icon}" alt="" width="20" height="20"><b>Offhook</b><span>${escapeHtml(project)}</span></header>
<main>
<p id="changed" class="notice" role="status"><span hidden>The project has changed. ${repeat}</span></p>
${main.join("\n")}
</main>
<p id="note" role="status"></p>
<script nonce="${nonce}">${pageScript}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    "img-src data:",
    "connect-src 'self'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  const headers = ["content-security-policy", policy, "cache-control", "no-store", "referrer-policy", "no-referrer"];
  return { type: "text/html; charset=utf-8", text, headers };
}

/** The same as the dashboard's. */
const logo =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1d56c9"/><g transform="rotate(-24 16 14)" fill="#fff"><path d="M5 16.5c0-10.5 22-10.5 22 0v1.2c0 1.2-.9 2-2 2h-3.4c-1.1 0-2-.8-2-2v-2.2c-2.1-.8-5.1-.8-7.2 0v2.2c0 1.2-.9 2-2 2H7c-1.1 0-2-.8-2-2z"/></g><path d="M10 26h12" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>';

/** A block of text that scrolls sideways, also by keyboard. @param content HTML. */
export function scrollable(label: string, content: string): string {
  return `<pre tabindex="0" role="region" aria-label="${escapeHtml(label)}">${content}</pre>`;
}

export function section(title: string, content: string): string {
  return `<section><h2>${title}</h2>${content}</section>`;
}

/** A link to a view of the dashboard. The page's script opens it in the author's browser. @param hash such as `#/phone` */
export function dashboardLink(url: string, hash: string, text: string, style: "" | "primary" | "small" = ""): string {
  const open = escapeHtml(new URLSearchParams({ hash }).toString());
  const place = escapeHtml(`${url}/${hash}`);
  return `<a class="button ${style}" href="${place}" data-open="${open}" data-done="Opened in a new tab.">${text}</a>`;
}

/** @param file relative to the project's folder. @param text HTML. */
export function editorButton(file: string, line: number, text: string, style = "link place"): string {
  const open = escapeHtml(new URLSearchParams({ file, line: String(line) }).toString());
  return `<button class="${style}" data-open="${open}" data-done="Opened in your editor." title="Open in your editor">${text}</button>`;
}

/** @param text plain text to copy. */
export function copyButton(text: string, label: string, shown = "Copy"): string {
  return `<button class="button small" data-copy="${escapeHtml(text)}" aria-label="${escapeHtml(label)}">${shown}</button>`;
}

/** The view of the dashboard that sends webhooks to this path. */
export function simulatorHash(path: string): string {
  return `#/simulator?to=${encodeURIComponent(path.toWellFormed()).replaceAll("%2F", "/")}`;
}
