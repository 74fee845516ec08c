import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { NamedRequest } from "../../api.ts";
import { ActionButton } from "../action-button.tsx";
import { api } from "../api-client.ts";
import { showError } from "../live-page.ts";
import { visibleText } from "../visible-text.ts";
import type { Draft } from "./draft.ts";
import { savedRequestOf } from "./saved-draft.ts";

/** The requests that are saved in the project. */
export interface SavedList {
  readonly requests: readonly NamedRequest[];
  readonly save: (name: string, draft: Draft) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
}

/** @param project the id of the project. */
export function useSavedRequests(project: string): SavedList {
  const [requests, setRequests] = useState<readonly NamedRequest[]>([]);
  useEffect(() => void api.savedRequests().then(setRequests, showError), [project]);
  return {
    requests,
    save: async (name, draft) => setRequests(await api.saveRequest({ name, ...savedRequestOf(draft) })),
    remove: async (name) => setRequests(await api.deleteSavedRequest(name)),
  };
}

interface SavedRequestsProps {
  readonly list: SavedList;
  readonly choose: (request: NamedRequest) => void;
}

export function SavedRequests({ list: { requests, remove }, choose }: SavedRequestsProps): VNode | null {
  if (requests.length === 0) return null;
  return (
    <div class="saved" role="group" aria-label="Saved requests">
      <span class="muted">Saved:</span>
      {requests.map((request) => (
        <span key={request.name} class="saved-request">
          <button type="button" class="link" onClick={() => choose(request)}>
            {visibleText(request.name)}
          </button>
          <ActionButton
            class="button quiet small"
            title={`Delete ${visibleText(request.name)}`}
            run={() => remove(request.name)}
          >
            <span aria-hidden="true">×</span>
            <span class="sr-only">Delete {visibleText(request.name)}</span>
          </ActionButton>
        </span>
      ))}
    </div>
  );
}

interface SaveRequestProps {
  readonly list: SavedList;
  readonly draft: Draft;
}

/** A button that asks for a name. */
export function SaveRequest({ list, draft }: SaveRequestProps): VNode {
  const [name, setName] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  const isOpen = name !== undefined;
  useEffect(() => {
    if (isOpen) input.current?.focus();
  }, [isOpen]);
  const save = async (): Promise<void> => {
    await list.save(name ?? "", draft);
    setName(undefined);
  };
  if (!isOpen)
    return (
      <button
        type="button"
        class="button"
        title="Keep this request in the project, under a name"
        onClick={() => setName("")}
      >
        Save…
      </button>
    );
  return (
    <span class="save-request">
      <input
        ref={input}
        type="text"
        aria-label="Name of the request"
        placeholder="Name"
        maxLength={80}
        value={name}
        onInput={({ currentTarget }) => setName(currentTarget.value)}
        onKeyDown={(event) => {
          // The form around it sends the request.
          if (event.key === "Enter") {
            event.preventDefault();
            if (name.trim() !== "") save().catch(showError);
          }
          if (event.key === "Escape") setName(undefined);
        }}
      />
      <ActionButton isDisabled={name.trim() === ""} run={save}>
        Save
      </ActionButton>
      <button type="button" class="button quiet" onClick={() => setName(undefined)}>
        Cancel
      </button>
    </span>
  );
}
