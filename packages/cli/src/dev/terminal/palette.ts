/**
 * Colours, where there are any. They never say anything that the words do not say as well.
 */
import { styleText } from "node:util";

export interface Palette {
  readonly dim: Paint;
  readonly green: Paint;
  readonly cyan: Paint;
  readonly yellow: Paint;
  readonly red: Paint;
}

export type Paint = (text: string) => string;

const plain: Paint = (text) => text;

/** @param isColored see `hasColor`. */
export function createPalette(isColored: boolean): Palette {
  if (!isColored) return { dim: plain, green: plain, cyan: plain, yellow: plain, red: plain };
  // Whether the stream shows colours has been decided already, by the environment that the command was given.
  const paint =
    (color: "dim" | "green" | "cyan" | "yellow" | "red"): Paint =>
    (text) =>
      text === "" ? "" : styleText(color, text, { validateStream: false });
  return {
    dim: paint("dim"),
    green: paint("green"),
    cyan: paint("cyan"),
    yellow: paint("yellow"),
    red: paint("red"),
  };
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
