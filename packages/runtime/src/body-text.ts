/**
 * Decodes the bytes of a body, as its `Content-Type` says. The worker makes `event` from the text. The gateway checks
 * signatures over it. This file imports nothing.
 */
const { isUtf8 } = process.getBuiltinModule("node:buffer");

export interface ContentType {
  /** Lower case, without parameters. Empty if no type was sent. */
  readonly mediaType: string;
  /**
   * Lower case. Empty if no charset was named. Two different ones are joined by a comma. The result is not a charset,
   * so no code has to guess which of them applies.
   */
  readonly charset: string;
}

export type DecodeFailure = "charset-unsupported" | "invalid-bytes";

/** A body that has no text: its charset is unknown, or its bytes are invalid in it. */
export class DecodeError extends Error {
  readonly reason: DecodeFailure;
  constructor(reason: DecodeFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

const { TextDecoder } = globalThis;

export function readContentType(header: string | undefined): ContentType {
  if (header === undefined) return { mediaType: "", charset: "" };
  const end = header.indexOf(";");
  if (end === -1) return { mediaType: header.trim().toLowerCase(), charset: "" };
  const mediaType = header.slice(0, end).trim().toLowerCase();
  return { mediaType, charset: charsetIn(header, end) };
}

/** One parameter: its name, and its value with or without quotes. Each part excludes its end, so matching is linear. */
const parameter = /;([^=;]*)(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"?[^;]*|([^";][^;]*)?))?/gy;

function charsetIn(header: string, start: number): string {
  const charsets: string[] = [];
  parameter.lastIndex = start;
  for (let match = parameter.exec(header); match !== null; match = parameter.exec(header)) {
    const [, name = "", quoted, plain = ""] = match;
    if (name.trim().toLowerCase() !== "charset") continue;
    const charset = (quoted?.replaceAll(/\\(.)/g, "$1") ?? plain).trim().toLowerCase();
    if (charset !== "" && !charsets.includes(charset)) charsets.push(charset);
  }
  return charsets.join(", ");
}

/**
 * Returns the text of a body without its byte order mark. Without a charset, it is UTF-8 unless it has UTF-16's mark.
 * @throws DecodeError
 */
export function decodeText(bytes: Buffer, charset: string): string {
  const encoding = encodingOf(bytes, charset);
  if (encoding === "windows-1252") return decodeWindows1252(bytes);
  if (encoding !== "utf-8") {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new DecodeError("invalid-bytes", `the body is not valid ${encoding}`, { cause });
    }
  }
  if (!isUtf8(bytes)) throw new DecodeError("invalid-bytes", "the body is not valid UTF-8");
  const text = bytes.toString("utf8");
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Decodes pieces of a text, such as the escaped bytes of a form. Invalid bytes become U+FFFD. */
export function pieceDecoder(encoding: string): (bytes: Buffer) => string {
  if (encoding === "windows-1252") return decodeWindows1252;
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}

/**
 * Returns the encoding of a body, under its name in the Encoding Standard: `windows-1252` for `iso-8859-1`.
 * @throws DecodeError `charset-unsupported`
 */
export function encodingOf(bytes: Buffer, charset: string): string {
  if (charset === "" || charset === "utf-8") return charset === "" ? (utf16ByMark(bytes) ?? "utf-8") : "utf-8";
  let encoding: string;
  try {
    ({ encoding } = new TextDecoder(charset));
  } catch (cause) {
    throw new DecodeError("charset-unsupported", charset, { cause });
  }
  if (!encoding.startsWith("utf-16")) return encoding;
  // `utf-16` does not name a byte order. Forms and JSON begin with an ASCII character, whose zero byte shows the order.
  const isBigEndian = charset === "utf-16" && bytes[0] === 0 && bytes[1] !== 0;
  return utf16ByMark(bytes) ?? (isBigEndian ? "utf-16be" : encoding);
}

function utf16ByMark(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

/** The characters of `windows-1252` at 0x80 to 0x9f. Node 22 decodes these bytes as control characters. */
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replaceAll(/[\u0080-\u009f]/g, (each) => windows1252.charAt(each.charCodeAt(0) - 0x80));
}
