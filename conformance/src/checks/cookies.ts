import type { CheckGroup } from "../check.ts";
import type { Client, Reply } from "../client.ts";
import { describe, expectSame, expectStatus, expectThat } from "../expectations.ts";

interface Cookie {
  readonly pair: string;
  /** In lower case, trimmed. */
  readonly attributes: readonly string[];
}

async function cookiesOf(client: Client, name: string): Promise<readonly Cookie[]> {
  const reply = await client.get(`/cookies?case=${name}`);
  expectStatus(reply, 200);
  return (reply.headers["set-cookie"] ?? []).map((line) => {
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    return { pair, attributes: attributes.map((attribute) => attribute.toLowerCase()) };
  });
}

/** Expects exactly one cookie, with this pair and at least these attributes. */
function expectCookie(cookies: readonly Cookie[], pair: string, attributes: readonly string[]): void {
  const seen = `set-cookie: ${JSON.stringify(cookies)}`;
  expectThat(cookies.length === 1 && cookies[0]?.pair === pair, `${seen}; expected one cookie ${pair}`);
  const missing = attributes.filter((attribute) => !cookies[0]?.attributes.includes(attribute));
  expectThat(missing.length === 0, `${seen}; missing ${missing.join(", ")}`);
}

function expectTooOld(reply: Reply): void {
  expectStatus(reply, 400);
  expectThat(reply.text.includes("Cookies max-age cannot be greater than a day"), describe(reply));
}

export const cookies: CheckGroup = {
  section: "§6 Cookies of a reply",
  checks: [
    {
      row: 71,
      title: "setCookie sets an HttpOnly, Secure cookie",
      confidence: "documented",
      expects: "set-cookie: a=1 with HttpOnly and Secure",
      run: async (client) => expectCookie(await cookiesOf(client, "plain"), "a=1", ["httponly", "secure"]),
    },
    {
      row: 72,
      title: "A cookie keeps its attributes",
      confidence: "documented",
      expects: "SameSite=Lax and Max-Age=60",
      run: async (client) => expectCookie(await cookiesOf(client, "attributes"), "a=1", ["samesite=lax", "max-age=60"]),
    },
    {
      row: 73,
      title: "A cookie cannot be set for another domain",
      confidence: "documented",
      expects: "the cookie is set, and its domain is not example.com",
      run: async (client) => {
        const set = await cookiesOf(client, "domain");
        expectCookie(set, "a=1", []);
        const foreign = set[0]?.attributes.filter((one) => /^domain\s*=\s*\.?example\.com$/.test(one));
        expectSame(foreign, [], "foreign domains");
      },
    },
    {
      row: 74,
      title: "A cookie that lives longer than a day makes the reply 400",
      confidence: "documented",
      expects: "400 with “Cookies max-age cannot be greater than a day”, for Max-Age and for Expires",
      run: async (client) => {
        expectTooOld(await client.get("/cookies?case=too-old"));
        expectTooOld(await client.get("/cookies?case=expires-too-late"));
      },
    },
    {
      row: 75,
      title: "A cookie may live for a day, and Max-Age overrides Expires",
      confidence: "documented",
      expects: "200 with the cookie",
      run: async (client) => {
        expectCookie(await cookiesOf(client, "a-day"), "a=1", ["max-age=86400"]);
        expectCookie(await cookiesOf(client, "max-age-wins"), "a=1", ["max-age=60"]);
      },
    },
    {
      row: 76,
      title: "removeCookie expires the cookie",
      confidence: "documented",
      expects: "set-cookie: a= with Max-Age=0",
      run: async (client) => expectCookie(await cookiesOf(client, "remove"), "a=", ["max-age=0"]),
    },
    {
      row: 77,
      title: "After setCookie and removeCookie, only the removal is left",
      confidence: "inferred",
      expects: "one set-cookie, with Max-Age=0",
      run: async (client) => expectCookie(await cookiesOf(client, "set-remove"), "a=", ["max-age=0"]),
    },
    {
      row: 78,
      title: "Two cookies are two lines",
      confidence: "documented",
      expects: "a=1 and b=2, in order",
      run: async (client) => {
        const pairs = (await cookiesOf(client, "two")).map((cookie) => cookie.pair);
        expectSame(pairs, ["a=1", "b=2"], "cookies");
      },
    },
    {
      row: 79,
      title: "A cookie may be set as a header",
      confidence: "documented",
      expects: "set-cookie: a=1",
      run: async (client) => expectCookie(await cookiesOf(client, "by-header"), "a=1", []),
    },
  ],
};
