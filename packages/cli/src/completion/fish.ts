import type { CommandCandidate, Completes, OptionCandidate } from "./candidates.ts";

export function fishScript(commands: readonly CommandCandidate[]): string {
  const lines = commands.flatMap(({ name, summary, options, positionals }) => {
    const here = `complete -c offhook -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c offhook -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map((option) => `${here} ${optionOf(option)}`),
      ...positionals.flatMap(({ completes }) => argumentOf(completes).map((argument) => `${here} ${argument}`)),
    ];
  });
  return `# Completion of offhook for fish: offhook completion fish > ~/.config/fish/completions/offhook.fish
complete -c offhook -f
complete -c offhook -n __fish_use_subcommand -s h -l help -d 'Show help.'
complete -c offhook -n __fish_use_subcommand -s v -l version -d 'Show the version.'
${lines.join("\n")}
`;
}

function optionOf({ flag, short, description, value }: OptionCandidate): string {
  const letter = short === undefined ? "" : `-s ${short.slice(1)} `;
  const text = `${letter}-l ${flag.slice(2)} -d ${quoted(description)}`;
  if (value === undefined) return text;
  const { completes } = value;
  if (completes === "file") return `${text} -r -F`;
  return [`${text} -x`, ...argumentOf(completes)].join(" ");
}

function argumentOf(completes: Completes): string[] {
  if (completes === "nothing") return [];
  if (completes === "file") return ["-F"];
  if (completes === "folder") return ["-a '(__fish_complete_directories)'"];
  return [`-a ${quoted(completes.join(" "))}`];
}

function quoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
