/**
 * The shape of a command: its input, its help and its code. Each file of `commands/` declares one.
 */
import type { exitCodes } from "@offhook/runtime/errors";
import type { SettingKey } from "@offhook/runtime/settings";

import type { CommandContext } from "./command-context.ts";

/** An option that only this command has. */
export interface Option {
  /**
   * A switch takes no value. A list is an option that may be given several times. An optional value must follow an
   * equals sign, because the next word is an argument. If it is missing, it is the empty text.
   */
  readonly kind: "switch" | "text" | "list" | "optional";
  /** One letter. */
  readonly short?: string;
  /** Printed after the option in the help, as in `--data <name=value>`. A switch has none. */
  readonly placeholder?: string;
  /** The allowed words, if only some are allowed. */
  readonly choices?: readonly string[];
  readonly description: string;
}

export type Switch = Option & { readonly kind: "switch" };

/** By name, without dashes. */
export type Options = Readonly<Record<string, Option>>;

/** Distributes over the kinds, so that a union of options gives a union of values. */
type ValueOf<Kind extends Option["kind"], Choices> = Kind extends "switch"
  ? boolean
  : Kind extends "list"
    ? readonly string[]
    : (Choices extends readonly (infer Word extends string)[] ? Word : string) | undefined;

/** The parsed command line. A missing switch is false, a missing list is empty. */
export interface Input<O extends Options = Options> {
  readonly positionals: readonly string[];
  readonly options: { readonly [K in keyof O]: ValueOf<O[K]["kind"], O[K]["choices"]> };
  /** The settings among the flags, in the form that `loadSettings` takes. */
  readonly flags: Readonly<Record<string, unknown>>;
}

export interface Command<O extends Options = Options> {
  /** Without the command's name: `[folder] [options]`. */
  readonly usage: string;
  /** The names of the arguments that are not options, as the help shows them. */
  readonly positionals: readonly string[];
  /** Whether any number of words may follow, because they belong to another program. */
  readonly takesProgram?: true;
  /** A description, in lines of at most 100 columns. */
  readonly about: string;
  /** Command lines to copy, without a prompt. */
  readonly examples: readonly [string, ...string[]];
  readonly options: O;
  /** The settings that it accepts as flags. */
  readonly settings: "all" | readonly SettingKey[];
  /** With all settings: those that the short help explains. */
  readonly mainSettings?: readonly SettingKey[];
  /** Printed after the options in the help. */
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
  // Options are checked against the declaration before `run` is called. The table of commands cannot know their types.
  return declaration as unknown as Command;
}
