import { useEffect } from "preact/hooks";

/** Whether the page should handle a key, rather than a text field or the browser. */
function isForPage(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  if (document.querySelector("dialog[open]") !== null) return false;
  const { target } = event;
  return !(target instanceof HTMLElement && (target.matches("input, textarea, select") || target.isContentEditable));
}

/** @param keys actions by the name of their key. The actions call `preventDefault()` themselves if needed. */
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

/** Whether a button or link has the focus. Enter then activates that control. */
export function isOnControl(event: KeyboardEvent): boolean {
  return event.target instanceof HTMLElement && event.target.matches("a, button, summary");
}

/** The keys that send a form, as the keyboard of this machine names them. */
export const sendKeys = /^(?:Mac|iP)/.test(navigator.platform) ? "⌘ Enter" : "Ctrl+Enter";
