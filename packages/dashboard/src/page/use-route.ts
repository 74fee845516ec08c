import { useEffect, useState } from "preact/hooks";

import { hashOf, readRoute, type Route } from "./hash-route.ts";

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const read = (): void => setHash(location.hash);
    addEventListener("hashchange", read);
    read();
    return () => removeEventListener("hashchange", read);
  }, []);
  return readRoute(hash);
}

/** @param isReplaced replaces the URL, for moves that Back should skip, such as from row to row. */
export function goTo(route: Route, isReplaced = false): void {
  const hash = hashOf(route);
  if (isReplaced) location.replace(hash);
  else location.hash = hash;
}

/** The URL follows this long after the last change, because browsers limit how often a page may change it. */
const delayMs = 250;

let timer: ReturnType<typeof setTimeout> | undefined;

/**
 * Writes into the URL what the page shows already. Back skips it, and nothing is drawn again.
 * @param change of the place where the user is by then.
 */
export function keepInUrl(change: (route: Route) => Route): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const route = readRoute(location.hash);
    const hash = hashOf(change(route));
    if (hash !== hashOf(route)) history.replaceState(history.state, "", hash);
  }, delayMs);
}
