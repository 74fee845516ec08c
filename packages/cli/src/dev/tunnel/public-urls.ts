/**
 * The URLs to enter at Twilio: the public URL of each function that can be called.
 */
import type { Service } from "@offhook/runtime/service";

import { createPalette } from "../../screen/palette.ts";
import { functionList } from "../function-list.ts";

/** Coloured text would be escaped in the log. */
const palette = createPalette(false);

/**
 * Several lines. The first is the address itself.
 * @param maxRows the rows of the terminal, if it has any.
 */
export function publicUrls(publicUrl: string, { functions }: Pick<Service, "functions">, maxRows?: number): string {
  const list = functionList(functions, publicUrl, { palette, maxRows, hasPrivate: false });
  return [`Public: ${publicUrl}`, ...list].join("\n");
}
