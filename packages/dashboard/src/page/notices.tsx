import type { VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { counted } from "./figures.ts";
import { dispatch, useSelected } from "./live-page.ts";
import { deleteCleared, undoClear } from "./requests/clearing.ts";
import { visibleText } from "./visible-text.ts";

/**
 * Messages that concern no single request, until the user dismisses them, and the state of the connection if it is not
 * live.
 */
export function Notices(): VNode {
  const notices = useSelected((state) => state.notices);
  const connection = useSelected((state) => state.connection);
  return (
    <div class="notices" aria-live="polite">
      {connection === "refused" && (
        <p class="notice warn">
          <b>This tab has no access.</b> Press <kbd>o</kbd> in the terminal where <code>offhook dev</code> runs, or open
          the link that it prints when it starts.
        </p>
      )}
      {connection === "lost" && (
        <p class="notice warn">
          <b>The server is not running.</b> Start <code>offhook dev</code> again. This page then reconnects.
        </p>
      )}
      <Cleared />
      {notices.map(({ id, level, text }) => (
        <p key={id} class={`notice ${level}`}>
          <span>
            {level === "error" && <b>Error: </b>}
            {level === "warn" && <b>Warning: </b>}
            {visibleText(text)}
          </span>
          <button type="button" class="button quiet small" onClick={() => dispatch({ type: "dismiss", id })}>
            Dismiss
          </button>
        </p>
      ))}
    </div>
  );
}

/** While requests are cleared, but not deleted yet. */
function Cleared(): VNode | null {
  const count = useSelected(({ cleared }) => cleared?.rows.length);
  const undo = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // The button that cleared the list had the focus, and has disappeared.
    if (document.activeElement === document.body) undo.current?.focus();
  }, [count]);
  if (count === undefined) return null;
  return (
    <p class="notice">
      <span>{counted(count, "request")} cleared.</span>
      <span>
        <button ref={undo} type="button" class="button small" onClick={undoClear}>
          Undo
        </button>{" "}
        <button type="button" class="button quiet small" onClick={() => void deleteCleared()}>
          Dismiss
        </button>
      </span>
    </p>
  );
}
