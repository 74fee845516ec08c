import type { VNode } from "preact";

import { CopyButton } from "../action-button.tsx";
import { hashOf } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";

/** The empty list: how to send a first request. */
export function Start(): VNode {
  const project = useSelected((state) => state.project);
  const callable = project?.functions.filter(({ visibility, path }) => visibility === "public" && path !== undefined);
  const path = callable?.[0]?.path ?? "/";
  const command = `curl -i ${project?.url ?? location.origin}${path}`;
  return (
    <div class="start">
      <h2>No requests yet</h2>
      <p>Requests appear here live. To send the first one:</p>
      <ol>
        <li>
          <a href={hashOf({ view: "phone" })}>Open the phone</a>, and send a message or make a call.
        </li>
        <li>
          <a href={hashOf({ view: "simulator" })}>Send a webhook</a>, as Twilio would.
        </li>
        <li>
          Or run this in a shell:
          <div class="command">
            <code>{command}</code>
            <CopyButton title="Copy the command" text={() => command} />
          </div>
        </li>
      </ol>
      {project?.publicUrl !== undefined && (
        <p>
          Twilio reaches the project at <code>{project.publicUrl}</code>
        </p>
      )}
    </div>
  );
}
