/**
 * How a secret may be written in what is asked, answered and logged.
 */

/** Each once; the value itself is the first. */
export function spellingsOf(value: string): string[] {
  const json = inner(JSON.stringify(value));
  const url = escapedUrl(value);
  const form = new URLSearchParams({ "": value }).toString().slice(1);
  const xml = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quotes = [xml.replaceAll('"', "&quot;"), xml.replaceAll("'", "&apos;"), xml.replaceAll("'", "&#39;")];
  const allQuotes = ["&apos;", "&#39;"].map((single) => xml.replaceAll('"', "&quot;").replaceAll("'", single));
  const console = json.replaceAll(String.raw`\"`, '"').replaceAll("'", String.raw`\'`);
  const all = [value, url, form, lowerEscapes(url), lowerEscapes(form), json, inner(JSON.stringify(json)), console];
  return [...new Set([...all, xml, ...quotes, ...allQuotes, ...base64Of(value)])];
}

/**
 * The characters of its base64 that say something of it and of nothing else, with any bytes before and behind: `Basic` of an
 * account and its token is one.
 */
function base64Of(value: string): string[] {
  const found = [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value)]);
    const text = bytes.toString("base64");
    const rest = bytes.length % 3;
    const end = Math.floor(bytes.length / 3) * 4 + rest;
    return text.slice(before === 0 ? 0 : before + 1, end);
  });
  const readable = found.filter((text) => text.length >= shortestBase64);
  return readable.flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** Fewer characters stand somewhere by chance. */
const shortestBase64 = 7;

function inner(quoted: string): string {
  return quoted.slice(1, -1);
}

/** Half a character cannot be escaped. */
function escapedUrl(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

function lowerEscapes(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}
