/** Commands of operators that have several actions, such as `offhook keys create` and `offhook keys list`. */
import { OffhookError } from "@offhook/runtime/offhook-error";
import { suggest } from "@offhook/runtime/internal/suggestion";
import { exitCodes } from "@offhook/runtime/errors";
import type { Office } from "@offhook/serve/operators/office";

import { command, type Command, type Input, type Options, type Option } from "../command.ts";
import type { CommandContext } from "../command-context.ts";
import { listingText, type Listing } from "./listing.ts";

export const operatorOptions = {
  data: {
    kind: "text",
    placeholder: "folder",
    description: "Data folder of the server. Required, unless OFFHOOK_DATA is set.",
  },
  json: { kind: "switch", description: "Print the result as one line of JSON." },
} as const satisfies Options;

interface Action<O extends Options> {
  /** The argument that it needs after its name, as the help shows it. */
  readonly argument?: string;
  readonly summary: string;
  /** The options that only some actions accept. */
  readonly accepts?: readonly (keyof O & string)[];
  readonly run: (call: ActionCall<O>) => Promise<Listing>;
}

interface ActionCall<O extends Options> {
  readonly office: Office;
  /** Empty if the action has no argument. */
  readonly argument: string;
  readonly options: Input<O>["options"];
}

interface ActionCommand<O extends Options> {
  readonly name: string;
  readonly about: string;
  readonly examples: Command["examples"];
  readonly options: O;
  readonly actions: Readonly<Record<string, Action<O>>>;
}

export function actionCommand<const O extends Options>(declared: ActionCommand<O>): Command {
  const { name, about, examples, options, actions } = declared;
  const names = Object.keys(actions);
  const heads = Object.entries(actions).map(([each, { argument }]) => (argument ? `${each} <${argument}>` : each));
  const width = Math.max(...heads.map((head) => head.length)) + 2;
  const list = Object.values(actions).map(({ summary }, at) => `  ${heads[at]?.padEnd(width)}${summary}`);
  return command({
    usage: `<${names.join("|")}> [options]`,
    positionals: [names.join("|"), "name"],
    about: `${about}\n\n${list.join("\n")}`,
    examples,
    options: { ...options, ...operatorOptions },
    settings: [],
    exitCodes: ["ok", "internal", "usage", "project"],
    async run(input, context) {
      const [action, chosen] = choose(name, actions, input.positionals[0]);
      const argument = argumentOf(`${name} ${action}`, chosen, input.positionals[1]);
      const given = input.options as Readonly<Record<string, unknown>>;
      for (const [option, { kind }] of Object.entries<Option>(options)) {
        const isGiven = kind === "list" ? (given[option] as readonly string[]).length > 0 : Boolean(given[option]);
        if (isGiven && chosen.accepts?.includes(option) !== true)
          throw new OffhookError("setting-unknown", `--${option}; ${name} ${action} does not accept it`);
      }
      return await runInOffice(input.options, context, (office) =>
        chosen.run({
          office,
          argument,
          // The declaration has these options and those of every operator's command.
          options: input.options,
        }),
      );
    },
  });
}

/** Opens the data folder, and prints the result. */
export async function runInOffice(
  { data, json }: { readonly data: string | undefined; readonly json: boolean },
  { stdout, environment }: CommandContext,
  work: (office: Office) => Promise<Listing>,
): Promise<number> {
  const { withOffice } = await import("@offhook/serve/operators/office");
  const listing = await withOffice(dataFolderOf(data, environment), masterKeyFileIn(environment), work);
  stdout.write(json ? `${JSON.stringify(listing.value)}\n` : listingText(listing));
  return exitCodes.ok;
}

export function dataFolderOf(data: string | undefined, environment: CommandContext["environment"]): string {
  const folder = data ?? environment["OFFHOOK_DATA"];
  if (folder) return folder;
  throw new OffhookError("setting-invalid", "Missing value for --data. Expected the data folder of the server.");
}

export function masterKeyFileIn(environment: CommandContext["environment"]): string | undefined {
  return environment["OFFHOOK_MASTER_KEY_FILE"] || undefined;
}

function choose<O extends Options>(
  name: string,
  actions: Readonly<Record<string, Action<O>>>,
  word: string | undefined,
): [string, Action<O>] {
  const names = Object.keys(actions);
  const action = word !== undefined && Object.hasOwn(actions, word) ? actions[word] : undefined;
  if (word !== undefined && action !== undefined) return [word, action];
  const suggestion = word === undefined ? undefined : suggest(word, names);
  const question = suggestion === undefined ? "" : `; did you mean "offhook ${name} ${suggestion}"?`;
  const what = word === undefined ? `${name} needs an action` : `"${name} ${word}"`;
  throw new OffhookError("command-unknown", `${what}${question || `. Expected ${names.join(", ")}.`}`);
}

function argumentOf<O extends Options>(name: string, { argument }: Action<O>, word: string | undefined): string {
  if (argument === undefined && word !== undefined)
    throw new OffhookError("setting-unknown", `"${word}"; ${name} accepts no argument`);
  if (argument !== undefined && word === undefined)
    throw new OffhookError("setting-invalid", `Missing argument: offhook ${name} <${argument}>.`);
  return word ?? "";
}
