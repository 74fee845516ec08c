/**
 * Resolves addresses in TwiML. They are relative to the document's own URL. Only addresses of the project are ever
 * requested.
 */

/** The URLs of a project. */
export interface Site {
  readonly url: string;
  readonly publicUrl?: string;
}

export type WebAddress =
  /** Path and query in the project, and the full URL that Twilio would use. */
  | { readonly kind: "own"; readonly target: string; readonly url: string }
  | { readonly kind: "foreign"; readonly url: string }
  | { readonly kind: "invalid"; readonly text: string };

/** @param document the URL of the TwiML that contains the reference. */
export function resolveAddress(reference: string, document: string, site: Site): WebAddress {
  const text = reference.trim();
  if (!URL.canParse(text, document)) return { kind: "invalid", text };
  const url = new URL(text, document);
  if (url.protocol !== "http:" && url.protocol !== "https:") return { kind: "invalid", text };
  url.hash = "";
  // The scheme is ignored: DOMAIN_NAME has none, and functions always put https in front of it.
  const isOwn = [site.url, site.publicUrl].some((each) => each !== undefined && hostOf(each) === url.host);
  if (!isOwn) return { kind: "foreign", url: url.href };
  return { kind: "own", target: url.pathname + url.search, url: url.href };
}

export function documentUrl(target: string, site: Site): string {
  const base = site.publicUrl ?? site.url;
  return URL.canParse(target, base) ? new URL(target, base).href : base;
}

/** The address without the project's host, if it belongs to the project: then it means the same on every host. */
export function withoutHost(url: string, site: Site): string {
  const address = resolveAddress(url, documentUrl("/", site), site);
  return address.kind === "own" ? address.target : url;
}

/** An address that is safe as a link: a web page, and not a script. */
export function linkable(text: string): string | undefined {
  const trimmed = text.trim();
  return /^https?:\/\//i.test(trimmed) && URL.canParse(trimmed) ? new URL(trimmed).href : undefined;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
