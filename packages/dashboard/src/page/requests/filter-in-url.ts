import { useEffect, useLayoutEffect } from "preact/hooks";

import { hashOf, readRoute } from "../hash-route.ts";
import { dispatch, useSelected } from "../live-page.ts";
import type { RowFilter } from "./row-filter.ts";

/** The URL follows this long after the last change, because browsers limit how often a page may change it. */
const delayMs = 250;

/**
 * Keeps the filter in the URL, so that it survives a reload and can be linked to.
 * @param linked the filter in the URL that the user opened. Undefined if it has none: then the filter stays as it is.
 */
export function useFilterInUrl(linked: RowFilter | undefined, isShown: boolean): RowFilter {
  const filter = useSelected((state) => state.filter);
  const linkedHash = hashOf({ view: "requests", ...(linked && { filter: linked }) });
  useLayoutEffect(() => {
    if (linked !== undefined) dispatch({ type: "filter", filter: linked });
  }, [linkedHash]);
  useEffect(() => {
    if (!isShown) return undefined;
    const timer = setTimeout(() => {
      const route = readRoute(location.hash);
      if (route.view !== "requests") return;
      const hash = hashOf({ ...route, filter });
      // Without a new entry in the browser's history: Back leaves the list and does not step through filters.
      if (hash !== hashOf(route)) history.replaceState(history.state, "", hash);
    }, delayMs);
    return () => clearTimeout(timer);
  });
  return filter;
}
