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
  "--role": ["viewer", "operator", "admin"],
  "--log": ["none", "audit", "requests"],
};

/** Completes for bash. */
export function bashCompletion(program: Command): string {
  const commands = commandsOf(program);
  const cases = commands.map(
    ({ name, flags }) => `    ${name}) words="${flags.map((flag) => flag.name).join(" ")}" ;;`,
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
  const cases = commands.map(({ name, flags }) => {
    const rest = name === "completion" ? "'1:shell:(bash zsh fish)'" : "'*:argument:_files'";
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
  const lines = commands.flatMap(({ name, summary, flags }) => [
    `complete -c jobq -n "not __fish_seen_subcommand_from ${names}" -a ${name} -d '${plain(summary)}'`,
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
  readonly flags: readonly Flag[];
}

function commandsOf(program: Command): readonly Completed[] {
  return program.commands.map((command) => ({
    name: command.name(),
    summary: command.summary(),
    flags: [...flagsOf(command), ...flagsOf(program).filter(({ name }) => name !== "--version")],
  }));
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
