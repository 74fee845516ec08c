/**
 * The URLs to enter at Twilio: the public URL of each function that can be called.
 */
import type { Service } from "@offhook/runtime/service";

import { addressOf } from "../../banner.ts";

/** A longer list would push everything else off the screen. */
const maxListed = 12;

/** Several lines. The first is the address itself. */
export function publicUrls(publicUrl: string, { functions }: Pick<Service, "functions">): string {
  const callable = functions.filter(({ visibility }) => visibility !== "private");
  const listed = callable.slice(0, maxListed).map((one) => {
    return `  ${addressOf(one, publicUrl)}${one.visibility === "protected" ? "  (protected)" : ""}`;
  });
  const rest = callable.length - listed.length;
  return [`Public: ${publicUrl}`, ...listed, ...(rest > 0 ? [`  … and ${rest} more`] : [])].join("\n");
}
