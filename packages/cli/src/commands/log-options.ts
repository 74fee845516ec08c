import type { Input, Options, Switch } from "../command.ts";

/** The `--json` option of commands that print the log. */
export const logOptions = {
  json: { kind: "switch", description: "The same as --log json: print one JSON object a line." },
} as const satisfies Options;

/** The settings among the flags. `--log` overrides `--json`. */
export function settingFlags({ flags, options }: Pick<Input<{ json: Switch }>, "flags" | "options">): Input["flags"] {
  return options.json ? { log: "json", ...flags } : flags;
}
