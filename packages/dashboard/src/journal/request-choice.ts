import { OffhookError } from "@offhook/runtime/offhook-error";
import { printable } from "@offhook/runtime/internal/printable";

import type { ExchangeSummary } from "../api.ts";
import type { Journal } from "./journal.ts";

/**
 * Finds a request by `last`, by its id, or by the end of its id, as the log of `offhook dev` shows it. The newest match
 * wins.
 * @throws OffhookError `request-unknown`.
 */
export function chooseRequest(journal: Journal, named: string): ExchangeSummary {
  const { exchanges } = journal.page(Infinity);
  const found = named === "last" ? exchanges[0] : exchanges.find(({ id }) => id === named || isEndOf(named, id));
  if (found === undefined) throw new OffhookError("request-unknown", printable(named));
  return found;
}

function isEndOf(named: string, id: string): boolean {
  return named.length >= 4 && /^[0-9a-f]+$/i.test(named) && id.endsWith(named.toLowerCase());
}
