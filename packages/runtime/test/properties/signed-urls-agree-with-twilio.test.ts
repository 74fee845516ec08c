/**
 * Spellings of URLs, forms and hashes (contract rows 128 to 135). We accept the same ones as the validator of the
 * `twilio` package. Each case is a request, with a signature for one of its spellings or for something similar.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parse, stringify } from "node:querystring";
import { test } from "node:test";
import * as fc from "fast-check";
import twilio from "twilio";
import type { Base } from "../../src/gateway/origin.ts";
import { isSignature, isSignatureValid, type SigningAlgorithm } from "../../src/gateway/signature.ts";
import { holds } from "./property.ts";

const token = "0123456789abcdef0123456789abcdef";
const form = "application/x-www-form-urlencoded";
const json = "application/json";

const hosts = [
  [
    "example.org",
    "EXAMPLE.org",
    "example.org.",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a_b.example",
    "xn--e1afmkfd.example",
  ],
  ["127.0.0.1", "127.0.0.1.", "127.1", "0x7f.0.0.1", "2130706433", "1.2.3.4.5", "999.1.1.1", "a%62c", "-.-"],
  ["[::1]", "[::0001]", "[::FFFF:127.0.0.1]", "[2001:DB8::A]", "[fe80::1%25eth0]"],
].flat();

const base = fc.record<Base>({
  scheme: fc.constantFrom("http", "https"),
  host: fc.constantFrom(...hosts),
  port: fc.constantFrom("", "", "80", "443", "3000", "0080", "65536", "99999"),
  prefix: fc.constantFrom("", "", "/base", "/a'b"),
});

/** Characters that only some URL writers escape, and sequences that look like something else. */
const pieces = [
  [
    "a",
    "b",
    "1",
    "=",
    "=",
    "&",
    "&",
    "+",
    "?",
    "#",
    ";",
    ":",
    "/",
    "@",
    ",",
    ".",
    "..",
    "~",
    "!",
    "*",
    "(",
    ")",
    "$",
    "%",
  ],
  ["'", '"', "<", ">", "|", "^", "`", "{", "}", "[", "]", "\\", "\u00e9", "\u00c3\u00a9", "\u00ff", "\u0080"],
  [
    "%20",
    "%27",
    "%22",
    "%3c",
    "%3C",
    "%e9",
    "%C3%A9",
    "%c3%a9",
    "%2B",
    "%26",
    "%3D",
    "%00",
    "%7E",
    "%zz",
    "%F0%9F%98%80",
  ],
  [
    "a=1",
    "a=2",
    "b=",
    "=c",
    "a[0]=x",
    "__proto__=1",
    "toString=2",
    "body",
    "SHA256",
    "bodySHA256=",
    "body%53HA256=",
    "BODYSHA256=1",
  ],
].flat();
const query = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map((parts) => parts.join(""));
const path = fc.oneof(
  fc.constantFrom(
    "/p",
    "/sms/reply",
    "/",
    "/a%20b",
    "/a'b",
    "/a|b",
    '/a"b',
    "/%7Ep",
    "/\u00e9",
    "/a/../p",
    "/a\\b",
    "//p",
  ),
  fc.stringMatching(/^\/[A-Za-z0-9._~'"<>|^`{}-]{0,6}$/),
);

type Body = Readonly<{ type: string; text: string }>;
const pair = fc.tuple(
  fc.constantFrom("a", "b", "A", "a", "", "a b", "\u00e9", "__proto__", "a[]", "1", "\u{1f600}"),
  fc.constantFrom("", "1", "2", "1", "x y", "'", "\u00e9", "+", "%", "\ufb00", "\u{1f600}"),
);
const body: fc.Arbitrary<Body> = fc.oneof(
  fc.constant({ type: "", text: "" }),
  fc.constant({ type: form, text: "" }),
  fc.array(pair, { maxLength: 5 }).map((pairs) => ({ type: form, text: new URLSearchParams(pairs).toString() })),
  fc
    .constantFrom("=&=", "&&", "a", "a&a", "a=1&a=1", "b=1&a=2&b=0", "a=%zz", "a=%ff", "{}")
    .map((text) => ({ type: form, text })),
  fc.constantFrom("{}", '{"a":1}', "[]", "not json").map((text) => ({ type: json, text })),
);

interface Case {
  readonly base: Base;
  readonly target: string;
  readonly body: Body;
  readonly algorithm: SigningAlgorithm;
}

function urlOf({ base: { scheme, host, port, prefix }, target }: Pick<Case, "base" | "target">): string {
  return `${scheme}://${host}${port === "" ? "" : `:${port}`}${prefix}${target}`;
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Puts a hash where the query names one, usually the right hash. */
function withHash(target: string, hash: string): string {
  return target.replaceAll(/(SHA256=)/g, (name, _all, at: number) => (at % 3 === 2 ? name : `${name}${hash}&`));
}

const request: fc.Arbitrary<Case> = fc
  .record({
    base,
    path,
    query: fc.option(query, { nil: undefined }),
    body,
    algorithm: fc.constantFrom<SigningAlgorithm>("sha1", "sha1", "sha256"),
    hash: fc.constantFrom("right", "right", "right", "upper", "other", "none"),
  })
  .map(({ base: place, path: at, query: text, body: sent, algorithm, hash }) => {
    const right = hashOf(sent.text);
    const hashes = { right, upper: right.toUpperCase(), other: hashOf("another"), none: "" };
    const target = text === undefined ? at : withHash(`${at}?${text}`, hashes[hash]);
    return { base: place, target, body: sent, algorithm };
  });

/** Spellings of the request's URL that the signer may have used. */
const spellings: Readonly<Record<string, (url: string) => string>> = {
  "as received": (url) => url,
  "as new URL() writes it": (url) => URL.parse(url)?.href ?? url,
  "with Node's old encoder": (url) => {
    const { href } = URL.parse(url) ?? { href: url };
    const at = href.indexOf("?");
    return at === -1 ? href : `${href.slice(0, at)}?${stringify(parse(href.slice(at + 1)))}`;
  },
  "the old encoder on what was received": (url) => {
    const at = url.indexOf("?");
    return at === -1 ? url : `${url.slice(0, at)}?${stringify(parse(url.slice(at + 1)))}`;
  },
  "by URLSearchParams": (url) => {
    const parsed = URL.parse(url);
    parsed?.searchParams.sort();
    return parsed?.href ?? url;
  },
  "without its fragment": (url) => url.replace(/#.*/, ""),
  "without its query": (url) => url.replace(/\?.*/, ""),
  "with an empty query": (url) => `${url}?`,
  "with user and password": (url) => url.replace("://", "://user:pass@"),
  "host in lower case": (url) => url.replace(/:\/\/[^/?#]*/, (host) => host.toLowerCase()),
  "host in upper case": (url) => url.replace(/:\/\/[^/?#]*/, (host) => host.toUpperCase()),
  "host without a dot at its end": (url) => url.replace(/\.(?=[:/])/, ""),
  "escapes in lower case": (url) => url.replaceAll(/%[0-9A-F]{2}/gi, (each) => each.toLowerCase()),
  "escapes in upper case": (url) => url.replaceAll(/%[0-9A-F]{2}/gi, (each) => each.toUpperCase()),
  "without escapes": (url) => decodeOr(url),
  "the bytes as UTF-8": (url) => Buffer.from(url, "latin1").toString("utf8"),
  "an escaped apostrophe": (url) => url.replaceAll("'", "%27"),
  "spaces as plus": (url) => url.replaceAll("%20", "+"),
  "plus as spaces": (url) => url.replaceAll("+", "%20"),
  "another character": (url) => `${url.slice(0, -1)}x`,
  "the other scheme": (url) => url.replace(/^https?/, (scheme) => (scheme === "http" ? "https" : "http")),
};
const ports: Readonly<Record<string, (url: string) => string>> = {
  "its port": (url) => url,
  "no port": (url) => url.replace(/:\d+(?=[/?#]|$)/, ""),
  "port 80": (url) => url.replace(/(:\d+)?(?=[/?#]|$)(?<=:\/\/[^/?#]*)/, ":80"),
  "port 443": (url) => url.replace(/(:\d+)?(?=[/?#]|$)(?<=:\/\/[^/?#]*)/, ":443"),
  "port 3000": (url) => url.replace(/(:\d+)?(?=[/?#]|$)(?<=:\/\/[^/?#]*)/, ":3000"),
};

function decodeOr(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/** The parameters that are signed with the URL. */
const signedBodies: Readonly<Record<string, (body: Body) => Record<string, unknown>>> = {
  "the form": ({ type, text }) => (type === form ? parse(text) : {}),
  nothing: () => ({}),
  "the form in another order": ({ type, text }) => (type === form ? parse(text.split("&").toReversed().join("&")) : {}),
  "another form": () => ({ a: "1" }),
};

/**
 * Whether the query has the hash of a body. The package's middleware looks for the plain text. Here escapes count too.
 */
function isHashed(target: string): boolean {
  const at = target.indexOf("?");
  if (at === -1) return false;
  return target.includes("bodySHA256", at) || stringify(parse(target.slice(at + 1))).includes("bodySHA256");
}

/** The verdict of the package, called as its own middleware calls it. */
function isValidByTwilio({ base: place, target, body: sent, algorithm }: Case, signature: string): boolean {
  const url = urlOf({ base: place, target });
  const name = algorithm === "sha1" ? "HMAC_SHA1" : "HMAC_SHA256";
  try {
    return isHashed(target)
      ? twilio.validateRequestWithBody(token, signature, url, sent.text, name)
      : twilio.validateRequest(token, signature, url, sent.type === form ? parse(sent.text) : {}, name);
  } catch {
    // It throws for a URL that `new URL()` rejects, unless the signature is for the URL as received.
    return false;
  }
}

test("each spelling of a signed URL is accepted if and only if the twilio package accepts it", () => {
  const verdicts = { accepted: 0, refused: 0 };
  const how = fc.tuple(
    fc.constantFrom(...Object.keys(spellings)),
    fc.constantFrom(...Object.keys(ports)),
    fc.constantFrom("the form", "the form", "the form", ...Object.keys(signedBodies)),
  );
  holds(
    fc.property(request, how, (sent, [spelling, port, signedBody]) => {
      const url = ports[port]?.(spellings[spelling]?.(urlOf(sent)) ?? "") ?? "";
      const parameters =
        url.includes("bodySHA256") && signedBody === "the form" ? {} : (signedBodies[signedBody]?.(sent.body) ?? {});
      const name = sent.algorithm === "sha1" ? "HMAC_SHA1" : "HMAC_SHA256";
      const signature = twilio.getExpectedTwilioSignature(token, url, parameters, name);
      assert.ok(isSignature(signature, sent.algorithm));
      const {
        base: place,
        target,
        body: { type, text },
      } = sent;
      const given = { base: place, target, mediaType: type, body: Buffer.from(text), mayBeUnsigned: false };
      const isAccepted = isSignatureValid(signature, given, token, sent.algorithm);
      verdicts[isAccepted ? "accepted" : "refused"] += 1;
      // Refused on purpose, even with a valid signature, because the signature does not cover the body.
      const isUncovered = type !== form && text !== "" && !isHashed(target);
      if (isUncovered) assert.equal(isAccepted, false);
      else assert.equal(isAccepted, isValidByTwilio(sent, signature), `${urlOf(sent)} signed as ${url}`);
    }),
    1_000,
  );
  assert.ok(verdicts.accepted > 0 && verdicts.refused > 0, JSON.stringify(verdicts));
  if (process.env["FUZZ_RUNS"] !== undefined) console.log(verdicts);
});
