import { useEffect } from "preact/hooks";

/** Whether a key is meant for the page, and not for what one writes in, or the browser. */
function isForPage(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (document.querySelector("dialog[open]") !== null) return false;
  const { target } = event;
  return !(target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable));
}

/** @param keys by name; what they do. Those that are used are not the browser's. */
export function useKeys(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>, isActive = true): void {
  useEffect(() => {
    if (!isActive) return undefined;
    const press = (event: KeyboardEvent): void => {
      if (!isForPage(event)) return;
      const run = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
      run?.(event);
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  });
}

/** Whether a button or link has the focus: Enter is its own then. */
export function isOnControl(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.matches("a, button, summary");
}
