/**
 * Parses forms and queries. The worker makes `event` from them, and the gateway checks signatures over them. Both use
 * this parser, so that the function sees exactly the signed parameters.
 */
import type { ParsedUrlQuery } from "node:querystring";
import { decodeText, encodingOf, pieceDecoder } from "./body-text.ts";

const { Buffer } = process.getBuiltinModule("node:buffer");
const { parse } = process.getBuiltinModule("node:querystring");

/** Keys with brackets stay literal. Repeated keys become arrays (contract rows 85–90). */
export function parseForm(text: string): ParsedUrlQuery {
  return text.includes("%") ? parse(text, "&", "=", decoding) : parse(text, "&", "=", plain);
}

/**
 * Returns the parameters of a form in a body. Its escaped bytes are in the charset of the body too.
 * @throws DecodeError
 */
export function parseFormBody(body: Buffer, charset: string): ParsedUrlQuery {
  const text = decodeText(body, charset);
  const encoding = encodingOf(body, charset);
  // With escape sequences, the bytes of `&` and `=` can be half of a Japanese character.
  const isSwitching = encoding === "iso-2022-jp" && body.includes(0x1b);
  if (encoding.startsWith("utf-") || isSwitching) return parseForm(text);
  // All other encodings use the bytes of ASCII's `&`, `=`, `+` and `%` only for these characters. So the bytes are
  // split before they are decoded: `%83A` is one character of Shift_JIS.
  const decodePiece = pieceDecoder(encoding);
  return parse(body.toString("latin1"), "&", "=", {
    maxKeys: 0,
    decodeURIComponent: (piece) => decodePiece(unescapeBytes(piece)),
  });
}

const plain = { maxKeys: 0 };
const decoding = { maxKeys: 0, decodeURIComponent: decode };

/**
 * Follows the URL Standard: an invalid escape stays unchanged. For `100% sûr`, Node's own decoder would use the low
 * eight bits of each character as a byte.
 */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(escapes, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
  }
}

const escapes = /(?:%[0-9a-f]{2})+/gi;

/** @param text one character for each byte. */
function unescapeBytes(text: string): Buffer {
  const bytes = text.replace(escapes, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("latin1"));
  return Buffer.from(bytes, "latin1");
}
