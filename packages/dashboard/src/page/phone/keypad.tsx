import type { VNode } from "preact";
import { useEffect } from "preact/hooks";

const keys = [
  ["1", ""],
  ["2", "ABC"],
  ["3", "DEF"],
  ["4", "GHI"],
  ["5", "JKL"],
  ["6", "MNO"],
  ["7", "PQRS"],
  ["8", "TUV"],
  ["9", "WXYZ"],
  ["*", ""],
  ["0", ""],
  ["#", ""],
] as const;

const names: Readonly<Record<string, string>> = { "*": "Star", "#": "Pound" };

/** Twelve keys. The keyboard works too, except while the user types in a field. */
export function Keypad({ onKey }: { readonly onKey: (key: string) => void }): VNode {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null) return;
      if (!/^[0-9*#]$/.test(key)) return;
      event.preventDefault();
      onKey(key);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [onKey]);
  return (
    <div class="phone-keypad" role="group" aria-label="Keypad">
      {keys.map(([key, letters]) => (
        <button key={key} type="button" aria-label={names[key] ?? key} onClick={() => onKey(key)}>
          <span>{key}</span>
          <small aria-hidden="true">{letters}</small>
        </button>
      ))}
    </div>
  );
}
