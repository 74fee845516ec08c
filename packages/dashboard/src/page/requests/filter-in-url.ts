import { useEffect, useLayoutEffect } from "preact/hooks";

import { hashOf } from "../hash-route.ts";
import { dispatch, useSelected } from "../live-page.ts";
import { keepInUrl } from "../use-route.ts";
import type { RowFilter } from "./row-filter.ts";

/**
 * Keeps the filter in the URL, so that it survives a reload and can be linked to.
 * @param linked the filter in the URL that the user opened. Undefined if it has none: then the filter stays as it is.
 * @param id of the open request. Links to requests have no filter.
 */
export function useFilterInUrl(linked: RowFilter | undefined, id: string | undefined, isShown: boolean): RowFilter {
  const filter = useSelected((state) => state.filter);
  const linkedHash = hashOf({ view: "requests", ...(linked && { filter: linked }) });
  useLayoutEffect(() => {
    if (linked !== undefined) dispatch({ type: "filter", filter: linked });
  }, [linkedHash]);
  useEffect(() => {
    if (isShown) keepInUrl((route) => (route.view === "requests" ? { ...route, filter } : route));
  }, [filter, id, isShown]);
  return filter;
}
