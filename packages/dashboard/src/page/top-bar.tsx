import type { VNode } from "preact";

import { CopyButton } from "./action-button.tsx";
import { hashOf, type ViewName } from "./hash-route.ts";
import { HelpDialog } from "./help-dialog.tsx";
import { useSelected } from "./live-page.ts";
import type { PageState } from "./page-state.ts";
import { visibleText } from "./visible-text.ts";

const tabs: readonly (readonly [ViewName, string])[] = [
  ["requests", "Requests"],
  ["simulator", "Simulator"],
  ["phone", "Phone"],
  ["project", "Project"],
];

const states: Readonly<Record<PageState["connection"], readonly [word: string, sentence: string]>> = {
  connecting: ["Connecting", "Waiting for the server."],
  live: ["Live", "Requests appear as they happen."],
  refused: ["No access", "This tab has no access to the dashboard. Press o in the terminal of offhook dev."],
  lost: ["Disconnected", "offhook dev does not respond. This page keeps trying."],
};

export function TopBar({ view }: { readonly view: ViewName }): VNode {
  const project = useSelected((state) => state.project);
  const url = project?.publicUrl ?? project?.url;
  return (
    <header class="top">
      <h1>
        <img src="/page/logo.svg" alt="" width="24" height="24" />
        <span class="product">Offhook</span>
        {project !== undefined && (
          <>
            <span class="version muted">{project.version}</span>
            <span class="name" title={visibleText(project.name)}>
              {visibleText(project.name)}
            </span>
          </>
        )}
      </h1>
      <nav aria-label="Views">
        {tabs.map(([each, text]) => (
          <a key={each} href={hashOf({ view: each })} aria-current={each === view ? "page" : undefined}>
            {text}
          </a>
        ))}
      </nav>
      <span class="grow" />
      {url !== undefined && (
        <span class="address">
          <code>{url}</code>
          <CopyButton title="Copy the URL" text={() => url} />
        </span>
      )}
      <Connection />
      <HelpDialog />
    </header>
  );
}

function Connection(): VNode {
  const connection = useSelected((state) => state.connection);
  const [word, sentence] = states[connection];
  return (
    <span class={`connection ${connection}`} role="status" title={sentence}>
      {word}
    </span>
  );
}
