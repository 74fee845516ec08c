/** Made-up exchanges of all kinds, with the replies that functions would have given. */
import { randomBytes } from "node:crypto";

import type { Body, Exchange, ExchangeSummary, Header, LogLine, Phase } from "../src/api.ts";

export interface SampleRequest {
  readonly method: string;
  readonly target: string;
  readonly headers?: readonly Header[];
  readonly body?: string;
  readonly origin?: Exchange["origin"];
  readonly startedAt?: number;
}

function textBody(text: string): Body {
  return { bytes: Buffer.byteLength(text), text, encoding: "utf8", isCut: false };
}

const xml = ["content-type", "text/xml; charset=utf-8"] as const;
const form = ["content-type", "application/x-www-form-urlencoded"] as const;
const json = ["content-type", "application/json"] as const;
const folder = "/home/ada/pizza-hotline";

/** Texts that would run, break out or mislead if the page treated them as anything but text. */
export const hostileTexts = [
  "<script>globalThis.wasRun = true</script>",
  '</title><img src=x onerror="globalThis.wasRun = true">',
  "javascript:globalThis.wasRun=true//",
  "safe\u202Egpj.exe",
  "\u0000\u001b[31mred",
  "'\"><svg/onload=globalThis.wasRun=true>",
];

interface Reply {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Body;
  readonly more?: Partial<Exchange>;
}

/** The exchange for a request. */
export function sampleExchange(request: SampleRequest): Exchange {
  const { method, target, body = "", origin = "client" } = request;
  const startedAt = request.startedAt ?? Date.now();
  const [path = "", query = ""] = target.split("?");
  const isForm = (request.headers ?? [form]).some(([, value]) => value.includes("urlencoded"));
  const fields = isForm ? new URLSearchParams(body) : jsonFields(body);
  const event = Object.fromEntries([...new URLSearchParams(query), ...fields]) as Record<string, string>;
  const { status, headers, body: replyBody, more = {} } = replyOf(path, event, startedAt);
  const phases = phasesOf(path, more.isCold === true);
  return {
    id: `RQ${randomBytes(16).toString("hex")}`,
    startedAt,
    method,
    path,
    status,
    durationMs: Math.max(...phases.map(({ atMs, tookMs }) => atMs + tookMs)),
    ...(status !== 404 && { resource: path.endsWith(".html") ? "asset" : "function" }),
    ...(path === "/favicon.ico" && { isAutomatic: true }),
    lines: more.logs?.length ?? 0,
    complaints: (more.logs ?? []).filter(({ level }) => level === "warn" || level === "error").length,
    origin,
    ...labelOf(event),
    request: {
      target,
      headers: [
        ["host", "localhost:3000"],
        ["user-agent", "TwilioProxy/1.1"],
        ["cookie", "•••"],
        ...(request.headers ?? (body === "" ? [] : [form])),
      ],
      body: textBody(body),
      event,
    },
    reply: { status, headers: [...headers, ["content-length", String(replyBody.bytes)]], body: replyBody },
    phases,
    logs: [],
    hints: [],
    file: `functions${path}.js`,
    isolate: { pid: 4711, invocation: 12 },
    ...more,
  };
}

function jsonFields(body: string): [string, unknown][] {
  return body.startsWith("{") ? Object.entries(JSON.parse(body) as object) : [];
}

export function summaryOf(exchange: Exchange): ExchangeSummary {
  const {
    request: _,
    reply: _1,
    phases: _2,
    logs: _3,
    detail: _4,
    explanation: _8,
    signatureDiagnosis: _9,
    source: _10,
    hints: _5,
    file: _6,
    isolate: _7,
    ...row
  } = exchange;
  return row;
}

function labelOf(event: Readonly<Record<string, string>>): { label?: string } {
  const { Body: text, From: from, CallSid: call } = event;
  if (text !== undefined) return { label: `sms "${text.slice(0, 60)}" from ${from ?? "nobody"}` };
  return call === undefined ? {} : { label: `call ${call.slice(0, 6)}… from ${from ?? "nobody"}` };
}

function phasesOf(path: string, isCold: boolean): Phase[] {
  const took: [Phase["name"], number][] = [
    ["receive", 0.3],
    ["queue", 0.4],
    ...(isCold
      ? ([
          ["start", 38.2],
          ["load", 21.7],
        ] as [Phase["name"], number][])
      : []),
    ["run", path === "/orders" ? 184.6 : 6.1],
    ["write", 0.2],
  ];
  let at = 0;
  return took.map(([name, tookMs]) => {
    const phase = { name, atMs: at, tookMs };
    at += tookMs;
    return phase;
  });
}

function replyOf(path: string, event: Readonly<Record<string, string>>, at: number): Reply {
  const line = (level: LogLine["level"], text: string): LogLine => ({ at: at + 3, level, text });
  switch (path) {
    case "/sms": {
      const text = event["Body"] ?? "";
      const twiml = `<?xml version="1.0" encoding="UTF-8"?><Response><Message>You said: ${escaped(text)}</Message></Response>`;
      const logs = [line("info", `incoming: ${text}`)];
      return { status: 200, headers: [xml], body: textBody(twiml), more: { logs } };
    }
    case "/voice":
      return { status: 200, headers: [xml], body: textBody(voice), more: { isCold: true } };
    case "/rejected": {
      const next = "Build the reply with Twilio.twiml, which escapes text and closes elements.";
      const text = "Write & as &amp;. Twilio ends the call";
      const problems = [{ number: 12100, level: "error", text, line: 2, next }] as const;
      const twiml = "<Response>\n  <Say>Fish & chips</Say>\n</Response>";
      return { status: 200, headers: [xml], body: textBody(twiml), more: { problems } };
    }
    case "/ignored": {
      const problems = [
        {
          number: 12200,
          level: "warning",
          text: "<Gather> has no attribute numDigit. Did you mean numDigits?",
          line: 1,
        },
        { level: "warning", text: "<Say> is never reached, because <Hangup> in line 1 ends the document", line: 1 },
      ] as const;
      const twiml = '<Response><Gather numDigit="1"/><Hangup/><Say>Bye</Say></Response>';
      return { status: 200, headers: [xml], body: textBody(twiml), more: { problems } };
    }
    case "/orders": {
      const orders = [
        {
          id: 17,
          items: ["Margherita", "Cola"],
          total: 14.5,
          paid: true,
          address: { street: "High Street 1", zip: null },
        },
        { id: 18, items: ["Quattro"], total: 11, paid: false, address: { street: "Mill Lane 7", zip: "8001" } },
      ];
      const logs = [line("info", "2 orders"), line("warn", "the kitchen answered slowly: 170 ms")];
      const leftovers = "1 timer, 1 connection to api.example.com";
      return { status: 200, headers: [json], body: textBody(JSON.stringify({ orders })), more: { logs, leftovers } };
    }
    case "/broken":
      return {
        status: 500,
        headers: [["content-type", "text/html"]],
        body: textBody("<h1>TypeError</h1>"),
        more: broken(at),
      };
    case "/status":
      return {
        status: 403,
        headers: [["content-type", "text/plain"]],
        body: textBody("Unauthorized"),
        more: {
          code: "signature-invalid",
          explanation: {
            message: "Twilio Request Validation Failed",
            next: "Check AUTH_TOKEN and the `publicUrl` setting.",
          },
          signatureDiagnosis: {
            checkedUrl: "http://localhost:3000/status",
            tokenVariable: "AUTH_TOKEN from .env",
            explanation: [
              "Checked against http://localhost:3000/status with AUTH_TOKEN from .env.",
              "The request came as https://my.example.org/status; for that URL the signature is valid. Restart with --public-url https://my.example.org.",
            ],
            candidates: [
              { url: "http://localhost:3000/status", reason: "the URL that was checked", isValid: false },
              { url: "https://my.example.org/status", reason: "from X-Forwarded-Host", isValid: true },
            ],
            fix: "--public-url https://my.example.org",
          },
          hints: [
            { text: "Sign the request, or rename the file without .protected.", file: "functions/status.protected.js" },
          ],
        },
      };
    case "/upload": {
      const error = { stack: "TypeError: \\n is not a line break\n    at upload" };
      const unread = { headers: [], body: textBody(""), unreadBody: "it is larger than the limit", event: {} };
      const more = { request: { target: path, ...unread } };
      return { status: 413, headers: [json], body: textBody(JSON.stringify(error)), more };
    }
    case "/index.html":
      return {
        status: 200,
        headers: [["content-type", "text/html"]],
        body: textBody("<h1>Pizza</h1>\n<p>Call us.</p>"),
      };
    case "/image":
      return {
        status: 200,
        headers: [["content-type", "image/png"]],
        body: { bytes: 5, text: "iVBORw0=", encoding: "base64", isCut: false },
      };
    case "/large": {
      const text = `{"rows":[${Array.from({ length: 4000 }, (_, i) => `{"n":${i},"text":"${"x".repeat(30)}"}`).join(",")}]}`;
      return { status: 200, headers: [json], body: textBody(text) };
    }
    case "/hostile":
      return {
        status: 200,
        headers: [
          ["content-type", "text/html"],
          ["x-hostile", hostileTexts.join(" ")],
        ],
        body: textBody(hostileTexts.join("\n").padEnd(200_000, " <b>x</b>")),
        more: {
          logs: hostileTexts.map((text) => line("error", text)),
          label: hostileTexts.join(" "),
          problems: hostileTexts.map((text) => ({ number: 12200, level: "warning", text, next: text })),
          leftovers: hostileTexts.join(" "),
          code: "handler-threw",
          explanation: { message: hostileTexts.join(" "), next: hostileTexts.join("`") },
          signatureDiagnosis: {
            explanation: hostileTexts,
            candidates: hostileTexts.map((text) => ({ url: text, reason: text, isValid: true })),
            fix: hostileTexts.join(" "),
          },
          source: {
            file: hostileTexts.join(" "),
            line: 1,
            lines: hostileTexts.map((text, index) => ({ number: index + 1, text, isFailing: index === 0 })),
          },
          detail: `Error: ${hostileTexts.join("\n")}\n    at ${hostileTexts[0]} (${folder}/functions/hostile.js:1:1)`,
          hints: hostileTexts.map((text) => ({ text, file: text, line: 1 })),
        },
      };
    default:
      return {
        status: 404,
        headers: [["content-type", "text/plain"]],
        body: textBody("Not found"),
        more: {
          code: "not-found",
          hints: [{ text: "No function and no asset has this path. Did you mean /sms?" }],
        },
      };
  }
}

const voice = `<?xml version="1.0" encoding="UTF-8"?>
<Response><Gather numDigits="1" action="/voice/menu"><Say voice="Polly.Amy">Press 1 to order, 2 for the kitchen.</Say></Gather><Redirect>/voice</Redirect></Response>`;

function broken(at: number): Partial<Exchange> {
  return {
    code: "handler-threw",
    detail: `TypeError: Cannot read properties of undefined (reading 'total')
    at totalOf (${folder}/functions/broken.js:14:23)
    at exports.handler (${folder}/functions/broken.js:5:18)
    at run (${folder}/node_modules/some-package/index.js:88:4)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`,
    explanation: {
      message: "The function threw an error",
      next: "Fix the line, or pass the error to callback().",
    },
    source: {
      file: "functions/broken.js",
      line: 14,
      lines: [
        { number: 13, text: "const totalOf = (order) => {", isFailing: false },
        { number: 14, text: "  return order.total;", isFailing: true },
        { number: 15, text: "};", isFailing: false },
      ],
    },
    hints: [{ text: "The order is undefined: its id was not in the request.", file: "functions/broken.js", line: 14 }],
    logs: [
      { at: at + 1, level: "info", text: "adding up order 19" },
      { at: at + 4, level: "error", text: "TypeError: Cannot read properties of undefined (reading 'total')" },
    ],
  };
}

function escaped(text: string): string {
  return text.replace(/[<>&]/g, (each) => `&#${each.codePointAt(0)};`);
}

const sms = (text: string): SampleRequest => ({
  method: "POST",
  target: "/sms",
  body: new URLSearchParams({ Body: text, From: "+15550100001", To: "+15550100002", MessageSid: "SM1" }).toString(),
});

/** One of each kind, repeated. */
export const usualRequests: readonly SampleRequest[] = [
  sms("One Margherita please"),
  { method: "POST", target: "/voice", body: "CallSid=CA00000000000000000000000000000001&From=%2B15550100001" },
  { method: "GET", target: "/orders?since=yesterday" },
  { method: "POST", target: "/broken", headers: [json], body: '{"order":{"id":19}}' },
  { method: "POST", target: "/status", body: "MessageSid=SM1&MessageStatus=delivered" },
  { method: "GET", target: "/index.html" },
  { method: "GET", target: "/favicon.ico" },
  sms("Where is my pizza?"),
];
