/** The last draft for each function, in the browser's storage. The server masks its secrets first. */
import type { SavedRequest } from "../../api.ts";
import { api } from "../api-client.ts";
import type { Draft } from "./draft.ts";
import { savedRequestOf } from "./saved-draft.ts";

const maxDrafts = 50;
const maxLength = 50_000;

/** By path, the most recent last. */
type Drafts = Readonly<Record<string, SavedRequest>>;

/** @param project the id of the project. */
export function rememberedDraft(project: string, target: string): SavedRequest | undefined {
  const drafts = readDrafts(project);
  const path = pathOf(target);
  return Object.hasOwn(drafts, path) ? drafts[path] : undefined;
}

/** The newest draft of each path. An answer for an older one comes too late. */
const newest = new Map<string, Draft>();

/** Does nothing if the server does not answer, or if the browser stores nothing. */
export async function rememberDraft(project: string, draft: Draft): Promise<void> {
  const path = pathOf(draft.target);
  newest.set(path, draft);
  try {
    const saved = await api.mask(savedRequestOf(draft));
    if (newest.get(path) !== draft || JSON.stringify(saved).length > maxLength) return;
    const { [path]: _before, ...others } = readDrafts(project);
    writeDrafts(project, [...Object.entries(others), [path, saved]]);
  } catch {
    // The draft is still in the form.
  }
}

export function forgetDraft(project: string, target: string): void {
  newest.delete(pathOf(target));
  const { [pathOf(target)]: _forgotten, ...others } = readDrafts(project);
  writeDrafts(project, Object.entries(others));
}

function pathOf(target: string): string {
  return target.split(/[?#]/)[0] ?? "";
}

function keyOf(project: string): string {
  return `offhook.drafts.${project}`;
}

function readDrafts(project: string): Drafts {
  try {
    return JSON.parse(localStorage.getItem(keyOf(project)) ?? "{}") as Drafts;
  } catch {
    return {};
  }
}

function writeDrafts(project: string, drafts: readonly (readonly [string, SavedRequest])[]): void {
  try {
    localStorage.setItem(keyOf(project), JSON.stringify(Object.fromEntries(drafts.slice(-maxDrafts))));
  } catch {
    // The browser stores nothing, or its storage is full.
  }
}
