/**
 * Finds the public URL in the output of a tunnel. The terms of service, the manual, the dashboard and the server's own
 * address are URLs too.
 */
import { stripVTControlCharacters } from "node:util";

/** Tunnel services assign host names below these domains. */
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

/** Hosts of the service's own pages, such as its dashboard. They do not lead to the server. */
const isNotIt =
  /^(?:www|api|docs?|admin|dashboard|login|console|status|help|support|developers?|update|region)\.|-inspect\./;

/** Words before the public URL. They also announce a custom domain. */
const announced =
  /(?:\burl(?: is)?|\bforwarding(?: \w+)*(?: from)?|\bvia browser|\btunnel(?:ed|ing)?(?: \w+)* (?:at|on|to)|\bavailable at|\blive at|\bpublic)["']?\s*[:=,]?\s*["'(]?$/i;

export interface PublicAddress {
  readonly origin: string;
  /** False for a URL without such words, alone on its line. */
  readonly isCertain: boolean;
}

interface Candidate {
  readonly origin: string;
  readonly rank: number;
}

export function publicAddressIn(line: string): PublicAddress | undefined {
  const text = stripVTControlCharacters(line);
  let best: Candidate | undefined;
  // Only at the start of a word. In the middle of another URL, the host could be anyone's.
  for (const match of text.matchAll(/(?<![\w/.?&%-])https:\/\/[^\s"'<>|,)\]}]+/gi)) {
    const found = candidateOf(match[0], text.slice(0, match.index), text);
    if (found !== undefined && found.rank > (best?.rank ?? 0)) best = found;
  }
  return best && { origin: best.origin, isCertain: best.rank > 1 };
}

function candidateOf(address: string, before: string, line: string): Candidate | undefined {
  const url = URL.parse(address.replace(/[.,;:!]+$/, ""));
  // Part of a path or query of a logged request: the caller chose it.
  if (/[/?&][^\s"']*$/.test(before)) return undefined;
  // A URL with a path or a query is a page to read, not the address of a server.
  if (url === null || url.pathname !== "/" || url.search !== "" || url.username !== "") return undefined;
  const { hostname: host, origin, port } = url;
  if (isNotIt.test(host) || !/^[a-z0-9.-]+\.[a-z][a-z0-9-]+$/.test(host)) return undefined;
  if (tunnelDomains.some((domain) => host.endsWith(`.${domain}`))) return { origin, rank: port === "" ? 4 : 3 };
  if (announced.test(before)) return { origin, rank: 2 };
  // Alone on its line, possibly in a frame.
  const isAlone =
    line
      .replace(address, "")
      .replace(/^.*?\b(?:INF|INFO|info)\b/, "")
      .replace(/[\s|+*>:•│-]/g, "") === "";
  return isAlone ? { origin, rank: 1 } : undefined;
}
