/**
 * Where an address in TwiML leads: relative ones are relative to the document's own URL. What is not the project's is never asked.
 */

/** The parts of a project that say where it is. */
export interface Site {
  readonly url: string;
  readonly publicUrl?: string;
}

export type WebAddress =
  /** A path and query of the project, and the whole URL as Twilio would have it. */
  | { readonly kind: "own"; readonly target: string; readonly url: string }
  | { readonly kind: "foreign"; readonly url: string }
  | { readonly kind: "invalid"; readonly text: string };

/** @param document the URL of the TwiML that the reference stands in. */
export function resolveAddress(reference: string, document: string, site: Site): WebAddress {
  const text = reference.trim();
  if (!URL.canParse(text, document)) return { kind: "invalid", text };
  const url = new URL(text, document);
  if (url.protocol !== "http:" && url.protocol !== "https:") return { kind: "invalid", text };
  url.hash = "";
  // DOMAIN_NAME has no scheme, and functions put https in front of it wherever they run.
  const isOwn = [site.url, site.publicUrl].some((each) => each !== undefined && hostOf(each) === url.host);
  if (!isOwn) return { kind: "foreign", url: url.href };
  return { kind: "own", target: url.pathname + url.search, url: url.href };
}

export function documentUrl(target: string, site: Site): string {
  const base = site.publicUrl ?? site.url;
  return URL.canParse(target, base) ? new URL(target, base).href : base;
}

/** Something that may stand in a link: a page of the web, and nothing that runs. */
export function linkable(text: string): string | undefined {
  const trimmed = text.trim();
  return /^https?:\/\//i.test(trimmed) && URL.canParse(trimmed) ? new URL(trimmed).href : undefined;
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
