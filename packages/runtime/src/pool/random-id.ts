/** Numbers that cannot be guessed, with as many bits as a JSON number holds exactly. */
import { randomFillSync } from "node:crypto";

const words = new Uint32Array(1024);
let at = words.length;

export function randomId(): number {
  if (at === words.length) {
    randomFillSync(words);
    at = 0;
  }
  const high = words[at] as number;
  const low = words[at + 1] as number;
  at += 2;
  return (high & 0x1f_ffff) * 2 ** 32 + low;
}
