/**
 * Masks secrets by their names in text that is not parsed. Senders can craft text that is slow to search, so nothing
 * here goes back over text that it has passed.
 */
import { isSecretName } from "@offhook/runtime/internal/redaction";

/** Returns the mask for a secret. */
type MaskFor = (secret: string) => string;

/** Masks query parameters of URLs anywhere in the text: `…?token=…&key=…`. */
export function maskQueries(text: string, maskFor: MaskFor): string {
  if (!text.includes("=")) return text;
  return text.replace(
    /([?&])([^=?&\s"'<>#]{1,100})=([^?&\s"'<>#]+)/g,
    (whole, sign: string, name: string, value: string) =>
      isSecretName(name) ? `${sign}${name}=${encodeURIComponent(maskFor(decoded(value)))}` : whole,
  );
}

/** Masks attributes, and elements that contain nothing but text. */
export function maskXml(text: string, maskFor: MaskFor): string {
  return text
    .replace(/<([\w:.-]+)(?=[\s>])([^<>]*)>([^<]+)(?=<)/g, (whole, name: string, attributes: string, content: string) =>
      isSecretName(name) ? `<${name}${attributes}>${maskFor(content)}` : whole,
    )
    .replace(
      /(?<![\w:.-])([\w:.-]+)(\s{0,10}=\s{0,10})("[^"<]*"|'[^'<]*')/g,
      (whole, name: string, sign: string, quoted: string) =>
        isSecretName(name) ? `${name}${sign}"${maskFor(quoted.slice(1, -1))}"` : whole,
    );
}

/** Masks parts of a multipart form. */
export function maskMultipart(text: string, maskFor: MaskFor): string {
  let isSecret = false;
  return text
    .split(/(?<=\n)(?=--)/)
    .map((part) => {
      const [head = ""] = /^--[^\n]*\n(?:[^\n]+\n)*?\r?\n/.exec(part) ?? [];
      const name = /\bname="([^"]*)"/i.exec(head)?.[1];
      const isEnd = /^--[^\r\n]+--\r?\n?$/.test(part);
      // A part without a head continues the one before.
      if (name !== undefined || isEnd) isSecret = name !== undefined && isSecretName(name);
      return isSecret ? `${head}${maskFor(part.slice(head.length).replace(/\r?\n$/, ""))}\r\n` : part;
    })
    .join("");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
