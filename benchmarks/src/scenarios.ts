/** The requests that every server gets, one row each. */
import { createHmac } from "node:crypto";

export const scenarioNames = ["hello", "twiml", "sms", "protected", "wait", "cpu", "asset"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** The request that is repeated. */
export interface LoadRequest {
  readonly method: "GET" | "POST";
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Values that requests and replies depend on. */
export interface RequestConditions {
  readonly port: number;
  /** From the project's `.env`. It is made up. */
  readonly authToken: string;
  /** The asset's text. */
  readonly terms: string;
  /** The fixed work of `cpu`, and its result. */
  readonly burn: { readonly rounds: number; readonly result: number };
}

export interface Scenario {
  readonly name: ScenarioName;
  readonly title: string;
  readonly connections: readonly number[];
  /** In a quick run. An empty list leaves the scenario out. */
  readonly quickConnections: readonly number[];
  readonly request: (circumstances: RequestConditions) => LoadRequest;
  /** The body of the right reply. Its status is 200. */
  readonly reply: (circumstances: RequestConditions) => string;
  /** Settings that Offhook is started with. Without them, it has its defaults. */
  readonly flags: readonly string[];
}

const often = [1, 10, 50, 200];

/** An incoming message, as Twilio sends it. */
const message: Readonly<Record<string, string>> = {
  ToCountry: "US",
  ToState: "CA",
  SmsMessageSid: "SM00000000000000000000000000000001",
  NumMedia: "0",
  ToCity: "SAN FRANCISCO",
  FromZip: "94107",
  SmsSid: "SM00000000000000000000000000000001",
  FromState: "CA",
  SmsStatus: "received",
  FromCity: "SAN FRANCISCO",
  Body: "When are you open tomorrow",
  FromCountry: "US",
  To: "+14155550100",
  MessagingServiceSid: "MG00000000000000000000000000000001",
  ToZip: "94105",
  NumSegments: "1",
  MessageSid: "SM00000000000000000000000000000001",
  AccountSid: "AC00000000000000000000000000000000",
  From: "+14155550111",
  ApiVersion: "2010-04-01",
};

export const scenarios: readonly Scenario[] = [
  {
    name: "hello",
    title: "JSON reply to a GET",
    connections: often,
    quickConnections: [1, 50],
    request: () => get("/hello?name=Ada"),
    reply: () => '{"hello":"Ada"}',
    flags: [],
  },
  {
    name: "twiml",
    title: "TwiML by `MessagingResponse`",
    connections: often,
    quickConnections: [50],
    request: () => get("/twiml"),
    reply: () => twimlOf("Thanks for your message."),
    flags: [],
  },
  {
    name: "sms",
    title: "Incoming message as a form, TwiML reply",
    connections: often,
    quickConnections: [],
    request: () => postForm("/sms", message, {}),
    reply: () => twimlOf(`${message["From"]} wrote: ${message["Body"]}`),
    flags: [],
  },
  {
    name: "protected",
    title: "Form with a valid signature, JSON reply",
    connections: often,
    quickConnections: [],
    request: ({ port, authToken }) =>
      postForm("/webhook", message, {
        "X-Twilio-Signature": signatureOf(authToken, `http://127.0.0.1:${port}/webhook`, message),
      }),
    reply: () => `{"accepted":"${message["MessageSid"]}"}`,
    flags: [],
  },
  {
    name: "wait",
    title: "100 ms of waiting",
    connections: [200, 1000],
    quickConnections: [],
    request: () => get("/wait?ms=100"),
    reply: () => '{"waited":100}',
    flags: ["--concurrency", "0", "--isolate-concurrency", "100"],
  },
  {
    name: "cpu",
    title: "5 ms of computing",
    connections: often,
    quickConnections: [],
    request: ({ burn }) => get(`/burn?rounds=${burn.rounds}`),
    reply: ({ burn }) => `{"burnt":${burn.result}}`,
    flags: [],
  },
  {
    name: "asset",
    title: "Asset of 20 kB",
    connections: often,
    quickConnections: [],
    request: () => get("/terms.txt"),
    reply: ({ terms }) => terms,
    flags: [],
  },
];

export function scenarioOf(name: ScenarioName): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`Unknown scenario: ${name}`);
  return found;
}

function get(path: string): LoadRequest {
  return { method: "GET", path, headers: {}, body: "" };
}

function postForm(
  path: string,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): LoadRequest {
  const type = { "Content-Type": "application/x-www-form-urlencoded" };
  return { method: "POST", path, headers: { ...type, ...headers }, body: new URLSearchParams(form).toString() };
}

function twimlOf(text: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response><Message>${text}</Message></Response>`;
}

/** The value of `X-Twilio-Signature`. */
function signatureOf(authToken: string, url: string, form: Readonly<Record<string, string>>): string {
  const names = Object.keys(form).toSorted();
  const signed = url + names.map((name) => name + form[name]).join("");
  return createHmac("sha1", authToken).update(signed).digest("base64");
}
