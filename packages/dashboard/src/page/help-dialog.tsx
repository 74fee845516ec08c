import type { ComponentChildren, VNode } from "preact";
import { useRef } from "preact/hooks";

import { docsUrl, repositoryUrl } from "./docs-links.ts";
import { useKeys } from "./keyboard.ts";
import { useSelected } from "./live-page.ts";
import { OutsideLink } from "./outside-link.tsx";

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

const filters: readonly (readonly [text: string, meaning: string])[] = [
  ["pizza sms", "Both words, in any order. A word is found where a word starts."],
  ['"digits 2"', "Exactly these words."],
];

const links: readonly (readonly [title: string, href: string])[] = [
  ["The dashboard", docsUrl("guide/dashboard.md")],
  ["Error codes", docsUrl("reference/errors.md")],
  ["All documentation", `${repositoryUrl}#readme`],
  ["Report a problem", `${repositoryUrl}/issues`],
];

/** The button `?` and what it opens: keys, the language of the filter, links to the documentation. */
export function HelpDialog(): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const version = useSelected(({ project }) => project?.version);
  useKeys({ "?": () => dialog.current?.showModal() });
  return (
    <>
      <button
        type="button"
        class="button quiet small help"
        aria-label="Help"
        title="Help (?)"
        onClick={() => dialog.current?.showModal()}
      >
        ?
      </button>
      <dialog
        ref={dialog}
        aria-labelledby="help-title"
        onClick={({ target }) => {
          // A click outside the dialog's content closes it.
          if (target === dialog.current) dialog.current?.close();
        }}
      >
        <div class="dialog-inside">
          <h2 id="help-title">Help</h2>
          <section class="help-keys">
            <h3>Keys</h3>
            <Meanings
              rows={keys.map(([names, meaning]) => [names.map((name) => <kbd key={name}>{name}</kbd>), meaning])}
            />
          </section>
          <section>
            <h3>Filter</h3>
            <Meanings rows={filters.map(([text, meaning]) => [<code key={text}>{text}</code>, meaning])} />
          </section>
          <section>
            <h3>Documentation</h3>
            <ul class="plain">
              {links.map(([title, href]) => (
                <li key={href}>
                  <OutsideLink href={href}>{title}</OutsideLink>
                </li>
              ))}
            </ul>
          </section>
          <p class="dialog-end">
            <span class="muted">Offhook {version}</span>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              Close
            </button>
          </p>
        </div>
      </dialog>
    </>
  );
}

function Meanings({ rows }: { readonly rows: readonly (readonly [name: ComponentChildren, string])[] }): VNode {
  return (
    <dl>
      {rows.map(([name, meaning]) => (
        <div key={meaning}>
          <dt>{name}</dt>
          <dd>{meaning}</dd>
        </div>
      ))}
    </dl>
  );
}
