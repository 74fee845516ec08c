/**
 * What stands for a secret in a recorded request: `•••`, or `•••NAME•••` for the value of a variable.
 */
export const mask = "•••";

export function variableMask(name: string): string {
  return mask + name + mask;
}

export function hasMask(text: string): boolean {
  return text.includes(mask) || text.includes(encodeURIComponent(mask));
}

/** Decodes the masks in a query or in the body of a form. */
export function withPlainMasks(text: string): string {
  return text.replaceAll(encodeURIComponent("•"), "•");
}

/** A text around its masks: one more literal than masks. */
export interface MaskedText {
  readonly literals: readonly string[];
  /** Names of variables. Undefined for `•••`. */
  readonly masks: readonly (string | undefined)[];
}

export function readMasks(text: string): MaskedText {
  const literals: string[] = [];
  const masks: (string | undefined)[] = [];
  let end = 0;
  for (const found of text.matchAll(/•••(?:([\w.-]+)•••)?/g)) {
    literals.push(text.slice(end, found.index));
    masks.push(found[1]);
    end = found.index + found[0].length;
  }
  return { literals: [...literals, text.slice(end)], masks };
}

/** @param fill returns the text for a mask. It gets the mask's number from 0. */
export function fillMasks(
  { literals, masks }: MaskedText,
  fill: (variable: string | undefined, index: number) => string,
): string {
  const filled = masks.map((variable, index) => (literals[index] ?? "") + fill(variable, index));
  return filled.join("") + (literals.at(-1) ?? "");
}
