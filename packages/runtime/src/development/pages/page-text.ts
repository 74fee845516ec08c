/**
 * Text of strangers and of the author's code, as it goes into a page: without secrets, and without markup.
 */
import { isSecretHeader, isSecretName, isSecretVariable, mask, minNamedSecretLength } from "../../observe/redaction.ts";
import type { Exchange } from "../../gateway/exchange.ts";

export class PageText {
  /** The longest first, because one secret may be part of another. */
  readonly #secrets: readonly string[];

  /** @param secrets values that must not be shown. */
  constructor(secrets: Iterable<string>) {
    const spellings = [...secrets].flatMap((value) => [value, JSON.stringify(value).slice(1, -1), encoded(value)]);
    const long = new Set(spellings.filter(({ length }) => length >= minNamedSecretLength));
    this.#secrets = [...long].toSorted((one, other) => other.length - one.length);
  }

  /** @returns HTML that shows the text as it is, with secrets masked. */
  html(text: string): string {
    return escapeHtml(this.masked(text));
  }

  /** The same for sentences that have code between backticks. */
  prose(text: string): string {
    return this.html(text).replace(/`([^`]+)`/g, "<code>$1</code>");
  }

  masked(text: string): string {
    let shown = text;
    for (const secret of this.#secrets) shown = shown.replaceAll(secret, mask);
    return shown;
  }
}

/** The values of secret variables, and those that the caller sent under a secret name. */
export function secretsOf(variables: Readonly<Record<string, string>>, exchange: Exchange): string[] {
  const named = Object.entries(variables).filter(([name, value]) => isSecretVariable(name, value));
  const { rawHeaders } = exchange.request;
  const sent: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = rawHeaders.slice(index, index + 2);
    if (name.toLowerCase() === "cookie")
      sent.push(...value.split(";").map((pair) => pair.slice(pair.indexOf("=") + 1)));
    // The secret follows a word such as `Bearer`.
    else if (isSecretHeader(name)) sent.push(value, value.slice(value.lastIndexOf(" ") + 1));
  }
  const parameters = [exchange.query, formOf(exchange)].flatMap((text) => [...new URLSearchParams(text)]);
  const secret = parameters.filter(([name]) => isSecretName(name));
  return [...named, ...secret].map(([, value]) => value).concat(sent);
}

/** The body if it is a form, else an empty text. */
function formOf({ body, request }: Exchange): string {
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  return isForm ? Buffer.from(body).toString("latin1") : "";
}

function encoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
