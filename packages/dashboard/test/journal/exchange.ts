import type { Exchange, Header } from "@offhook/dashboard/api";

/** An exchange as the recorder creates it, with the changes that a test needs. */
export function makeExchange(number: number, changes: Partial<Exchange> = {}): Exchange {
  const text = "From=%2B12025550100&Body=Hello";
  const headers: Header[] = [
    ["host", "localhost:3000"],
    ["content-type", "application/x-www-form-urlencoded"],
  ];
  return {
    id: `RQ${String(number).padStart(32, "0")}`,
    startedAt: 1_700_000_000_000 + number,
    method: "POST",
    path: "/sms",
    status: 200,
    durationMs: 12,
    resource: "function",
    lines: 0,
    complaints: 0,
    origin: "client",
    request: {
      target: "/sms?a=1",
      headers,
      body: { bytes: text.length, text, encoding: "utf8", isCut: false },
      event: { a: "1", From: "+12025550100", Body: "Hello" },
    },
    reply: {
      status: 200,
      headers: [["content-type", "text/xml; charset=utf-8"]],
      body: { bytes: 11, text: "<Response/>", encoding: "utf8", isCut: false },
    },
    phases: [
      { name: "receive", atMs: 0, tookMs: 1 },
      { name: "run", atMs: 1, tookMs: 10 },
      { name: "write", atMs: 11, tookMs: 1 },
    ],
    logs: [],
    hints: [],
    file: "functions/sms.js",
    ...changes,
  };
}
