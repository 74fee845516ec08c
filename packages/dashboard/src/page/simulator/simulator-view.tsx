import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import type { Project, Simulation } from "../../api.ts";
import { api, sentence } from "../api-client.ts";
import type { Route } from "../hash-route.ts";
import { useSelected } from "../live-page.ts";
import { goTo } from "../use-route.ts";
import {
  draftOfExchange,
  faultOf,
  likelyTarget,
  plainDraft,
  plainKind,
  requestOf,
  simulationDraft,
  type Draft,
} from "./draft.ts";
import { DraftForm } from "./draft-form.tsx";
import { Outcome, type SentState } from "./outcome.tsx";

type SimulatorRoute = Extract<Route, { view: "simulator" }>;

/** @param route undefined while something else is shown: the draft is kept. */
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
  const { kind, to, from } = route;
  const [draft, setDraft] = useState<Draft>(() => firstDraft(route, project, simulations));
  const [loadFailure, setLoadFailure] = useState<string>();
  const [sent, setSent] = useState<SentState>({ state: "none" });
  /** A function that was chosen by hand stays when the kind of webhook is another. */
  const chosen = useRef(to);
  const isFirst = useRef(true);
  const outcome = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Where it is below the form.
    if (sent.state === "sent" || sent.state === "failed") outcome.current?.scrollIntoView({ block: "nearest" });
  }, [sent]);

  useEffect(() => {
    setLoadFailure(undefined);
    if (to !== undefined) chosen.current = to;
    if (!isFirst.current) setDraft(firstDraft(route, project, simulations));
    isFirst.current = false;
    if (from === undefined) return undefined;
    let isMeant = true;
    api.exchange(from).then(
      (exchange) => void (isMeant && setDraft(draftOfExchange(exchange))),
      (error: unknown) => void (isMeant && setLoadFailure(sentence(error))),
    );
    return () => {
      isMeant = false;
    };
    // A project that is read anew changes no draft.
  }, [kind, to, from]);

  const send = async (): Promise<void> => {
    const fault = faultOf(draft);
    if (fault !== undefined) return setSent({ state: "failed", message: fault });
    setSent({ state: "busy" });
    try {
      setSent({ state: "sent", sent: await api.send(requestOf(draft, project.functions)), draft });
    } catch (error) {
      setSent({ state: "failed", message: sentence(error) });
    }
  };
  const choose = (next: string): void => {
    goTo({ view: "simulator", kind: next, ...(chosen.current !== undefined && { to: chosen.current }) }, true);
  };
  return (
    <div class="simulator">
      <div class="simulator-form">
        <h2>Send a webhook</h2>
        <Kinds chosen={draft.kind} simulations={simulations} choose={choose} />
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
          change={(change) => {
            if (change.target !== undefined) chosen.current = change.target;
            setDraft((before) => ({ ...before, ...change }));
          }}
          send={() => void send()}
        />
      </div>
      <div ref={outcome} class="simulator-outcome" aria-live="polite">
        <Outcome outcome={sent} />
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

function firstDraft({ kind, to, from }: SimulatorRoute, project: Project, simulations: readonly Simulation[]): Draft {
  if (from !== undefined || kind === plainKind) return plainDraft(to ?? likelyTarget("", project.functions));
  // Whom a function is for its name may tell.
  const meant = kind ?? simulations.find((each) => to?.toLowerCase().includes(each.kind.toLowerCase()))?.kind;
  const simulation = simulations.find((each) => each.kind === meant) ?? simulations[0];
  if (simulation === undefined) return plainDraft(to ?? likelyTarget("", project.functions));
  return simulationDraft(simulation, to ?? likelyTarget(simulation.kind, project.functions));
}
