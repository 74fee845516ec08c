/**
 * Colours. They never carry information that the words do not have.
 */
import { styleText } from "node:util";

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly green: Paint;
  readonly cyan: Paint;
  readonly yellow: Paint;
  readonly red: Paint;
}

export type Paint = (text: string) => string;

export const plain: Paint = (text) => text;

/** @param isColored see `hasColor`. */
export function createPalette(isColored: boolean): Palette {
  if (!isColored) return { bold: plain, dim: plain, green: plain, cyan: plain, yellow: plain, red: plain };
  // `hasColor` has already decided, with the environment that the command received.
  const paint =
    (color: "bold" | "dim" | "green" | "cyan" | "yellow" | "red"): Paint =>
    (text) =>
      text === "" ? "" : styleText(color, text, { validateStream: false });
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    green: paint("green"),
    cyan: paint("cyan"),
    yellow: paint("yellow"),
    red: paint("red"),
  };
}

/**
 * Whether to colour the output of a stream: yes for a terminal that can show colours, unless `NO_COLOR` is set.
 * `FORCE_COLOR` overrides both.
 */
export function hasColor(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused = "", TERM: terminal } = environment;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return stream.isTTY === true && refused === "" && terminal !== "dumb";
}
