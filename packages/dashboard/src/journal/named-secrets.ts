/**
 * Masks secrets by their names in text that is not parsed. Senders can craft text that is slow to search, so nothing
 * here goes back over text that it has passed.
 */
import { isSecretName } from "@offhook/runtime/internal/redaction";

/** Masks query parameters of URLs anywhere in the text: `…?token=…&key=…`. */
export function maskQueries(text: string, mask: string): string {
  if (!text.includes("=")) return text;
  return text.replace(/([?&])([^=?&\s"'<>#]{1,100})=([^?&\s"'<>#]+)/g, (whole, sign: string, name: string) =>
    isSecretName(name) ? `${sign}${name}=${encodeURIComponent(mask)}` : whole,
  );
}

/** Masks attributes, and elements that contain nothing but text. */
export function maskXml(text: string, mask: string): string {
  return text
    .replace(/<([\w:.-]+)(?=[\s>])([^<>]*)>([^<]+)(?=<)/g, (whole, name: string, attributes: string) =>
      isSecretName(name) ? `<${name}${attributes}>${mask}` : whole,
    )
    .replace(/(?<![\w:.-])([\w:.-]+)(\s{0,10}=\s{0,10})("[^"<]*"|'[^'<]*')/g, (whole, name: string, sign: string) =>
      isSecretName(name) ? `${name}${sign}"${mask}"` : whole,
    );
}

/** Masks parts of a multipart form. */
export function maskMultipart(text: string, mask: string): string {
  let isSecret = false;
  return text
    .split(/(?<=\n)(?=--)/)
    .map((part) => {
      const [head = ""] = /^--[^\n]*\n(?:[^\n]+\n)*?\r?\n/.exec(part) ?? [];
      const name = /\bname="([^"]*)"/i.exec(head)?.[1];
      const isEnd = /^--[^\r\n]+--\r?\n?$/.test(part);
      // A part without a head continues the one before.
      if (name !== undefined || isEnd) isSecret = name !== undefined && isSecretName(name);
      return isSecret ? `${head}${mask}\r\n` : part;
    })
    .join("");
}
