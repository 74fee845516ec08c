import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Project, Simulation } from "../../api.ts";
import { api, sentence } from "../api-client.ts";
import { useSelected } from "../live-page.ts";
import { faultOf, isSameDraft, plainKind, requestOf } from "./draft.ts";
import { DraftForm } from "./draft-form.tsx";
import { useDraft, type SimulatorRoute } from "./draft-state.ts";
import { Outcome, type SentState } from "./outcome.tsx";

/** @param route undefined while the page shows another view. The draft is kept meanwhile. */
export function SimulatorView({ route }: { readonly route: SimulatorRoute | undefined }): VNode {
  const project = useSelected((state) => state.project);
  const simulations = useSelected((state) => state.simulations);
  const [last, setLast] = useState(route);
  useEffect(() => {
    if (route !== undefined) setLast(route);
  }, [route?.kind, route?.to, route?.from, route === undefined]);
  if (project === undefined || simulations === undefined) return <p class="muted pad">Waiting for the server…</p>;
  return <Simulator route={route ?? last ?? { view: "simulator" }} project={project} simulations={simulations} />;
}

function Simulator({
  route,
  project,
  simulations,
}: {
  readonly route: SimulatorRoute;
  readonly project: Project;
  readonly simulations: readonly Simulation[];
}): VNode {
  const { draft, loadFailure, change, chooseKind } = useDraft(route, project, simulations);
  const [sent, setSent] = useState<SentState>({ state: "none" });
  const form = useRef<HTMLDivElement>(null);
  const outcome = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a narrow screen the outcome is below the form.
    if (sent.state === "sent" || sent.state === "failed") outcome.current?.scrollIntoView({ block: "start" });
  }, [sent]);

  const send = async (): Promise<void> => {
    const fault = faultOf(draft);
    if (fault !== undefined) return setSent({ state: "failed", message: fault, draft });
    setSent({ state: "busy" });
    try {
      setSent({ state: "sent", sent: await api.send(requestOf(draft, project.functions)), draft });
    } catch (error) {
      setSent({ state: "failed", message: sentence(error), draft });
    }
  };
  const isStale = "draft" in sent && !isSameDraft(sent.draft, draft);
  return (
    <div class="simulator">
      <div ref={form} class="simulator-form">
        <h2>Send a webhook</h2>
        <Kinds chosen={draft.kind} simulations={simulations} choose={chooseKind} />
        {loadFailure !== undefined && (
          <p class="failure" role="alert">
            {loadFailure}
          </p>
        )}
        {draft.remarks.map((remark) => (
          <p key={remark} class="remark">
            {remark}
          </p>
        ))}
        <DraftForm
          draft={draft}
          functions={project.functions}
          isBusy={sent.state === "busy"}
          change={change}
          send={() => void send()}
        />
      </div>
      <div ref={outcome} class={`simulator-outcome${isStale ? " stale" : ""}`} aria-live="polite">
        <button
          type="button"
          class="button small to-form"
          onClick={() => form.current?.scrollIntoView({ block: "start" })}
        >
          ← Back to the form
        </button>
        <Outcome outcome={sent} isStale={isStale} />
      </div>
    </div>
  );
}

function Kinds({
  chosen,
  simulations,
  choose,
}: {
  readonly chosen: string;
  readonly simulations: readonly Simulation[];
  readonly choose: (kind: string) => void;
}): VNode {
  const kinds = [
    ...simulations.map(({ kind, title }) => [kind, title] as const),
    [plainKind, "Plain request"] as const,
  ];
  return (
    <fieldset class="kinds">
      <legend class="sr-only">Kind of webhook</legend>
      {kinds.map(([kind, title]) => (
        <label key={kind}>
          <input type="radio" name="kind" value={kind} checked={kind === chosen} onChange={() => choose(kind)} />
          <span>{title}</span>
        </label>
      ))}
    </fieldset>
  );
}
