import type { CommandCandidate, Completes, OptionCandidate } from "./candidates.ts";

/** Works both as a file in `fpath` and sourced. */
export function zshScript(commands: readonly CommandCandidate[]): string {
  const list = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const lines = [...command.options.map(optionOf), ...command.positionals.map(positionalOf)];
    return `    ${command.name})\n      _arguments -s \\\n        ${lines.join(" \\\n        ")}\n      ;;`;
  });
  return `#compdef offhook
# Completion of offhook for zsh: offhook completion zsh > "\${fpath[1]}/_offhook"
_offhook() {
  local -a commands
  commands=(
${list.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  shift words
  ((CURRENT--))
  case "$words[1]" in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = "_offhook" ]; then
  _offhook "$@"
else
  compdef _offhook offhook
fi
`;
}

function optionOf({ flag, short, description, isList, value }: OptionCandidate): string {
  const spec = `[${description.replaceAll(/[[\]:\\]/g, "\\$&")}]${value === undefined ? "" : valueOf(value.name, value.completes)}`;
  if (short === undefined) return quoted(`${isList ? "*" : ""}${flag}${spec}`);
  // After one of the two, zsh does not offer the other.
  const head = isList ? "'*'" : quoted(`(${short} ${flag})`);
  return `${head}{${short},${flag}}${quoted(spec)}`;
}

function positionalOf({ name, completes }: CommandCandidate["positionals"][number], place: number): string {
  return quoted(`${place + 1}${valueOf(name, completes)}`);
}

function valueOf(name: string, completes: Completes): string {
  const title = name.replaceAll(/[:\\]/g, "\\$&");
  if (completes === "file") return `:${title}:_files`;
  if (completes === "folder") return `:${title}:_files -/`;
  return completes === "nothing" ? `:${title}: ` : `:${title}:(${completes.join(" ")})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
