import { useEffect, useRef, useState } from "preact/hooks";

import type { Project, Simulation } from "../../api.ts";
import { api, sentence } from "../api-client.ts";
import type { Route } from "../hash-route.ts";
import { goTo, keepInUrl } from "../use-route.ts";
import { likelyTarget, plainDraft, plainKind, simulationDraft, type Draft } from "./draft.ts";
import { draftOfExchange } from "./earlier-request.ts";

export type SimulatorRoute = Extract<Route, { view: "simulator" }>;

/** The draft that is being edited. */
export interface DraftState {
  readonly draft: Draft;
  /** Why the request in the route could not be loaded. */
  readonly loadFailure: string | undefined;
  readonly change: (change: Partial<Draft>) => void;
  /** Starts another draft, for the same function if the user chose one. */
  readonly chooseKind: (kind: string) => void;
}

/** Starts a new draft whenever the route changes. */
export function useDraft(route: SimulatorRoute, project: Project, simulations: readonly Simulation[]): DraftState {
  const { kind, to, from } = route;
  const [draft, setDraft] = useState<Draft>(() => firstDraft(route, project, simulations));
  const [loadFailure, setLoadFailure] = useState<string>();
  /**
   * The target from the link, or the one that the user chose. It stays when the user chooses another kind of webhook.
   */
  const chosen = useRef(to);
  const isFirst = useRef(true);
  useEffect(() => {
    setLoadFailure(undefined);
    if (to !== undefined) chosen.current = to;
    if (!isFirst.current) setDraft(firstDraft(route, project, simulations));
    isFirst.current = false;
    if (from === undefined) return undefined;
    let isCurrent = true;
    api.exchange(from).then(
      (exchange) => void (isCurrent && setDraft(draftOfExchange(exchange))),
      (error: unknown) => void (isCurrent && setLoadFailure(sentence(error))),
    );
    return () => {
      isCurrent = false;
    };
    // Not when the project changes, so that the user's edits are kept.
  }, [kind, to, from]);
  return {
    draft,
    loadFailure,
    change: (change) => {
      const { target } = change;
      if (target !== undefined) {
        chosen.current = target;
        keepInUrl((current) =>
          current.view === "simulator" && from === undefined ? { ...current, to: target } : current,
        );
      }
      setDraft((before) => ({ ...before, ...change }));
    },
    chooseKind: (next) =>
      goTo({ view: "simulator", kind: next, ...(chosen.current !== undefined && { to: chosen.current }) }, true),
  };
}

function firstDraft({ kind, to, from }: SimulatorRoute, project: Project, simulations: readonly Simulation[]): Draft {
  if (from !== undefined || kind === plainKind) return plainDraft(to ?? likelyTarget("", project.functions));
  // The name of a function may show which webhook it handles.
  const wantedKind = kind ?? simulations.find((each) => to?.toLowerCase().includes(each.kind.toLowerCase()))?.kind;
  const simulation = simulations.find((each) => each.kind === wantedKind) ?? simulations[0];
  if (simulation === undefined) return plainDraft(to ?? likelyTarget("", project.functions));
  return simulationDraft(simulation, to ?? likelyTarget(simulation.kind, project.functions));
}
