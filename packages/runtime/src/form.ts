/**
 * What a form or a query says. The worker makes `event` of it, the gateway checks signatures over it: both read it here,
 * so that the function sees what was signed.
 */
import type { ParsedUrlQuery } from "node:querystring";
import { decodeText, encodingOf, pieceDecoder } from "./body-text.ts";

const { Buffer } = process.getBuiltinModule("node:buffer");
const { parse } = process.getBuiltinModule("node:querystring");

/** Bracket keys stay literal, repeated keys become arrays (contract rows 85–90). */
export function parseForm(text: string): ParsedUrlQuery {
  return text.includes("%") ? parse(text, "&", "=", decoding) : parse(text, "&", "=", plain);
}

/**
 * The parameters of a form that came as a body. Escaped bytes are in the charset of the body too.
 * @throws DecodeError
 */
export function parseFormBody(body: Buffer, charset: string): ParsedUrlQuery {
  const text = decodeText(body, charset);
  const encoding = encodingOf(body, charset);
  // With escape sequences, the bytes of `&` and `=` can be half of a Japanese character.
  const isSwitching = encoding === "iso-2022-jp" && body.includes(0x1b);
  if (encoding.startsWith("utf-") || isSwitching) return parseForm(text);
  // Every other encoding has `&`, `=`, `+` and `%` where ASCII has them, and nothing else there. So the bytes are split
  // first: `%83A` is one character of Shift_JIS.
  const decodePiece = pieceDecoder(encoding);
  return parse(body.toString("latin1"), "&", "=", {
    maxKeys: 0,
    decodeURIComponent: (piece) => decodePiece(unescapeBytes(piece)),
  });
}

const plain = { maxKeys: 0 };
const decoding = { maxKeys: 0, decodeURIComponent: decode };

/**
 * As the URL Standard has it: what is not a valid escape stays as it is. For `100% sûr`, Node's own decoder takes the low
 * eight bits of each character for a byte.
 */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(escapes, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
  }
}

const escapes = /(?:%[0-9a-f]{2})+/gi;

/** @param text a character for each byte. */
function unescapeBytes(text: string): Buffer {
  const bytes = text.replace(escapes, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("latin1"));
  return Buffer.from(bytes, "latin1");
}
