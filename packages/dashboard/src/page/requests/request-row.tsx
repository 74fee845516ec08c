import type { VNode } from "preact";

import type { ExchangeSummary } from "../../api.ts";
import { clockText, counted, durationText } from "../figures.ts";
import { StatusBadge } from "../status-badge.tsx";
import { visibleText } from "../visible-text.ts";
import { ProblemBadge } from "./reply-problems.tsx";

interface Props {
  readonly row: ExchangeSummary;
  readonly top: number;
  /** The position among all rows, from 1. */
  readonly position: number;
  readonly count: number;
  readonly isOpen: boolean;
  readonly hasCursor: boolean;
  readonly open: () => void;
}

export function RequestRow({ row, top, position, count, isOpen, hasCursor, open }: Props): VNode {
  return (
    <div
      id={`row-${row.id}`}
      class={`row${hasCursor ? " cursor" : ""}`}
      role="option"
      aria-selected={isOpen}
      aria-posinset={position}
      aria-setsize={count}
      style={{ transform: `translateY(${top}px)` }}
      onClick={open}
    >
      <span class="row-main">
        <span class="method">{visibleText(row.method)}</span>
        <span class="path">{visibleText(row.path)}</span>
        <ProblemBadge problems={row.problems} />
        <StatusBadge status={row.status} />
      </span>
      <span class="row-more">
        <time>{clockText(row.startedAt)}</time>
        <span class="label">{row.label === undefined ? "" : visibleText(row.label)}</span>
        <Marks row={row} />
        <span class="duration">{row.durationMs === undefined ? "" : durationText(row.durationMs)}</span>
      </span>
    </div>
  );
}

/** Marks for anything unusual about a request. */
export function Marks({ row }: { readonly row: ExchangeSummary }): VNode {
  return (
    <>
      {row.origin === "replay" && <span class="mark">replay</span>}
      {row.isCold === true && (
        <span class="mark cold" title="The request waited for its isolate to start, or for the function to load">
          cold
        </span>
      )}
      {row.complaints > 0 && (
        <span class="mark warn" title={`${counted(row.complaints, "line")} logged as a warning or an error`}>
          {counted(row.complaints, "warning")}
        </span>
      )}
      {row.leftovers !== undefined && (
        <span class="mark warn" title={visibleText(row.leftovers)}>
          left running
        </span>
      )}
    </>
  );
}
