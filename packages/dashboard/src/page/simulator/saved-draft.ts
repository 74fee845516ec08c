/** Drafts in the form in which they are kept, with masks in place of secrets. */
import type { SavedRequest, Simulation } from "../../api.ts";
import { mask } from "../../mask.ts";
import { plainDraft, type Draft } from "./draft.ts";

export function savedRequestOf(draft: Draft): SavedRequest {
  const { kind, target, method, format, fields, body, headers, isSigned } = draft;
  return {
    kind,
    target,
    method,
    format,
    fields: fields.map(({ name, value }) => [name, value]),
    body,
    headers,
    ...(isSigned !== undefined && { isSigned }),
  };
}

/** Fields of a webhook whose value was masked get their usual, made-up value. */
export function draftOfSaved(saved: SavedRequest, simulations: readonly Simulation[]): Draft {
  const usual = simulations.find(({ kind }) => kind === saved.kind)?.fields ?? [];
  return {
    ...plainDraft(saved.target),
    kind: saved.kind,
    method: saved.method,
    format: saved.format,
    fields: saved.fields.map(([name, value]) => {
      const field = usual.find((each) => each.name === name);
      if (field === undefined) return { name, value, isMain: true, isOwn: true };
      return { name, value: value === mask ? field.value : value, isMain: field.isMain, isOwn: false };
    }),
    body: saved.body,
    headers: saved.headers,
    isSigned: saved.isSigned,
  };
}
