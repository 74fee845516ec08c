import type { CommandCandidate, Completes } from "./candidates.ts";

/** For bash 3.2 and later, the version of macOS. It does not need the bash-completion package. */
export function bashScript(commands: readonly CommandCandidate[]): string {
  const names = commands.map(({ name }) => name);
  return `# Completion of offhook for bash. Load it with: source <(offhook completion bash)
_offhook() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}"
  local kind="" words="" flags="" valued="" place=0 index line
  COMPREPLY=()
  # bash splits --flag=value into three words.
  if [ "$before" = "=" ]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if [ "$word" = "=" ]; then word=""; fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${[...names, "--help", "--version"].join(" ")}"
  else
    case "$command" in
${commands.map(flagsCase).join("\n")}
    esac
    case "$command $before" in
${commands.flatMap(valueCases).join("\n")}
    esac
    if [ -z "$kind" ]; then
      # The position among the arguments that are neither options nor their values.
      for ((index = 2; index < COMP_CWORD; index++)); do
        case "\${COMP_WORDS[index]}" in
          -*) ;;
          *) case " $valued " in *" \${COMP_WORDS[index-1]} "*) ;; *) place=$((place + 1)) ;; esac ;;
        esac
      done
      case "$command $place" in
${commands.flatMap(placeCases).join("\n")}
      esac
      case "$word" in -*) kind=words words="$flags" ;; esac
    fi
  fi
  # A name may contain spaces, so each is on its own line.
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
    case "$kind" in
      file) compgen -f -- "$word" ;;
      folder) compgen -d -- "$word" ;;
      *) compgen -W "$words" -- "$word" ;;
    esac
  )
  case "$kind" in file | folder) compopt -o filenames 2>/dev/null ;; esac
}
complete -F _offhook offhook
`;
}

function flagsCase({ name, options }: CommandCandidate): string {
  const flags = options.map(({ flag }) => flag);
  const valued = options.flatMap(({ flag, short, value }) =>
    value === undefined ? [] : [flag, ...(short === undefined ? [] : [short])],
  );
  return `      ${name}) flags="${flags.join(" ")}" valued="${valued.join(" ")}" ;;`;
}

function valueCases({ name, options }: CommandCandidate): string[] {
  return options.flatMap(({ flag, short, value }) => {
    if (value === undefined) return [];
    const before = [flag, ...(short === undefined ? [] : [short])].map((each) => `"${name} ${each}"`);
    return [`      ${before.join(" | ")}) ${kindOf(value.completes)} ;;`];
  });
}

function placeCases({ name, positionals }: CommandCandidate): string[] {
  return positionals.map(({ completes }, place) => `        "${name} ${place}") ${kindOf(completes)} ;;`);
}

function kindOf(completes: Completes): string {
  return typeof completes === "string" ? `kind=${completes}` : `kind=words words="${completes.join(" ")}"`;
}
