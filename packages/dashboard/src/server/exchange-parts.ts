/**
 * The parts of an exchange, in the form that pages show.
 */
import { isUtf8 } from "node:buffer";

import { DecodeError, decodeText, readContentType } from "@offhook/runtime/internal/body-text";
import { buildEvent } from "@offhook/runtime/internal/event";

import type { Body, Header } from "../api.ts";
import { maskedMargin } from "../journal/redaction.ts";

export const shownBytes = 64 * 1_024;
/** Compressed bodies are read only if they are not longer than this when unpacked. */
const unpackedBytes = 1_048_576;

/** @param raw names and values in turn. */
export function pairsOf(raw: readonly string[]): Header[] {
  const pairs: Header[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) pairs.push([raw[index] ?? "", raw[index + 1] ?? ""]);
  return pairs;
}

/** In lower case, with parameters. Empty if there is none. */
export function contentTypeOf(headers: readonly Header[]): string {
  return (
    headers
      .find(([name]) => name.toLowerCase() === "content-type")?.[1]
      .trim()
      .toLowerCase() ?? ""
  );
}

/** Whether the body is compressed, so that its bytes cannot be read as text. */
export function isPacked(headers: readonly Header[]): boolean {
  const encoding =
    headers
      .find(([name]) => name.toLowerCase() === "content-encoding")?.[1]
      .trim()
      .toLowerCase() ?? "";
  return encoding !== "" && encoding !== "identity";
}

/**
 * @param hide masks secrets. For a long text it may return only the beginning: at least `maxBytes` if it masked
 * nothing.
 * @param contentType names the charset of the body. A secret in UTF-16 is only found in the decoded text.
 */
export function bodyOf(
  bytes: Uint8Array,
  hide: (text: string) => string,
  maxBytes = shownBytes,
  contentType?: string,
): Body {
  const { length } = bytes;
  const decoded = decodedText(bytes, contentType);
  if (decoded !== undefined || !isUtf8(bytes) || bytes.includes(0)) {
    const shown = Buffer.from(bytes.subarray(0, maxBytes));
    // A masked text in another encoding would no longer be the bytes that came, so the body is left out.
    // Without the zeros, ASCII in UTF-16 is found without a charset as well.
    const texts = [shown.toString("latin1").replaceAll("\0", ""), decoded ?? ""];
    if (texts.some((text) => hide(text) !== text)) return { bytes: length, text: "", encoding: "base64", isCut: true };
    return { bytes: length, text: shown.toString("base64"), encoding: "base64", isCut: length > maxBytes };
  }
  // Before the cut, since a secret may cross it.
  const whole = Buffer.from(bytes).toString("utf8");
  const text = hide(whole);
  const isLong = text.length > maxBytes;
  const isCut = isLong || whole.length > maxBytes + maskedMargin;
  return { bytes: length, text: isLong ? withoutHalf(text.slice(0, maxBytes)) : text, encoding: "utf8", isCut };
}

/** The text in the body's charset. Undefined if the charset is unknown, or if the text is the same in UTF-8. */
function decodedText(bytes: Uint8Array, contentType: string | undefined): string | undefined {
  const { charset } = readContentType(contentType);
  if (charset === "" && isUtf8(bytes)) return undefined;
  const body = Buffer.from(bytes);
  try {
    const text = decodeText(body, charset);
    return text === body.toString("utf8").replace(/^\uFEFF/, "") ? undefined : text;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/**
 * The event as a function gets it, without `request`, which pages show as headers. Empty if the event cannot be built.
 */
export function eventOf(target: string, headers: readonly string[], body: Uint8Array): Record<string, unknown> {
  const start = target.indexOf("?");
  const query = start === -1 ? "" : target.slice(start + 1);
  const invoke = { kind: "invoke", id: 0, function: "", path: "", query, domain: "", headers } as const;
  try {
    const { request: _request, ...event } = buildEvent(invoke, Buffer.from(body), unpackedBytes);
    return event;
  } catch {
    return {};
  }
}

/** A short description of a Twilio webhook. Undefined for other requests. */
export function labelOf(event: Readonly<Record<string, unknown>>): string | undefined {
  const field = (name: string): string | undefined => {
    const value = Object.hasOwn(event, name) ? event[name] : undefined;
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const from = field("From");
  const by = from === undefined ? "" : ` from ${short(from)}`;
  if (field("MessageSid") !== undefined) {
    const status = field("MessageStatus");
    if (status !== undefined) return `message ${short(status)}`;
    return `“${short(field("Body") ?? "")}”${by}`;
  }
  if (field("CallSid") === undefined) return undefined;
  const digits = field("Digits");
  const speech = field("SpeechResult");
  if (digits !== undefined) return `digits ${short(digits)}${by}`;
  if (speech !== undefined) return `“${short(speech)}”${by}`;
  return `call ${short(field("CallStatus") ?? "")}${by}`.replace("  ", " ");
}

function short(text: string): string {
  return text.length > 60 ? `${withoutHalf(text.slice(0, 59))}…` : text;
}

/** A cut may leave half of a surrogate pair at the end. */
function withoutHalf(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}
