/** Exit codes of the command, documented in `docs/reference/settings.md`. */
export const exitCodes = {
  ok: 0,
  internal: 1,
  usage: 2,
  project: 3,
  address: 4,
  node: 5,
  outdated: 6,
  findings: 7,
  failed: 8,
} as const;
