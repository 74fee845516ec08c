/**
 * Twilio's names for faults in the reply to a webhook (twilio.com/docs/api/errors).
 */
const titles: Readonly<Record<number, string>> = {
  11100: "Invalid URL format",
  11200: "HTTP retrieval failure",
  11215: "HTTP too many redirects",
  11750: "TwiML response body too large",
  12100: "Document parse failure",
  12200: "Schema validation warning",
  12300: "Invalid Content-Type",
  13310: "Gather: Invalid finishOnKey value",
  13313: "Gather: Invalid timeout value",
  13520: "Say: Invalid text",
  14103: "Invalid Body",
  14109: "TwiML Reply message limit exceeded",
  15003: "Call Progress: Warning Response to Callback URL",
  21623: "Number of media files exceeds allowed limit",
};

const nextSteps: Readonly<Record<number, string>> = {
  11200: "Reply to Twilio with a status from 200 to 299.",
  11215: "Redirect to another URL, or reply with TwiML.",
  11750: "Split the document, and continue at another function with <Redirect>.",
  12100: "Build the reply with Twilio.twiml, which escapes text and closes elements.",
  12300: "Pass the TwiML object itself to callback(), or set the Content-Type of the Twilio.Response to text/xml.",
  14103: "Give each message media, or a text of 1 to 1600 characters.",
  14109: "Send the other messages with the REST API.",
  15003: "Reply to status callbacks with a status from 200 to 299, such as 204 without a body.",
  21623: "Split the media into several messages of at most 10.",
};

/** How to fix what the number reports. Undefined if the text of the problem already says it. */
export function nextStepOf(code: number | undefined): string | undefined {
  return code === undefined ? undefined : nextSteps[code];
}

/** With these, Twilio runs nothing of the reply. */
const rejections: ReadonlySet<number> = new Set([11200, 11215, 11750, 12100, 12300]);
/** With these, Twilio ignores a part of the reply. */
const warnings: ReadonlySet<number> = new Set([12200, 13310, 13313, 13520, 14103, 14109, 15003, 21623]);

export function isRejection(code: number | undefined): boolean {
  return code !== undefined && rejections.has(code);
}

export function isWarning(code: number | undefined): boolean {
  return code !== undefined && warnings.has(code);
}

export interface Fault {
  /** Absent if Twilio has no code for it. */
  readonly code?: number;
  readonly text: string;
}

export function faultTitle(code: number): string {
  return `${code} ${titles[code] ?? ""}`.trimEnd();
}

export function faultPage(code: number): string {
  return `https://www.twilio.com/docs/api/errors/${code}`;
}
