/**
 * The possible words of a command line, for all shells. They come from the table of commands and the settings.
 */
import { settingRows } from "@offhook/runtime/settings";

import { flagOf } from "../command-input.ts";
import type { Command, CommandTable } from "../command.ts";

/** The source of a value's completions; "nothing" if any text is allowed. */
export type Completes = "file" | "folder" | "nothing" | readonly string[];

export interface OptionCandidate {
  /** With its dashes. */
  readonly flag: string;
  readonly short?: string;
  readonly description: string;
  readonly isList: boolean;
  /** Absent if the option takes no value. */
  readonly value?: { readonly name: string; readonly completes: Completes };
}

export interface CommandCandidate {
  readonly name: string;
  readonly summary: string;
  /** In their order on the command line. */
  readonly positionals: readonly { readonly name: string; readonly completes: Completes }[];
  readonly options: readonly OptionCandidate[];
}

export async function readCandidates(table: CommandTable): Promise<CommandCandidate[]> {
  const commands = await Promise.all(
    Object.entries(table).map(async ([name, { summary, load }]): Promise<CommandCandidate> => {
      const { default: declared } = await load();
      return {
        name,
        summary,
        positionals: declared.positionals.map((place) => ({ name: place, completes: completesOf(place) })),
        options: [...ownOptions(declared), ...settingOptions(declared), helpOption],
      };
    }),
  );
  const names = commands.map(({ name }) => name);
  const help = {
    name: "help",
    summary: "show help",
    positionals: [{ name: "command", completes: names }],
    options: [],
  };
  return [...commands, help];
}

const helpOption: OptionCandidate = { flag: "--help", short: "-h", description: "Show help.", isList: false };

function ownOptions({ options }: Command): OptionCandidate[] {
  return Object.entries(options).map(([name, { kind, short, placeholder, choices, description }]) => ({
    flag: `--${name}`,
    ...(short !== undefined && { short: `-${short}` }),
    description,
    isList: kind === "list",
    // An optional value is rarely given.
    ...(kind !== "switch" &&
      kind !== "optional" && {
        value: { name: placeholder ?? "value", completes: choices ?? completesOf(placeholder ?? "") },
      }),
  }));
}

function settingOptions({ settings }: Command): OptionCandidate[] {
  return settingRows().flatMap(([key, { flag, short, kind, description }]): OptionCandidate[] => {
    if (settings !== "all" && !settings.includes(key)) return [];
    const { placeholder } = kind;
    if (placeholder === undefined) {
      const off = `--no-${flagOf(key)}`;
      return [
        { flag, description, isList: false },
        { flag: off, description: `Off: ${description}`, isList: false },
      ];
    }
    const value = { name: placeholder, completes: completesOf(placeholder) };
    return [{ flag, ...(short !== undefined && { short }), description, isList: false, value }];
  });
}

/** A placeholder names the kind of value: a file, a folder, or one of `a|b`. */
function completesOf(placeholder: string): Completes {
  if (placeholder === "file" || placeholder === "folder") return placeholder;
  return placeholder.includes("|") ? placeholder.split("|") : "nothing";
}
