import type { RefObject, VNode } from "preact";

import { ActionButton } from "../action-button.tsx";
import { api } from "../api-client.ts";
import { saveFile } from "../clipboard.ts";
import { counted } from "../figures.ts";
import { dispatch, useSelected } from "../live-page.ts";
import { clearRequests } from "./clearing.ts";
import { isBackground, isFiltering, noFilter, type RowFilter } from "./row-filter.ts";

const statusTitles: readonly (readonly [RowFilter["status"], string])[] = [
  ["all", "Any status"],
  ["good", "2xx OK"],
  ["redirect", "3xx redirect"],
  ["refused", "4xx refused"],
  ["failed", "5xx failed"],
  ["troubled", "Something wrong"],
  ["running", "Running"],
];

interface FilterBarProps {
  readonly search: RefObject<HTMLInputElement | null>;
  /** How many rows match. */
  readonly shown: number;
  /** How many rows there are, without those that are hidden in the background. */
  readonly count: number;
}

export function FilterBar({ search, shown, count }: FilterBarProps): VNode {
  const filter = useSelected((state) => state.filter);
  const functions = useSelected((state) => state.project?.functions);
  const paths = (functions ?? []).flatMap(({ path }) => (path === undefined ? [] : [path]));
  return (
    <div class="filters" role="search">
      <input
        ref={search}
        type="search"
        placeholder={'Filter: words, or "exact words"'}
        title="Finds words by their beginning. Quotes find exact words. (/)"
        aria-label="Filter requests by words"
        value={filter.text}
        onInput={({ currentTarget }) => setFilter({ text: currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== "Escape" && event.key !== "Enter") return;
          if (event.key === "Escape") setFilter({ text: "" });
          event.preventDefault();
          event.currentTarget.blur();
        }}
      />
      <select
        aria-label="Status"
        value={filter.status}
        onChange={({ currentTarget }) => setFilter({ status: currentTarget.value as RowFilter["status"] })}
      >
        {statusTitles.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
      <select
        aria-label="Function"
        value={filter.path}
        onChange={({ currentTarget }) => setFilter({ path: currentTarget.value })}
      >
        <option value="">Any function</option>
        {paths.map((path) => (
          <option key={path} value={path}>
            {path}
          </option>
        ))}
        {filter.path !== "" && !paths.includes(filter.path) && <option value={filter.path}>{filter.path}</option>}
      </select>
      <ListBar filter={filter} shown={shown} count={count} />
    </div>
  );
}

interface ListBarProps extends Pick<FilterBarProps, "shown" | "count"> {
  readonly filter: RowFilter;
}

/** How many requests are in the list, and what can be done with all of them. */
function ListBar({ filter, shown, count }: ListBarProps): VNode {
  const rows = useSelected((state) => state.rows);
  const background = filter.hasAssets ? rows.filter(isBackground).length : rows.length - count;
  const hasOlder = useSelected((state) => state.before !== undefined);
  const held = useSelected((state) => state.held.length);
  const isPaused = useSelected((state) => state.isPaused);
  return (
    <div class="list-bar">
      <span class="muted" role="status">
        {isFiltering(filter)
          ? `${shown.toLocaleString("en")} of ${counted(count, "request")}`
          : `${counted(count, "request")}${hasOlder ? ", and older" : ""}`}
      </span>
      {isFiltering(filter) && (
        <button
          type="button"
          class="button quiet small"
          onClick={() => setFilter({ ...noFilter, hasAssets: filter.hasAssets })}
        >
          Show all
        </button>
      )}
      {background > 0 && (
        <button
          type="button"
          class="button quiet small"
          aria-pressed={filter.hasAssets}
          title="Assets and automatic requests of browsers, such as /favicon.ico"
          onClick={() => setFilter({ hasAssets: !filter.hasAssets })}
        >
          {filter.hasAssets ? "Hide" : "Show"} {counted(background, "asset")}
        </button>
      )}
      <span class="grow" />
      <button
        type="button"
        class="button quiet small"
        aria-pressed={isPaused}
        onClick={() => dispatch({ type: isPaused ? "resume" : "pause" })}
      >
        {isPaused ? `Resume${held > 0 ? `: ${held.toLocaleString("en")} new` : ""}` : "Pause"}
      </button>
      <button
        type="button"
        class="button quiet small"
        title="Delete all requests"
        disabled={rows.length === 0}
        onClick={clearRequests}
      >
        Clear
      </button>
      <ActionButton
        class="button quiet small"
        title="Save all requests as a HAR file, which browsers and proxies can open"
        done="Saved"
        isDisabled={rows.length === 0}
        run={async () => {
          const { name, text } = await api.har();
          saveFile(name, text);
        }}
      >
        HAR
      </ActionButton>
    </div>
  );
}

function setFilter(change: Partial<RowFilter>): void {
  dispatch({ type: "filter", filter: change });
}
