/**
 * How large a file may be, and how much stack the parser needs for it. The parser calls itself for each bracket, and only the
 * stack limits how deep. So it runs in threads that have enough stack.
 */

/** Characters of a file that is parsed. Nobody writes a larger one by hand. */
export const maxSourceLength = 1_000_000;

/** More than it takes for a file of brackets alone. It is address space and not memory, but some machines are short of that too. */
const stackPerCharacter = 900;
const minStackMb = 16;

/** @param characters of the largest file that a thread parses. */
export function stackMbFor(characters: number): number {
  return minStackMb + Math.ceil((characters * stackPerCharacter) / 2 ** 20);
}
