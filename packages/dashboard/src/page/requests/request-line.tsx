import type { VNode } from "preact";

import { durationText } from "../figures.ts";
import { hashOf } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";
import { StatusBadge } from "../status-badge.tsx";
import { visibleText } from "../visible-text.ts";
import { ProblemBadge } from "./reply-problems.tsx";
import { Marks } from "./request-row.tsx";

/** A one-line link to a request. It shows only the id if the row is not loaded. */
export function RequestLine({ id }: { readonly id: string }): VNode {
  const row = useSelected((state) => state.rows.find((each) => each.id === id));
  return (
    <a class="request-line" href={hashOf({ view: "requests", id })}>
      {row === undefined ? (
        <span class="path">{visibleText(id)}</span>
      ) : (
        <>
          <span class="method">{visibleText(row.method)}</span>
          <span class="path">{visibleText(row.path)}</span>
          <Marks row={row} />
          <ProblemBadge problems={row.problems} />
          <StatusBadge status={row.status} />
          <span class="duration muted">{row.durationMs === undefined ? "" : durationText(row.durationMs)}</span>
        </>
      )}
    </a>
  );
}
