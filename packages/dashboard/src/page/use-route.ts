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
