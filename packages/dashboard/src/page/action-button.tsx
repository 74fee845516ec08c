import type { ComponentChildren, VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { sentence } from "./api-client.ts";
import { copyText } from "./clipboard.ts";

const confirmedMs = 2000;

interface Props {
  readonly children: ComponentChildren;
  readonly run: () => Promise<unknown>;
  /** Label that is shown for a moment after success. */
  readonly done?: string;
  readonly class?: string;
  readonly title?: string;
  readonly isDisabled?: boolean;
}

/** A button that shows its success or its error at the place where the user clicked. */
export function ActionButton({ children, run, done, class: name = "button", title, isDisabled }: Props): VNode {
  const [state, setState] = useState<"idle" | "busy" | "done">("idle");
  const [failure, setFailure] = useState<string>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isGone = useRef(false);
  useEffect(() => {
    isGone.current = false;
    return () => {
      isGone.current = true;
      clearTimeout(timer.current);
    };
  }, []);
  const press = async (): Promise<void> => {
    clearTimeout(timer.current);
    setState("busy");
    setFailure(undefined);
    try {
      await run();
      if (isGone.current) return;
      setState(done === undefined ? "idle" : "done");
      timer.current = setTimeout(() => setState("idle"), confirmedMs);
    } catch (error) {
      if (isGone.current) return;
      setState("idle");
      setFailure(sentence(error));
    }
  };
  return (
    <span class="action">
      <button
        type="button"
        class={name}
        title={title}
        aria-busy={state === "busy"}
        disabled={isDisabled === true}
        onClick={() => void (state === "busy" || press())}
      >
        {state === "done" ? done : children}
      </button>
      <span class="sr-only" role="status">
        {state === "done" ? done : ""}
      </span>
      {failure !== undefined && (
        <span class="failure" role="alert">
          {failure}
        </span>
      )}
    </span>
  );
}

export function CopyButton({
  text,
  children = "Copy",
  class: name = "button quiet small",
  title,
}: {
  readonly text: () => string | Promise<string>;
  readonly children?: ComponentChildren;
  readonly class?: string;
  readonly title?: string;
}): VNode {
  return (
    <ActionButton
      class={name}
      done="Copied"
      run={async () => copyText(await text())}
      {...(title !== undefined && { title })}
    >
      {children}
    </ActionButton>
  );
}
