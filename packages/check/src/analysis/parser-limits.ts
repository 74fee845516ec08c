/**
 * Size limit for source files, and the stack that the parser needs. The parser recurses for each bracket, so only the
 * stack limits the depth. For that reason, it runs in threads with a large enough stack.
 */

/** Maximum characters of a parsed file. Larger files are not written by hand. */
export const maxSourceLength = 1_000_000;

/** Enough for a file of brackets only. This is address space and not memory, but some machines are short of it. */
const stackPerCharacter = 900;
const minStackMb = 16;

/** @param characters size of the largest file that the thread parses. */
export function stackMbFor(characters: number): number {
  return minStackMb + Math.ceil((characters * stackPerCharacter) / 2 ** 20);
}
