/** Measures once, at the start of a run, how much work takes 5 ms. All servers then get the same amount. */
import { performance } from "node:perf_hooks";
import { median } from "./statistics.ts";

export interface Burn {
  readonly rounds: number;
  readonly result: number;
}

export async function calibrateBurn(milliseconds: number): Promise<Burn> {
  const module = (await import(new URL("peers/burn.js", import.meta.url).href)) as {
    burn: (rounds: number) => number;
  };
  const sample = 1_000_000;
  const times: number[] = [];
  // The first rounds warm up the compiler.
  for (let round = 0; round < 30; round += 1) {
    const before = performance.now();
    module.burn(sample);
    if (round >= 10) times.push(performance.now() - before);
  }
  const rounds = Math.round((sample * milliseconds) / median(times));
  return { rounds, result: module.burn(rounds) };
}
