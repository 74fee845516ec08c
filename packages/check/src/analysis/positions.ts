/**
 * Turns offsets in a text into lines and columns.
 */
import type { Place } from "./facts.ts";

export class Positions {
  readonly #text: string;
  #starts: number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  at(offset: number): Place {
    const starts = (this.#starts ??= this.#findStarts());
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }

  /** The text of a line, without white space at its end. */
  line(number: number): string {
    return (this.#text.split(/\r\n?|\n/, number)[number - 1] ?? "").trimEnd();
  }

  #findStarts(): number[] {
    const starts = [0];
    for (const { index, 0: found } of this.#text.matchAll(/\r\n?|\n/g)) starts.push(index + found.length);
    return starts;
  }
}
