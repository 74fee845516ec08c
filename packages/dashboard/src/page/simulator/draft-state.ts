import { useEffect, useRef, useState } from "preact/hooks";

import type { Project, SavedRequest, Simulation } from "../../api.ts";
import { api, sentence } from "../api-client.ts";
import type { Route } from "../hash-route.ts";
import { showError } from "../live-page.ts";
import { goTo, keepInUrl } from "../use-route.ts";
import { likelyTarget, plainDraft, plainKind, simulationDraft, type Draft } from "./draft.ts";
import { forgetDraft, rememberDraft, rememberedDraft } from "./draft-memory.ts";
import { draftOfExchange } from "./earlier-request.ts";
import { draftOfSaved } from "./saved-draft.ts";

export type SimulatorRoute = Extract<Route, { view: "simulator" }>;

/** The draft that is being edited. */
export interface DraftState {
  readonly draft: Draft;
  /** Whether the form shows what the user entered earlier. */
  readonly isRestored: boolean;
  /** Whether the user changed the draft. */
  readonly isEdited: boolean;
  /** Why the request in the route could not be loaded. */
  readonly loadFailure: string | undefined;
  readonly change: (change: Partial<Draft>) => void;
  /** Starts another draft, for the same function if the user chose one. */
  readonly chooseKind: (kind: string) => void;
  /** Continues with the last draft for this function, if there is one. */
  readonly chooseTarget: (target: string) => void;
  readonly open: (saved: SavedRequest) => void;
  /** Forgets what the user entered. */
  readonly startOver: () => void;
}

interface Shown {
  readonly draft: Draft;
  readonly isRestored: boolean;
  readonly isEdited: boolean;
}

/** A draft is remembered when the user stops typing for this long. */
const pauseMs = 400;

/** Starts a new draft whenever the route changes. */
export function useDraft(route: SimulatorRoute, project: Project, simulations: readonly Simulation[]): DraftState {
  const { kind, to, from } = route;
  const [shown, setShown] = useState<Shown>(() => firstDraft(route, project, simulations));
  const { draft, isEdited } = shown;
  const [loadFailure, setLoadFailure] = useState<string>();
  /**
   * The target from the link, or the one that the user chose. It stays when the user chooses another kind of webhook.
   */
  const chosen = useRef(to);
  const isFirst = useRef(true);
  useEffect(() => {
    setLoadFailure(undefined);
    if (to !== undefined) chosen.current = to;
    if (!isFirst.current) setShown(firstDraft(route, project, simulations));
    isFirst.current = false;
    if (from === undefined) return undefined;
    let isCurrent = true;
    api.exchange(from).then(
      (exchange) => void (isCurrent && setShown(fresh(draftOfExchange(exchange)))),
      (error: unknown) => void (isCurrent && setLoadFailure(sentence(error))),
    );
    return () => {
      isCurrent = false;
    };
    // Not when the project changes, so that the user's edits are kept.
  }, [kind, to, from]);
  useEffect(() => {
    if (!isEdited) return undefined;
    const timer = setTimeout(() => void rememberDraft(project.id, draft), pauseMs);
    return () => clearTimeout(timer);
  }, [draft, isEdited, project.id]);
  const keepPlace = (place: { readonly to: string; readonly kind?: string }): void => {
    chosen.current = place.to;
    keepInUrl((current) => (current.view === "simulator" && from === undefined ? { ...current, ...place } : current));
  };
  const change = (changed: Partial<Draft>): void => {
    if (changed.target !== undefined) keepPlace({ to: changed.target });
    setShown((before) => ({ ...before, isEdited: true, draft: { ...before.draft, ...changed } }));
  };
  const placeOf = (next: string): SimulatorRoute => ({
    view: "simulator",
    kind: next,
    ...(chosen.current !== undefined && { to: chosen.current }),
  });
  return {
    ...shown,
    loadFailure,
    change,
    chooseKind: (next) => {
      const place = placeOf(next);
      // The route may stay the same: a saved request may be of another kind.
      setShown(firstDraft(place, project, simulations));
      goTo(place, true);
    },
    chooseTarget: (target) => {
      if (isEdited) void rememberDraft(project.id, draft);
      const saved = rememberedDraft(project.id, target);
      change({ target, isSigned: undefined });
      if (saved === undefined) return;
      keepPlace({ to: saved.target, kind: saved.kind });
      setShown(restored(saved, simulations));
    },
    open: (saved) => {
      keepPlace({ to: saved.target, kind: saved.kind });
      setShown(fresh(draftOfSaved(saved, simulations)));
    },
    startOver: () => {
      forgetDraft(project.id, draft.target);
      if (draft.source !== undefined) {
        api.exchange(draft.source.id).then((exchange) => setShown(fresh(draftOfExchange(exchange))), showError);
        return;
      }
      const place = { view: "simulator", kind: draft.kind, to: draft.target } as const;
      setShown(firstDraft(place, project, simulations));
    },
  };
}

function fresh(draft: Draft): Shown {
  return { draft, isRestored: false, isEdited: false };
}

function restored(saved: SavedRequest, simulations: readonly Simulation[]): Shown {
  return { draft: draftOfSaved(saved, simulations), isRestored: true, isEdited: false };
}

function firstDraft(route: SimulatorRoute, project: Project, simulations: readonly Simulation[]): Shown {
  const draft = newDraft(route, project, simulations);
  const saved = route.from === undefined ? rememberedDraft(project.id, draft.target) : undefined;
  const isWanted = saved !== undefined && (route.kind === undefined || saved.kind === route.kind);
  return isWanted ? restored(saved, simulations) : fresh(draft);
}

function newDraft({ kind, to, from }: SimulatorRoute, project: Project, simulations: readonly Simulation[]): Draft {
  if (from !== undefined || kind === plainKind) return plainDraft(to ?? likelyTarget("", project.functions));
  // The name of a function may show which webhook it handles.
  const wantedKind = kind ?? simulations.find((each) => to?.toLowerCase().includes(each.kind.toLowerCase()))?.kind;
  const simulation = simulations.find((each) => each.kind === wantedKind) ?? simulations[0];
  if (simulation === undefined) return plainDraft(to ?? likelyTarget("", project.functions));
  return simulationDraft(simulation, to ?? likelyTarget(simulation.kind, project.functions));
}
