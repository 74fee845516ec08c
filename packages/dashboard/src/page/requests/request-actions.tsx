import type { VNode } from "preact";

import type { Exchange } from "../../api.ts";
import { ActionButton, CopyButton } from "../action-button.tsx";
import { api } from "../api-client.ts";
import { saveFile } from "../clipboard.ts";
import { hashOf } from "../hash-route.ts";
import { goTo } from "../use-route.ts";

export function RequestActions({ exchange: { id, resource } }: { readonly exchange: Exchange }): VNode {
  return (
    <div class="actions">
      <ActionButton
        class="button primary"
        title="Send the same request again (r)"
        run={async () => {
          const sent = await api.replay(id);
          goTo({ view: "requests", id: sent.id });
        }}
      >
        Replay
      </ActionButton>
      <a
        class="button"
        href={hashOf({ view: "simulator", kind: "plain", from: id })}
        title="Change the request before you send it (e)"
      >
        Edit and resend
      </a>
      <CopyButton class="button" text={() => api.curl(id)}>
        Copy as curl
      </CopyButton>
      {resource !== "asset" && (
        <ActionButton
          done="Saved"
          title="Save a node:test file that calls the function with this event"
          run={async () => {
            const { name, text } = await api.test(id);
            saveFile(name, text);
          }}
        >
          Save as test
        </ActionButton>
      )}
    </div>
  );
}
