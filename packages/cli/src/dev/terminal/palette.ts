/**
 * Colours, where there are any. They never say anything that the words do not say as well.
 */

export interface Palette {
  readonly dim: Paint;
  readonly green: Paint;
  readonly cyan: Paint;
  readonly yellow: Paint;
  readonly red: Paint;
}

export type Paint = (text: string) => string;

const plain: Paint = (text) => text;

/** @param hasColor see `hasColor`. */
export function createPalette(isColored: boolean): Palette {
  if (!isColored) return { dim: plain, green: plain, cyan: plain, yellow: plain, red: plain };
  const paint =
    (code: number, end: number): Paint =>
    (text) =>
      text === "" ? "" : `\u001b[${code}m${text}\u001b[${end}m`;
  return { dim: paint(2, 22), green: paint(32, 39), cyan: paint(36, 39), yellow: paint(33, 39), red: paint(31, 39) };
}

/**
 * Whether what is written there may be coloured: on a terminal that can show it, unless `NO_COLOR` is set; anywhere with
 * `FORCE_COLOR`, which is said of this program in particular and so beats it.
 */
export function hasColor(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused = "", TERM: terminal } = environment;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return stream.isTTY === true && refused === "" && terminal !== "dumb";
}
