import type { ExchangePage, ExchangeSummary, LogLine, Project, Simulation } from "../api.ts";
import { knownIn, mergeRows } from "./requests/exchange-rows.ts";
import { noFilter, type RowFilter } from "./requests/row-filter.ts";

export interface PageState {
  readonly connection: "connecting" | "live" | "lost" | "refused";
  readonly project: Project | undefined;
  readonly simulations: readonly Simulation[] | undefined;
  /** Newest first. */
  readonly rows: readonly ExchangeSummary[];
  /** Rows that arrived while the list was paused. */
  readonly held: readonly ExchangeSummary[];
  readonly isPaused: boolean;
  /** Whether the list has been loaded. */
  readonly isLoaded: boolean;
  /** The cursor for loading older rows. Undefined if there are none. */
  readonly before: string | undefined;
  /** Rows that the user has cleared, until the server has deleted them. */
  readonly cleared: ClearedRows | undefined;
  readonly filter: RowFilter;
  readonly notices: readonly Notice[];
}

interface ClearedRows {
  readonly rows: readonly ExchangeSummary[];
  readonly before: string | undefined;
  /** The start of the newest cleared row. Older rows belong to the cleared ones, too. */
  readonly until: number;
}

interface Notice {
  readonly id: number;
  readonly level: LogLine["level"];
  readonly text: string;
}

export type PageAction =
  | { readonly type: "connection"; readonly connection: PageState["connection"] }
  | { readonly type: "project"; readonly project: Project }
  | { readonly type: "simulations"; readonly simulations: readonly Simulation[] }
  /** From the stream, or loaded after a reconnect. Newest first. */
  | { readonly type: "arrived"; readonly exchanges: readonly ExchangeSummary[] }
  /** The complete list, newest first. It replaces all known rows. */
  | { readonly type: "listed"; readonly page: ExchangePage }
  | { readonly type: "older"; readonly page: ExchangePage }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "clear" }
  /** Takes back the last `clear`. */
  | { readonly type: "restore" }
  /** The server has deleted the cleared rows. */
  | { readonly type: "deleted" }
  | { readonly type: "filter"; readonly filter: Partial<RowFilter> }
  | { readonly type: "notice"; readonly level: LogLine["level"]; readonly text: string }
  | { readonly type: "dismiss"; readonly id: number };

export const firstState: PageState = {
  connection: "connecting",
  project: undefined,
  simulations: undefined,
  rows: [],
  held: [],
  isPaused: false,
  isLoaded: false,
  before: undefined,
  cleared: undefined,
  filter: noFilter,
  notices: [],
};

/** Beyond this number, the oldest notices are removed. */
const maxNotices = 4;

export function reducePage(state: PageState, action: PageAction): PageState {
  switch (action.type) {
    case "connection":
      return state.connection === action.connection ? state : { ...state, connection: action.connection };
    case "project":
      return { ...state, project: action.project };
    case "simulations":
      return { ...state, simulations: action.simulations };
    case "arrived":
      return withArrived(state, action.exchanges);
    case "listed":
      return withPage({ ...state, rows: [], held: [], isLoaded: true }, action.page);
    case "older":
      return withPage(state, action.page);
    case "pause":
      return { ...state, isPaused: true };
    case "resume":
      return { ...state, isPaused: false, rows: mergeRows(state.rows, state.held), held: [] };
    case "clear":
      return withoutRows(state);
    case "restore":
      return withClearedRows(state);
    case "deleted":
      return { ...state, cleared: undefined };
    case "filter":
      return { ...state, filter: { ...state.filter, ...action.filter } };
    case "notice":
      return withNotice(state, action.level, action.text);
    case "dismiss":
      return { ...state, notices: state.notices.filter(({ id }) => id !== action.id) };
    default:
      return action satisfies never;
  }
}

/** The cursor for older rows belongs to the cleared ones, because these are the oldest. */
function withPage(state: PageState, { exchanges, before }: ExchangePage): PageState {
  const { cleared } = state;
  if (cleared === undefined) return { ...state, rows: mergeRows(state.rows, exchanges), before };
  const fresh = exchanges.filter(({ startedAt }) => startedAt > cleared.until);
  const old = exchanges.filter(({ startedAt }) => startedAt <= cleared.until);
  return {
    ...state,
    rows: mergeRows(state.rows, fresh),
    cleared: { ...cleared, rows: mergeRows(cleared.rows, old), before },
  };
}

function withoutRows(state: PageState): PageState {
  const rows = mergeRows(state.cleared?.rows ?? [], mergeRows(state.rows, state.held));
  const [newest] = rows;
  if (newest === undefined) return state;
  const before = state.cleared?.before ?? state.before;
  return { ...state, rows: [], held: [], before: undefined, cleared: { rows, before, until: newest.startedAt } };
}

function withClearedRows(state: PageState): PageState {
  const { cleared } = state;
  if (cleared === undefined) return state;
  return { ...state, rows: mergeRows(cleared.rows, state.rows), before: cleared.before, cleared: undefined };
}

/** A paused list still updates its rows, but shows no new ones. */
function withArrived(state: PageState, arrived: readonly ExchangeSummary[]): PageState {
  const { cleared } = state;
  // A cleared row stays cleared when its request ends.
  const exchanges = cleared === undefined ? arrived : arrived.filter(({ startedAt }) => startedAt > cleared.until);
  if (exchanges.length === 0) return state;
  if (!state.isPaused) return { ...state, rows: mergeRows(state.rows, exchanges) };
  const isKnown = knownIn(state.rows);
  return {
    ...state,
    rows: mergeRows(state.rows, exchanges.filter(isKnown)),
    held: mergeRows(
      state.held,
      exchanges.filter((row) => !isKnown(row)),
    ),
  };
}

function withNotice(state: PageState, level: LogLine["level"], text: string): PageState {
  const id = (state.notices.at(-1)?.id ?? 0) + 1;
  const others = state.notices.filter((notice) => notice.text !== text);
  return { ...state, notices: [...others, { id, level, text }].slice(-maxNotices) };
}
