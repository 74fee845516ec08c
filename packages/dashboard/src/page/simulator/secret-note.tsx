import type { VNode } from "preact";

import { hasMask, readMasks, withPlainMasks } from "../../mask.ts";
import { useSelected } from "../live-page.ts";
import type { DraftSource } from "./draft.ts";

/** Says which secret is sent in place of a mask. Shows nothing for other text. */
export function SecretNote({
  text,
  source,
}: {
  readonly text: string;
  readonly source: DraftSource | undefined;
}): VNode | null {
  const variables = useSelected(({ project }) => project?.variables);
  if (!hasMask(text)) return null;
  const { masks } = readMasks(withPlainMasks(text));
  const isKnown = (name: string | undefined): boolean =>
    name === undefined ? source?.keepsSecrets === true : variables?.some((each) => each.name === name) === true;
  const names = [...new Set(masks.filter((name) => name !== undefined))];
  const missing = masks.find((name) => !isKnown(name) && source?.keepsSecrets !== true);
  if (masks.every(isKnown) || source?.keepsSecrets === true)
    return <small class="secret-note">Secret kept{names.length > 0 && `: ${names.join(", ")}`}</small>;
  return (
    <small class="secret-note missing">
      {missing === undefined
        ? "This secret is forgotten. Enter its value."
        : `.env has no ${missing}. Enter its value.`}
    </small>
  );
}
