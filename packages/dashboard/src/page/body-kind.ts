import type { Body, Header } from "../api.ts";

/** The kind of a body. It decides how the body is shown. */
export type BodyKind = "none" | "binary" | "json" | "form" | "twiml" | "html" | "text";

export function bodyKind(body: Body, headers: readonly Header[]): BodyKind {
  if (body.bytes === 0 && body.text === "") return "none";
  if (body.encoding === "base64") return "binary";
  const type = mediaType(headers);
  if (type === "application/x-www-form-urlencoded") return "form";
  if (/[/+]json$/.test(type)) return "json";
  if (isTwiml(body.text) && (type === "" || /[/+]xml$/.test(type) || type === "text/plain")) return "twiml";
  return type === "text/html" ? "html" : "text";
}

function headerOf(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([each]) => each.toLowerCase() === name)?.[1];
}

export function mediaType(headers: readonly Header[]): string {
  return (headerOf(headers, "content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

export function formFields(text: string): (readonly [name: string, value: string])[] {
  return [...new URLSearchParams(text)];
}

/** @returns undefined if the text is not JSON, for example because it was cut. */
export function readJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Whether a TwiML reply belongs to a call or to a message. The two have different verbs. */
export function twimlKind(event: Readonly<Record<string, unknown>>): "voice" | "messaging" | undefined {
  if ("CallSid" in event) return "voice";
  return "MessageSid" in event || "SmsSid" in event ? "messaging" : undefined;
}

function isTwiml(text: string): boolean {
  return /^\s*(?:<\?xml[^>]*\?>\s*)?<Response[\s/>]/.test(text.slice(0, 1000));
}
