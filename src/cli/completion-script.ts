// Completion scripts for bash, zsh and fish, from a plain description of the
// commands. They call nothing: what they offer is written into them.

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Offer {
  readonly name: string;
  readonly summary: string;
}

export interface CompletionNode {
  /** The command's words after `polylogue`; none for the program itself. */
  readonly words: readonly string[];
  readonly commands: readonly Offer[];
  readonly options: readonly Offer[];
}

export function completionScript(shell: Shell, nodes: readonly CompletionNode[]): string {
  switch (shell) {
    case "bash":
      return bashScript(nodes);
    case "zsh":
      return `#compdef polylogue\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(nodes)}`;
    case "fish":
      return fishScript(nodes);
  }
}

/** One `case` for each command; where nothing fits, file names. Works in zsh through bashcompinit. */
function bashScript(nodes: readonly CompletionNode[]): string {
  const paths = nodes.map((node) => node.words.join(" ")).filter((path) => path !== "");
  return `# Completion of polylogue.
_polylogue() {
  local current path word
  current="\${COMP_WORDS[COMP_CWORD]}"
  path=""
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths.map((path) => `"${path}"`).join("|")}) path="\${path:+$path }$word" ;;
    esac
  done
  local offers=""
  case "$path" in
${nodes.map((node) => `    "${node.words.join(" ")}") offers="${offersOf(node)}" ;;`).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$offers" -- "$current"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _polylogue polylogue
`;
}

function offersOf({ commands, options }: CompletionNode): string {
  return [...commands, ...options].map(({ name }) => name).join(" ");
}

function fishScript(nodes: readonly CompletionNode[]): string {
  const lines = nodes.flatMap(({ words, commands, options }) => {
    const when = condition(words, commands);
    return [
      ...commands.map(({ name, summary }) => `complete -c polylogue -f -n '${when}' -a ${name} -d ${quoted(summary)}`),
      ...options.map(
        ({ name, summary }) => `complete -c polylogue -n '${when}' -l ${name.slice(2)} -d ${quoted(summary)}`,
      ),
    ];
  });
  return `# Completion of polylogue.\n${lines.join("\n")}\n`;
}

/** True where these words were typed and none of the sub-commands yet. */
function condition(words: readonly string[], commands: readonly Offer[]): string {
  const typed = words.map((word) => `__fish_seen_subcommand_from ${word}`);
  const next =
    commands.length === 0 ? [] : [`not __fish_seen_subcommand_from ${commands.map(({ name }) => name).join(" ")}`];
  return [...typed, ...next].join("; and ") || "true";
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
