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
