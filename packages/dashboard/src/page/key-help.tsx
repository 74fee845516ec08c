import type { VNode } from "preact";
import { useRef } from "preact/hooks";

import { useKeys } from "./keyboard.ts";

const keys: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["j", "↓"], "Next request"],
  [["k", "↑"], "Previous request"],
  [["Enter"], "Open it"],
  [["r"], "Replay it"],
  [["e"], "Edit it, and send it again"],
  [["/"], "Filter the list"],
  [["p"], "Hold the list still, or let it run"],
  [["Esc"], "Back to the list"],
  [["?"], "These keys"],
];

export function KeyHelp(): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  useKeys({ "?": () => dialog.current?.showModal() });
  return (
    <>
      <button
        type="button"
        class="button quiet small keys"
        aria-label="Keys"
        title="Keys (?)"
        onClick={() => dialog.current?.showModal()}
      >
        ?
      </button>
      <dialog
        ref={dialog}
        aria-labelledby="keys-title"
        onClick={({ target }) => {
          // Beside what is in it, one meant to close it.
          if (target === dialog.current) dialog.current?.close();
        }}
      >
        <div class="dialog-inside">
          <h2 id="keys-title">Keys</h2>
          <dl>
            {keys.map(([names, meaning]) => (
              <div key={meaning}>
                <dt>
                  {names.map((name) => (
                    <kbd key={name}>{name}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
        </div>
      </dialog>
    </>
  );
}
