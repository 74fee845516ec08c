/**
 * Secrets by their names, in text that is not parsed. Whoever sends it may have made it to be slow to search: nothing here goes back
 * over what it has passed.
 */
import { isSecretName } from "@offhook/runtime/internal/redaction";

/** In addresses, wherever they stand: `…?token=…&key=…`. */
export function maskQueries(text: string, mask: string): string {
  if (!text.includes("=")) return text;
  return text.replace(/([?&])([^=?&\s"'<>#]{1,100})=([^?&\s"'<>#]+)/g, (whole, sign: string, name: string) =>
    isSecretName(name) ? `${sign}${name}=${encodeURIComponent(mask)}` : whole,
  );
}

/** Elements that hold nothing but text, and attributes. */
export function maskXml(text: string, mask: string): string {
  return text
    .replace(/<([\w:.-]+)(?=[\s>])([^<>]*)>([^<]+)(?=<)/g, (whole, name: string, attributes: string) =>
      isSecretName(name) ? `<${name}${attributes}>${mask}` : whole,
    )
    .replace(/(?<![\w:.-])([\w:.-]+)(\s{0,10}=\s{0,10})("[^"<]*"|'[^'<]*')/g, (whole, name: string, sign: string) =>
      isSecretName(name) ? `${name}${sign}"${mask}"` : whole,
    );
}

/** A form's parts. */
export function maskMultipart(text: string, mask: string): string {
  let isSecret = false;
  return text
    .split(/(?<=\n)(?=--)/)
    .map((part) => {
      const [head = ""] = /^--[^\n]*\n(?:[^\n]+\n)*?\r?\n/.exec(part) ?? [];
      const name = /\bname="([^"]*)"/i.exec(head)?.[1];
      const isEnd = /^--[^\r\n]+--\r?\n?$/.test(part);
      // What has no head of its own is more of the part before.
      if (name !== undefined || isEnd) isSecret = name !== undefined && isSecretName(name);
      return isSecret ? `${head}${mask}\r\n` : part;
    })
    .join("");
}
