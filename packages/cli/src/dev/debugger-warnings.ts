/** Warnings about debuggers for the banner. */

/** Warns of an address that other machines can reach. */
export function warnOfOpenDebugger(address: string | undefined): string[] {
  if (address === undefined || /^(?:127\.|\[::1\]|localhost:)/.test(address)) return [];
  return [`the debugger at ${address} is open to other machines: anyone who can reach it can run any code on this one`];
}

/** Node's own flag starts the inspector in Offhook's process. Functions run in others. */
export function warnOfOwnInspector(
  execArgv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const nodeFlags = [...execArgv, environment["NODE_OPTIONS"] ?? ""].join(" ");
  if (!/(?:^|\s)--inspect(?:-brk|-wait)?(?:[=\s]|$)/.test(nodeFlags)) return [];
  return ["Node's own --inspect debugs Offhook, not your functions; use `offhook dev --inspect`"];
}
