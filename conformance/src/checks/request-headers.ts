import type { CheckGroup } from "../check.ts";
import type { Client, RequestOf } from "../client.ts";
import { expectSame, isObject, objectOf } from "../expectations.ts";
import { sign } from "../signature.ts";

interface SeenRequest {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly cookies: unknown;
}

/** `event.request`, as the echo function saw it. */
async function requestOf(client: Client, headers: NonNullable<RequestOf["headers"]> = {}): Promise<SeenRequest> {
  const { request } = objectOf(await client.get("/echo", { headers }));
  if (!isObject(request) || !isObject(request["headers"]))
    throw new Error(`event.request is ${JSON.stringify(request)}`);
  return { headers: request["headers"], cookies: request["cookies"] };
}

/** The names among these that the handler could see. */
async function visibleOf(client: Client, sent: Readonly<Record<string, string>>): Promise<readonly string[]> {
  // One header must be visible. Otherwise, an empty object would pass.
  const { headers } = await requestOf(client, { ...sent, "x-control": "visible" });
  expectSame(headers["x-control"], "visible", "x-control");
  return Object.keys(sent).filter((name) => name in headers);
}

export const requestHeaders: CheckGroup = {
  section: "§4 event.request: headers and cookies",
  checks: [
    {
      row: 95,
      title: "Request headers are visible, in lower case",
      confidence: "documented",
      expects: 'event.request.headers["x-foo"] is "Bar"',
      run: async (client) => expectSame((await requestOf(client, { "X-Foo": "Bar" })).headers["x-foo"], "Bar", "x-foo"),
    },
    {
      row: 96,
      title: "A repeated header is an array in order",
      confidence: "documented",
      expects: '["b","a"]',
      run: async (client) =>
        expectSame((await requestOf(client, { "x-foo": ["b", "a"] })).headers["x-foo"], ["b", "a"], "x-foo"),
    },
    {
      row: 97,
      title: "Hop-by-hop and forwarding headers are hidden",
      confidence: "documented",
      expects: "none of the documented names is visible",
      run: async (client) => {
        const hidden = {
          referer: "https://example.com/",
          "x-forwarded-for": "192.0.2.1",
          "x-forwarded-proto": "https",
          "x-forwarded-port": "443",
          "x-real-ip": "192.0.2.1",
          via: "1.1 proxy.example",
          upgrade: "example/1",
          "x-accel-buffering": "no",
          "proxy-authorization": "Basic eDp5",
          "proxy-authenticate": "Basic",
          "proxy-connection": "close",
          connection: "close",
        };
        expectSame(await visibleOf(client, hidden), [], "visible headers");
      },
    },
    {
      row: 98,
      title: "Host is hidden",
      confidence: "documented",
      conflict: "C11",
      expects: "headers.host is undefined",
      run: async (client) => {
        expectSame(await visibleOf(client, {}), [], "visible headers");
        expectSame((await requestOf(client)).headers["host"], undefined, "host");
      },
    },
    {
      row: 99,
      title: "Headers with the platform's own prefixes are hidden",
      confidence: "inferred",
      expects: "x-amz-, i-twilio-, i-t- and ot- are not visible",
      run: async (client) => {
        const hidden = { "x-amz-foo": "1", "i-twilio-foo": "1", "ot-foo": "1", "i-t-foo": "1" };
        expectSame(await visibleOf(client, hidden), [], "visible headers");
      },
    },
    {
      row: 100,
      title: "Authorization is visible",
      confidence: "documented",
      expects: "as it was sent",
      run: async (client) => {
        const { headers } = await requestOf(client, { authorization: "Basic eDp5" });
        expectSame(headers["authorization"], "Basic eDp5", "authorization");
      },
    },
    {
      row: 101,
      title: "The signature is visible to a protected function",
      confidence: "documented",
      expects: "x-twilio-signature as it was sent",
      run: async (client) => {
        const signature = sign(client.authToken(), `${client.options.baseUrl}/p`);
        const seen = objectOf(await client.get("/p", { headers: { "x-twilio-signature": signature } }));
        expectSame(seen["signature"], signature, "x-twilio-signature");
      },
    },
    {
      row: 102,
      title: "Cookies are a map that keeps case",
      confidence: "documented",
      expects: '{"a":"1","B":"2"}',
      run: async (client) =>
        expectSame((await requestOf(client, { cookie: "a=1; B=2" })).cookies, { a: "1", B: "2" }, "cookies"),
    },
    {
      row: 103,
      title: "Of two cookies of one name, the first counts",
      confidence: "documented",
      expects: 'a is "1"',
      run: async (client) =>
        expectSame((await requestOf(client, { cookie: "a=1; a=2" })).cookies, { a: "1" }, "cookies"),
    },
    {
      row: 104,
      title: "Without cookies the map is empty",
      confidence: "inferred",
      expects: "{}",
      run: async (client) => expectSame((await requestOf(client)).cookies, {}, "cookies"),
    },
  ],
};
