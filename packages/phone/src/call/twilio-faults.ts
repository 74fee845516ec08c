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
  14103: "Invalid Body",
  14109: "TwiML Reply message limit exceeded",
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

export function isRejection(code: number | undefined): boolean {
  return code !== undefined && rejections.has(code);
}

/** Twilio ignores only a part of the reply. The numbers of lost URLs and documents are lower. */
export function isWarning(code = 0): boolean {
  return code >= 12200 && code !== 12300;
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
