/**
 * Turns the words of a command line into a command's input, or into an error that suggests what was meant.
 */
import { parseArgs } from "node:util";

import { OffhookError } from "@offhook/runtime/offhook-error";
import { suggest } from "@offhook/runtime/internal/suggestion";
import { flagOptions, resolveSettings } from "@offhook/runtime/settings";

import type { Command, Input, Option } from "./command.ts";
import { refuseForeignFlags } from "./migration-advice.ts";

/** Only looks before `--`: nothing after it is an option. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return (end === -1 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}

/**
 * @param args the words after the command's name.
 * @throws OffhookError `setting-unknown` for an unknown option or an extra argument, `setting-invalid` for an invalid
 * value.
 */
export function readInput(name: string, command: Command, args: readonly string[]): Input {
  const settings = settingOptions(command);
  const commandOptions = Object.entries(command.options).map(([option, { kind, short }]) => {
    const type = kind === "switch" ? ("boolean" as const) : ("string" as const);
    return [option, { type, multiple: kind === "list", ...(short !== undefined && { short }) }] as const;
  });
  const { values, positionals } = parseArgs({
    args: withEmptyValues(command, args),
    options: { ...settings, ...Object.fromEntries(commandOptions) },
    allowPositionals: true,
    allowNegative: true,
    // We know better than the parser what is wrong with an option, and which one was meant.
    strict: false,
  });
  // The parser reads `--no-account-token` as the opposite of `--account-token`, even if only the former is declared.
  for (const option of Object.keys(command.options)) {
    const opposite = option.replace(/^no-/, "");
    if (opposite === option || values[opposite] !== false) continue;
    values[option] = true;
    delete values[opposite];
  }
  const flags: Record<string, unknown> = {};
  for (const [option, value] of Object.entries(values)) {
    if (!Object.hasOwn(command.options, option)) flags[option] = value;
  }
  // Before the arguments: the value of a mistyped option becomes an extra argument. The error should name the option.
  refuseUnknown(flags, name, command);
  const options = Object.entries(command.options).map(([option, declared]) => {
    return [option, readOption(`--${option}`, declared, values[option])] as const;
  });
  if (command.takesProgram === undefined) refuseExtra(name, command, positionals);
  return { positionals, options: Object.fromEntries(options), flags };
}

/** An optional value that is missing is the empty text. The next word is not taken as the value. */
function withEmptyValues({ options }: Command, args: readonly string[]): string[] {
  const end = args.includes("--") ? args.indexOf("--") : args.length;
  return args.map((arg, at) =>
    at < end && arg.startsWith("--") && options[arg.slice(2)]?.kind === "optional" ? `${arg}=` : arg,
  );
}

function settingOptions({ settings }: Command): ReturnType<typeof flagOptions> {
  const all = flagOptions();
  if (settings === "all") return all;
  return Object.fromEntries(Object.entries(all).filter(([flag]) => settings.some((key) => flagOf(key) === flag)));
}

/** `logLevel` is `--log-level`. A test checks that the table of settings follows this rule. */
export function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function refuseUnknown(flags: Readonly<Record<string, unknown>>, name: string, command: Command): void {
  const allowed = settingOptions(command);
  // The flags of twilio-run, on the commands that take its place.
  if (command.settings === "all" && command.positionals.includes("folder"))
    refuseForeignFlags(flags, { ...allowed, ...command.options });
  const knownFlags = [...Object.keys(allowed), ...Object.keys(command.options)].map((flag) => `--${flag}`);
  const settings = flagOptions();
  for (const [flag, value] of Object.entries(flags)) {
    if (Object.hasOwn(allowed, flag)) continue;
    const flagText = flag.length === 1 ? `-${flag}` : value === false ? `--no-${flag}` : `--${flag}`;
    if (Object.hasOwn(settings, flag))
      throw new OffhookError("setting-unknown", `${flagText}; ${name} does not accept it`);
    const suggestion = suggest(value === false ? `--${flag}` : flagText, knownFlags);
    throw new OffhookError(
      "setting-unknown",
      `${flagText}${suggestion === undefined ? "" : `; did you mean ${suggestion}?`}`,
    );
  }
  resolveSettings({ flags });
}

function readOption(
  flag: string,
  { kind, choices, placeholder }: Option,
  rawValue: unknown,
): boolean | string | readonly string[] | undefined {
  if (kind === "switch") {
    if (typeof rawValue === "string")
      throw new OffhookError("setting-invalid", `Invalid value for ${flag}: "${rawValue}". Expected no value.`);
    return rawValue === true;
  }
  const values = rawValue === undefined ? [] : [rawValue].flat();
  const texts = values.map((value) => {
    if (typeof value !== "string") {
      const form = placeholder === undefined ? "" : ` Expected ${flag} <${placeholder}>.`;
      const expected = choices === undefined ? form : ` Expected ${oneOf(choices)}.`;
      throw new OffhookError("setting-invalid", `Missing value for ${flag}.${expected}`);
    }
    if (choices === undefined || choices.includes(value)) return value;
    const suggestion = suggest(value, choices);
    const question = suggestion === undefined ? "" : ` Did you mean ${suggestion}?`;
    throw new OffhookError(
      "setting-invalid",
      `Invalid value for ${flag}: "${value}". Expected ${oneOf(choices)}.${question}`,
    );
  });
  return kind === "list" ? texts : texts.at(-1);
}

function oneOf(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join("") : `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;
}

function refuseExtra(name: string, { positionals: taken }: Command, positionals: readonly string[]): void {
  const extra = positionals[taken.length];
  if (extra === undefined) return;
  const accepts =
    taken.length === 0
      ? "no argument"
      : taken.length === 1
        ? `one ${taken[0]}, and already has "${positionals[0]}"`
        : `${taken.length} arguments: ${taken.join(", ")}`;
  throw new OffhookError("setting-unknown", `"${extra}"; ${name} accepts ${accepts}`);
}
