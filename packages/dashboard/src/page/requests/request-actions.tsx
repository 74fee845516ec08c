import type { VNode } from "preact";
import { useState } from "preact/hooks";

import type { Exchange } from "../../api.ts";
import { ActionButton, CopyButton } from "../action-button.tsx";
import { api } from "../api-client.ts";
import { FileLink } from "../file-link.tsx";
import { hashOf } from "../hash-route.ts";
import { goTo } from "../use-route.ts";

export function RequestActions({ exchange }: { readonly exchange: Exchange }): VNode {
  const { id } = exchange;
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
      {exchange.isTestable === true && <SaveTest id={id} />}
    </div>
  );
}

/** Writes a test into the project, and then shows its name. */
function SaveTest({ id }: { readonly id: string }): VNode {
  const [file, setFile] = useState<string>();
  return (
    <>
      <ActionButton
        title="Write a node:test file that calls the function with this event"
        run={async () => setFile((await api.saveTest(id)).file)}
      >
        Save as test
      </ActionButton>
      {file !== undefined && (
        <span role="status">
          Saved: <FileLink file={file} />
        </span>
      )}
    </>
  );
}
