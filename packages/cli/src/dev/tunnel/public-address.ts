/**
 * The public URL among all that a tunnel prints: its terms of service, its manual, its dashboard and the server's own
 * address are URLs too.
 */
import { stripVTControlCharacters } from "node:util";

/** Names that tunnels give out are below these. */
const tunnelDomains = [
  "trycloudflare.com",
  "ngrok-free.app",
  "ngrok-free.dev",
  "ngrok.app",
  "ngrok.dev",
  "ngrok.io",
  "loca.lt",
  "localtunnel.me",
  "lhr.life",
  "lhr.rocks",
  "serveo.net",
  "serveousercontent.com",
  "ts.net",
  "devtunnels.ms",
  "pinggy.link",
  "pinggy.online",
  "zrok.io",
  "tunnelmole.net",
  "tunnelto.dev",
];

/** Of their makers, or for looking on: no way to the server. */
const isNotIt =
  /^(?:www|api|docs?|admin|dashboard|login|console|status|help|support|developers?|update|region)\.|-inspect\./;

/** What stands before the URL where it is the one, also of a domain of one's own. */
const announced =
  /(?:\burl(?: is)?|\bforwarding(?: \w+)*(?: from)?|\bvia browser|\btunnel(?:ed|ing)?(?: \w+)* (?:at|on|to)|\bavailable at|\blive at|\bpublic)["']?\s*[:=,]?\s*["'(]?$/i;

export interface PublicAddress {
  readonly origin: string;
  /** Not only a URL on a line of its own. */
  readonly isCertain: boolean;
}

interface Candidate {
  readonly origin: string;
  readonly rank: number;
}

export function publicAddressIn(line: string): PublicAddress | undefined {
  const text = stripVTControlCharacters(line);
  let best: Candidate | undefined;
  // Where a word begins: in the middle of another URL it would be anybody's.
  for (const match of text.matchAll(/(?<![\w/.?&%-])https:\/\/[^\s"'<>|,)\]}]+/gi)) {
    const found = candidateOf(match[0], text.slice(0, match.index), text);
    if (found !== undefined && found.rank > (best?.rank ?? 0)) best = found;
  }
  return best && { origin: best.origin, isCertain: best.rank > 1 };
}

function candidateOf(address: string, before: string, line: string): Candidate | undefined {
  const url = URL.parse(address.replace(/[.,;:!]+$/, ""));
  // In a path that somebody called, it would be his.
  if (/[/?&][^\s"']*$/.test(before)) return undefined;
  // A path, a query: it is read, and not called.
  if (url === null || url.pathname !== "/" || url.search !== "" || url.username !== "") return undefined;
  const { hostname: host, origin, port } = url;
  if (isNotIt.test(host) || !/^[a-z0-9.-]+\.[a-z][a-z0-9-]+$/.test(host)) return undefined;
  if (tunnelDomains.some((domain) => host.endsWith(`.${domain}`))) return { origin, rank: port === "" ? 4 : 3 };
  if (announced.test(before)) return { origin, rank: 2 };
  // Alone on its line, perhaps in a frame.
  const isAlone =
    line
      .replace(address, "")
      .replace(/^.*?\b(?:INF|INFO|info)\b/, "")
      .replace(/[\s|+*>:•│-]/g, "") === "";
  return isAlone ? { origin, rank: 1 } : undefined;
}
