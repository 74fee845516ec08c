import type { Input, Options, Switch } from "../command.ts";

/** As all commands have it: what these print is the log. */
export const logOptions = {
  json: { kind: "switch", description: "The same as --log json: print one JSON object a line." },
} as const satisfies Options;

/** The settings among what was given. What `--log` says goes before. */
export function settingFlags({ flags, options }: Pick<Input<{ json: Switch }>, "flags" | "options">): Input["flags"] {
  return options.json ? { log: "json", ...flags } : flags;
}
