import type { VNode } from "preact";
import { useRef } from "preact/hooks";

import { useKeys } from "./keyboard.ts";

const keys: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [["j", "↓"], "Next request"],
  [["k", "↑"], "Previous request"],
  [["Enter"], "Open the request"],
  [["r"], "Replay the request"],
  [["e"], "Edit and resend the request"],
  [["/"], "Filter the list"],
  [["p"], "Pause or resume the list"],
  [["Esc"], "Back to the list"],
  [["?"], "Show this help"],
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
          // A click outside the dialog's content closes it.
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
