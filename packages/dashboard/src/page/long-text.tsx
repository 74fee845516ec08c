import type { VNode } from "preact";
import { useState } from "preact/hooks";

import { bytesText } from "./figures.ts";
import { visibleText } from "./visible-text.ts";

const shownAtFirst = 20_000;

/** Shows a text as it is. Of a long text it shows the beginning, until the user chooses to see all of it. */
export function LongText({ text }: { readonly text: string }): VNode {
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > shownAtFirst && !isWhole;
  return (
    <>
      <pre class="raw" tabIndex={0}>
        {visibleText(isLong ? text.slice(0, shownAtFirst) : text)}
      </pre>
      {isLong && (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          Show all {bytesText(text.length)}
        </button>
      )}
    </>
  );
}
