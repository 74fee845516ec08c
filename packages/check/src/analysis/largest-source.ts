/**
 * Characters of a file that is parsed. Beyond it nobody has written one by hand, and the stack that the parser might need
 * for it would be too large.
 */
export const largestSource = 1_000_000;
