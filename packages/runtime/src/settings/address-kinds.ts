/**
 * Kinds of settings: hosts, addresses, URLs, paths of URLs, programs and users.
 */
import { isIP, isIPv4 } from "node:net";
import { isAbsolute } from "node:path";

import { invalid, isSinglePath } from "./setting-kinds.ts";
import type { Kind } from "./setting-kinds.ts";

const hostLabel = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** An address or a name to listen on. `parse` removes brackets around an IPv6 address. */
export function host(): Kind<string> {
  return {
    allowed: "an IP address or a host name, without scheme or port",
    placeholder: "host",
    schema: { type: "string", minLength: 1 },
    parse(value) {
      if (typeof value !== "string") return invalid;
      const bare = value.trim().replace(/^\[(.*)\]$/, "$1");
      if (isIP(bare) !== 0) return bare;
      // "10.0.0" and "1.2.3.4.5" are mistyped addresses, which a resolver would turn into unexpected ones.
      const isName = bare.length <= 253 && !/^[\d.]+$/.test(bare);
      return isName && bare.split(".").every((label) => hostLabel.test(label)) ? bare : invalid;
    },
  };
}

/**
 * An http or https origin, normalised: lower case, without the scheme's default port.
 * A path is rejected, not dropped: an operator who writes one expects it to be a prefix of every function's path.
 */
export function origin(): Kind<string> {
  return {
    allowed: "an http or https URL without a path, such as https://example.org",
    placeholder: "url",
    schema: { type: "string", pattern: "^https?://[^/?#@]+/?$" },
    parse(value) {
      if (typeof value !== "string" || !URL.canParse(value.trim())) return invalid;
      const url = new URL(value.trim());
      const isWeb = url.protocol === "http:" || url.protocol === "https:";
      const isBare = /^https?:\/\/[^/?#@]+\/?$/i.test(value.trim());
      return isWeb && isBare ? url.origin : invalid;
    },
  };
}

function isNetwork(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  if (isIP(address) === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

/**
 * A list of addresses and networks, as an array or separated by commas. `parse` replaces the word `loopback` by its
 * networks, so that code that reads the list meets one form only.
 */
export function networks(): Kind<readonly string[]> {
  return {
    allowed: "IP addresses and networks such as 10.0.0.0/8, separated by commas, or loopback",
    placeholder: "networks",
    schema: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
    parse(value) {
      const items: unknown[] = typeof value === "string" ? value.split(",") : [value].flat();
      const found: string[] = [];
      for (const item of items) {
        const text = typeof item === "string" ? item.trim() : "";
        if (text === "loopback") found.push("127.0.0.0/8", "::1/128");
        else if (isNetwork(text)) found.push(text);
        else return invalid;
      }
      return Object.freeze(found);
    },
  };
}

/** A path that Offhook answers itself, or `false` to switch it off. */
export function ownPath(): Kind<string | false> {
  return {
    allowed: "a path that begins with /, or off",
    placeholder: "path",
    schema: { anyOf: [{ type: "string", pattern: "^(/[^\\s?#]+|off)$" }, { const: false }] },
    parse(value) {
      if (value === "off" || value === false) return false;
      return typeof value === "string" && /^\/[^\s?#]+$/.test(value) ? value : invalid;
    },
  };
}

/**
 * A program: an absolute path, or a bare name that is looked up on PATH. A relative path is rejected,
 * because isolates and the command may have different current folders.
 */
export function program(): Kind<string> {
  return {
    allowed: "an absolute path, or the name of a program on PATH",
    placeholder: "path",
    schema: { type: "string", minLength: 1 },
    parse(value) {
      if (typeof value !== "string" || !isSinglePath(value)) return invalid;
      return isAbsolute(value) || !/[/\\]/.test(value) ? value : invalid;
    },
  };
}

/** A user of this machine, by name or number, or the word `auto` or `same`. */
export function user(): Kind<string> {
  return {
    allowed: "auto, same, or the name or number of a user",
    placeholder: "user",
    schema: {
      anyOf: [
        { type: "string", minLength: 1 },
        { type: "integer", minimum: 0 },
      ],
    },
    parse(value) {
      const text = typeof value === "number" ? String(value) : value;
      return typeof text === "string" && /^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/.test(text) ? text : invalid;
    },
  };
}
