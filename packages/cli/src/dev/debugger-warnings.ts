/** What is to be said of debuggers in the banner. */

/** To whom it is open. */
export function warnOfOpenDebugger(address: string | undefined): string[] {
  if (address === undefined || /^(?:127\.|\[::1\]|localhost:)/.test(address)) return [];
  return [`the debugger at ${address} is open to other machines: whoever reaches it runs what he likes on this one`];
}

/** Node's own flag reaches the process that functions do not run in. */
export function warnOfOwnInspector(
  execArgv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const nodeFlags = [...execArgv, environment["NODE_OPTIONS"] ?? ""].join(" ");
  if (!/(?:^|\s)--inspect(?:-brk|-wait)?(?:[=\s]|$)/.test(nodeFlags)) return [];
  return ["Node's own --inspect debugs Offhook, not functions: for those it is `offhook dev --inspect`"];
}
