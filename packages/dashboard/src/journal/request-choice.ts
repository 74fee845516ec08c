import { OffhookError } from "@offhook/runtime/offhook-error";
import { printable } from "@offhook/runtime/internal/printable";

import type { ExchangeSummary } from "../api.ts";
import type { Journal } from "./journal.ts";

/**
 * Finds a request by `last`, by its id, or by the end of its id, as the log of `offhook dev` shows it. The newest match
 * wins.
 * @param isCandidate whether a request can be the last one.
 * @throws OffhookError `request-unknown`.
 */
export function chooseRequest(
  journal: Journal,
  named: string,
  isCandidate: (row: ExchangeSummary) => boolean = () => true,
): ExchangeSummary {
  const { exchanges } = journal.page(Infinity);
  const found =
    named === "last" ? exchanges.find(isCandidate) : exchanges.find(({ id }) => id === named || isEndOf(named, id));
  if (found === undefined) throw new OffhookError("request-unknown", printable(named));
  return found;
}

/** Whether a replay of the last request can mean this one: not an asset, and not an automatic request of a browser. */
export function isWorthRepeating({ resource, isAutomatic }: ExchangeSummary): boolean {
  return resource !== "asset" && isAutomatic !== true;
}

function isEndOf(named: string, id: string): boolean {
  return named.length >= 4 && /^[0-9a-f]+$/i.test(named) && id.endsWith(named.toLowerCase());
}
