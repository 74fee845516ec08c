import type { VNode } from "preact";

import type { Phase } from "../../api.ts";
import { durationText } from "../figures.ts";

const meanings: Readonly<Record<Phase["name"], string>> = {
  receive: "the request was read",
  queue: "it waited for an isolate",
  start: "an isolate was started",
  load: "the function was loaded",
  run: "the function ran",
  write: "the reply was written",
  settle: "leftovers were ended",
};

/** One bar per phase, all on the same scale. */
export function PhaseChart({ phases }: { readonly phases: readonly Phase[] }): VNode {
  const whole = Math.max(...phases.map(({ atMs, tookMs }) => atMs + tookMs), 0.001);
  const percent = (ms: number): string => `${Math.min(100, (Math.max(0, ms) / whole) * 100)}%`;
  return (
    <table class="phases">
      <tbody>
        {phases.map(({ name, atMs, tookMs }, index) => (
          <tr key={index} title={meanings[name]}>
            <th scope="row">
              {name} <span class="sr-only">({meanings[name]})</span>
            </th>
            <td class="bar-place" aria-hidden="true">
              <span
                class={name === "run" ? "bar own" : "bar"}
                style={{ marginLeft: percent(atMs), width: percent(tookMs) }}
              />
            </td>
            <td class="figure">{durationText(tookMs)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
