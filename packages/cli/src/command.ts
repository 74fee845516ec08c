/**
 * What a command is: what it takes, what its help says, and what it does. One is declared in each file of `commands/`.
 */
import type { exitCodes } from "@offhook/runtime/errors";
import type { SettingKey } from "@offhook/runtime/settings";

import type { CommandContext } from "./command-context.ts";

/** An option that only this command has. */
export interface Option {
  /**
   * A switch takes no value; a list is an option that may be given several times. The value of an optional one stands behind an
   * equals sign or nowhere, so that what follows is an argument; without one it is the empty text.
   */
  readonly kind: "switch" | "text" | "list" | "optional";
  /** One letter. */
  readonly short?: string;
  /** Stands behind the option in the help, as in `--data <name=value>`. A switch has none. */
  readonly placeholder?: string;
  /** The words it may be, where there are only some. */
  readonly choices?: readonly string[];
  readonly description: string;
}

export type Switch = Option & { readonly kind: "switch" };

/** By name, without dashes. */
export type Options = Readonly<Record<string, Option>>;

/** Spread over the kinds, so that what is said of any option is said of all. */
type ValueOf<Kind extends Option["kind"], Choices> = Kind extends "switch"
  ? boolean
  : Kind extends "list"
    ? readonly string[]
    : (Choices extends readonly (infer Word extends string)[] ? Word : string) | undefined;

/** What was given on the command line. A switch that is absent is false, an absent list empty. */
export interface Input<O extends Options = Options> {
  readonly positionals: readonly string[];
  readonly options: { readonly [K in keyof O]: ValueOf<O[K]["kind"], O[K]["choices"]> };
  /** The settings among the flags, as `loadSettings` takes them. */
  readonly flags: Readonly<Record<string, unknown>>;
}

export interface Command<O extends Options = Options> {
  /** Without the command's name: `[folder] [options]`. */
  readonly usage: string;
  /** How many arguments it takes that are no options, and how the help calls them. */
  readonly positionals: readonly string[];
  /** What it does, in lines of at most 100 columns. */
  readonly about: string;
  readonly options: O;
  /** The settings it takes as flags. */
  readonly settings: "all" | readonly SettingKey[];
  /** Stands in the help behind the options. */
  readonly notes?: string;
  readonly exitCodes: readonly (keyof typeof exitCodes)[];
  /**
   * @returns the exit code.
   * @throws OffhookError, which is printed and becomes the exit code.
   */
  readonly run: (input: Input<O>, context: CommandContext, table: CommandTable) => Promise<number>;
}

/** All commands by name, in the order in which they are listed. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;

interface CommandEntry {
  /** Its arguments, as the list of commands shows them. */
  readonly takes: string;
  readonly summary: string;
  readonly load: () => Promise<{ readonly default: Command }>;
}

/** Gives the options of a declaration their types. */
export function command<const O extends Options>(declaration: Command<O>): Command {
  // Options are checked against the declaration before `run` is called; the table of commands cannot know their types.
  return declaration as unknown as Command;
}
