import type { VNode } from "preact";

import type { SourceExcerpt } from "../../api.ts";
import { FileLink } from "../file-link.tsx";
import { visibleText } from "../visible-text.ts";

/** The lines of code around the failing one. */
export function SourceLines({ source: { file, line, lines } }: { readonly source: SourceExcerpt }): VNode {
  return (
    <figure class="source">
      <figcaption>
        <FileLink file={file} line={line} />
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={`Source of ${file}`}>
        {lines.map(({ number, text, isFailing }) => (
          <span key={number} class={isFailing ? "failing" : undefined}>
            <span class="line-number">{number}</span>
            {`${visibleText(text)}\n`}
          </span>
        ))}
      </pre>
    </figure>
  );
}
