import type { VNode } from "preact";

import { CopyButton } from "../action-button.tsx";
import { hashOf } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";

/** Where nothing has happened yet: what to do first. */
export function Start(): VNode {
  const project = useSelected((state) => state.project);
  const callable = project?.functions.filter(({ visibility, path }) => visibility === "public" && path !== undefined);
  const path = callable?.[0]?.path ?? "/";
  const command = `curl -i ${project?.url ?? location.origin}${path}`;
  return (
    <div class="start">
      <h2>No requests yet</h2>
      <p>Whatever is asked of this project appears here as it happens. To begin:</p>
      <ol>
        <li>
          <a href={hashOf({ view: "phone" })}>Open the phone</a>, and send a message or call.
        </li>
        <li>
          <a href={hashOf({ view: "simulator" })}>Send a webhook</a> as Twilio would.
        </li>
        <li>
          Or ask from a shell:
          <div class="command">
            <code>{command}</code>
            <CopyButton title="Copy the command" text={() => command} />
          </div>
        </li>
      </ol>
      {project?.publicUrl !== undefined && (
        <p>
          Twilio itself reaches it at <code>{project.publicUrl}</code>
        </p>
      )}
    </div>
  );
}
