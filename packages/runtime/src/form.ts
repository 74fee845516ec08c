/**
 * What a form, or a query, says. The worker makes `event` of it, the gateway checks signatures over it: read in one
 * place, so that what was signed is what the function sees. A leaf.
 */
import { Buffer } from "node:buffer";
import { parse, type ParsedUrlQuery } from "node:querystring";

/** Bracket keys stay literal, repeated keys become arrays (contract rows 85–90). */
export function parseForm(text: string): ParsedUrlQuery {
  return text.includes("%") ? parse(text, "&", "=", decoding) : parse(text, "&", "=", plain);
}

const plain = { maxKeys: 0 };
const decoding = { maxKeys: 0, decodeURIComponent: decode };

/**
 * As the URL Standard has it: what is no escape stays as it is. Node's own way with `100% sûr` is to take the low
 * eight bits of each character for a byte.
 */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
      Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
    );
  }
}
