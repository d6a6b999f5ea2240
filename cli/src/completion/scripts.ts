import { EVENT_TYPES } from "@jobq/server";
import type { Command } from "commander";
import { STATE_NAMES } from "../input/state-filter.ts";

/** An option as completion needs it. */
interface Flag {
  readonly name: string;
  readonly summary: string;
  readonly takesValue: boolean;
}

/** Options whose values are known words. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "--state": STATE_NAMES,
  "--priority": ["critical", "high", "normal", "low", "bulk"],
  "--event": EVENT_TYPES,
  "--role": ["viewer", "operator", "admin"],
  "--log": ["none", "audit", "requests"],
};

/** Completes for bash. */
export function bashCompletion(program: Command): string {
  const commands = commandsOf(program);
  const cases = commands.map(
    ({ name, actions, flags }) =>
      `    ${name}) words="${[...actions.map((action) => action.name), ...flags.map((flag) => flag.name)].join(" ")}" ;;`,
  );
  const values = Object.entries(VALUES).map(
    ([name, words]) => `    ${name}) COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$word")); return ;;`,
  );
  return `_jobq() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" at
  COMPREPLY=()
  case "$before" in
${values.join("\n")}
    --jobs|--keys|--config|--batch|--data-dir) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in
      ${commands.map(({ name }) => name).join("|")}) command="\${COMP_WORDS[at]}"; break ;;
    esac
  done
  case "$command" in
    "") words="${[...commands.map(({ name }) => name), ...flagsOf(program).map(({ name }) => name)].join(" ")}" ;;
    completion) words="bash zsh fish" ;;
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  [[ \${#COMPREPLY[@]} -gt 0 || "$word" == -* ]] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -F _jobq jobq
`;
}

/** Completes for zsh. */
export function zshCompletion(program: Command): string {
  const commands = commandsOf(program);
  const spec = ({ name, summary, takesValue }: Flag): string => {
    const words = VALUES[name];
    const value = takesValue ? `:value:${words ? `(${words.join(" ")})` : "_files"}` : "";
    return `'${name}[${plain(summary)}]${value}'`;
  };
  const cases = commands.map(({ name, actions, flags }) => {
    const first = actions.length > 0 ? `'1:action:((${actions.map(described).join(" ")}))' '*:argument:'` : undefined;
    const rest = name === "completion" ? "'1:shell:(bash zsh fish)'" : (first ?? "'*:argument:_files'");
    return `    ${name}) _arguments ${[...flags.map(spec), rest].join(" ")} ;;`;
  });
  return `#compdef jobq
_jobq() {
  local -a commands
  commands=(${commands.map(({ name, summary }) => `'${name}:${plain(summary)}'`).join(" ")})
  if ((CURRENT == 2)); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  ((CURRENT--))
  case "$command" in
${cases.join("\n")}
  esac
}
if [[ "$funcstack[1]" = "_jobq" ]]; then _jobq "$@"; else compdef _jobq jobq; fi
`;
}

/** Completes for fish. */
export function fishCompletion(program: Command): string {
  const commands = commandsOf(program);
  const names = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap(({ name, summary, actions, flags }) => [
    `complete -c jobq -n "not __fish_seen_subcommand_from ${names}" -a ${name} -d '${plain(summary)}'`,
    ...actions.map((action) => {
      const seen = actions.map((one) => one.name).join(" ");
      const at = `__fish_seen_subcommand_from ${name}; and not __fish_seen_subcommand_from ${seen}`;
      return `complete -c jobq -n "${at}" -f -a ${action.name} -d '${plain(action.summary)}'`;
    }),
    ...flags.map((flag) => {
      const words = VALUES[flag.name];
      const value = flag.takesValue ? (words ? ` -x -a '${words.join(" ")}'` : " -r") : "";
      const option = flag.name.replace(/^--/, "");
      return `complete -c jobq -n "__fish_seen_subcommand_from ${name}" -l ${option}${value} -d '${plain(flag.summary)}'`;
    }),
  ]);
  const shells = `complete -c jobq -n "__fish_seen_subcommand_from completion" -x -a 'bash zsh fish'`;
  return `${["complete -c jobq -n __fish_use_subcommand -f", ...lines, shells].join("\n")}\n`;
}

interface Completed {
  readonly name: string;
  readonly summary: string;
  /** What it does to one thing of a kind: commands of its own. */
  readonly actions: readonly Pick<Completed, "name" | "summary">[];
  readonly flags: readonly Flag[];
}

function commandsOf(program: Command): readonly Completed[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    actions: command.commands.map((action) => ({ name: action.name(), summary: action.summary() })),
    flags: [
      ...distinct([command, ...command.commands].flatMap(flagsOf)),
      ...flagsOf(program).filter(({ name }) => name !== "--version"),
    ],
  }));
}

function distinct(flags: readonly Flag[]): Flag[] {
  return [...new Map(flags.map((flag) => [flag.name, flag])).values()];
}

/** An action as zsh has it in a list. */
function described({ name, summary }: Pick<Completed, "name" | "summary">): string {
  return `${name}\\:"${plain(summary)}"`;
}

function flagsOf(command: Command): readonly Flag[] {
  return command.options.flatMap(({ long, description, required, optional }) =>
    long ? [{ name: long, summary: description, takesValue: required || optional }] : [],
  );
}

/** Text as it may stand between quotes of every shell, and before a colon of zsh. */
function plain(text: string): string {
  return text.replace(/['"`\\$[\]]/g, "").replaceAll(":", " ");
}
