/**
 * The cookies that Twilio keeps for a conversation or a call. It treats them as a browser does
 * (twilio.com/docs/voice/twiml), so a path counts. Cookies of messages belong to a pair of numbers and live for up to
 * four hours (support.twilio.com, "How do Twilio cookies work?").
 */

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Absent if the cookie lives as long as the jar. */
  readonly expiresAt?: number;
}

export type CookieJar = readonly Cookie[];

export const messageCookiesMs = 4 * 60 * 60 * 1000;

/** A function that keeps setting new cookies must not fill the page, so the oldest are dropped. */
const maxCookies = 50;

interface Receipt {
  /** Path and query of the request. */
  readonly target: string;
  readonly at: number;
  readonly maxLifetimeMs?: number;
}

/** @param lines one `name=value; Attribute; …` per cookie. */
export function withCookies(jar: CookieJar, lines: readonly string[], receipt: Receipt): CookieJar {
  let next = jar;
  for (const line of lines) {
    const cookie = readCookie(line, receipt);
    if (cookie === undefined) continue;
    const others = next.filter(({ name, path }) => name !== cookie.name || path !== cookie.path);
    const isGone = cookie.expiresAt !== undefined && cookie.expiresAt <= receipt.at;
    next = isGone ? others : [...others, cookie].slice(-maxCookies);
  }
  return next;
}

/** Undefined if there are no cookies to send. */
export function cookieHeader(jar: CookieJar, target: string, at: number): string | undefined {
  const sent = liveCookies(jar, at).filter(({ path }) => isWithin(pathOf(target), path));
  if (sent.length === 0) return undefined;
  return sent.map(({ name, value }) => `${name}=${value}`).join("; ");
}

export function liveCookies(jar: CookieJar, at: number): CookieJar {
  return jar.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > at);
}

function readCookie(line: string, { target, at, maxLifetimeMs }: Receipt): Cookie | undefined {
  const [pair = "", ...parts] = line.split(";");
  const equals = pair.indexOf("=");
  if (equals < 1) return undefined;
  const attributes = new Map(
    parts.map((part): [string, string] => {
      const [name = "", ...value] = part.split("=");
      return [name.trim().toLowerCase(), value.join("=").trim()];
    }),
  );
  const asked = attributes.get("path") ?? "";
  const path = asked.startsWith("/") ? asked : folderOf(pathOf(target));
  const ends = [endOf(attributes, at), maxLifetimeMs === undefined ? undefined : at + maxLifetimeMs];
  const soonest = Math.min(...ends.filter((each) => each !== undefined));
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    path,
    ...(Number.isFinite(soonest) && { expiresAt: soonest }),
  };
}

/** Max-Age takes precedence over Expires. */
function endOf(attributes: ReadonlyMap<string, string>, at: number): number | undefined {
  const age = attributes.get("max-age");
  if (age !== undefined && /^-?\d+$/.test(age)) return at + Number(age) * 1000;
  const date = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(date) ? undefined : date;
}

function pathOf(target: string): string {
  return target.replace(/[?#].*$/s, "");
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}
