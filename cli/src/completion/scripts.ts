import type { Command } from "commander";
import { type Completed, completedOf, type Flag, flagsOf } from "./completed.ts";

/** Completes for bash. */
export function bashCompletion(program: Command): string {
  const commands = completedOf(program);
  const names = commands.map(({ name }) => name);
  const cases = commands.map(({ name, actions, flags, words = [] }) => {
    return `    ${name}) words="${[...words, ...[...actions, ...flags].map((one) => one.name)].join(" ")}" ;;`;
  });
  const valued = commands.flatMap(({ name, flags }) => flags.map((flag) => ({ name, flag })));
  const known = grouped(
    valued.flatMap(({ name, flag }) => spellings(flag).map((one) => [`"${name} ${one}"`, flag.words?.join(" ")])),
  );
  const values = [...known].map(
    ([words, when]) => `    ${when.join("|")}) COMPREPLY=($(compgen -W "${words}" -- "$word")); return ;;`,
  );
  const others = valued.filter(({ flag }) => flag.takesValue).flatMap(({ flag }) => spellings(flag));
  return `_jobq() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="" words="" at
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in
      ${names.join("|")}) command="\${COMP_WORDS[at]}"; break ;;
    esac
  done
  case "$command $before" in
${values.join("\n")}
    ${[...new Set(others)].map((one) => `*" ${one}"`).join("|")}) COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  case "$command" in
    "") words="${[...names, ...flagsOf(program).map(({ name }) => name)].join(" ")}" ;;
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
  const commands = completedOf(program);
  const argument = (message: string, list: readonly string[]): string => `'1:${message}:((${list.join(" ")}))'`;
  const cases = commands.map(({ name, actions, flags, words }) => {
    const first = words ? argument("argument", words) : argument("action", actions.map(described));
    const rest = words || actions.length > 0 ? [first, "'*:argument:'"] : ["'*:argument:_files'"];
    return `    ${name}) _arguments ${[...flags.map(zshFlag), ...rest].join(" ")} ;;`;
  });
  return `#compdef jobq
_jobq() {
  local at command=""
  for ((at = 2; at < CURRENT; at++)); do
    case "$words[at]" in
      ${commands.map(({ name }) => name).join("|")}) command="$words[at]"; break ;;
    esac
  done
  if [[ -n "$command" ]]; then
    words=("\${(@)words[at,-1]}")
    ((CURRENT -= at - 1))
  fi
  case "$command" in
    "") _arguments ${flagsOf(program).map(zshFlag).join(" ")} ${argument("command", commands.map(described))} ;;
${cases.join("\n")}
  esac
}
if [[ "$funcstack[1]" = "_jobq" ]]; then _jobq "$@"; else compdef _jobq jobq; fi
`;
}

/** Completes for fish. */
export function fishCompletion(program: Command): string {
  const commands = completedOf(program);
  const names = commands.map(({ name }) => name).join(" ");
  const lines = commands.flatMap(({ name, summary, actions, flags, words }) => {
    const seen = actions.map((action) => action.name).join(" ");
    return [
      `complete -c jobq -n __jobq_at -a ${name} -d '${plain(summary)}'`,
      ...actions.map((action) => {
        const at = `__jobq_at ${name}; and not __fish_seen_subcommand_from ${seen}`;
        return `complete -c jobq -n "${at}" -f -a ${action.name} -d '${plain(action.summary)}'`;
      }),
      ...(words ? [`complete -c jobq -n "__jobq_at ${name}" -f -a '${words.join(" ")}'`] : []),
      ...flags.map((flag) => `complete -c jobq -n "__jobq_at ${name}" ${fishFlag(flag)}`),
    ];
  });
  const ofProgram = flagsOf(program).map((flag) => `complete -c jobq -n __jobq_at ${fishFlag(flag)}`);
  return `# True when the command line has this command so far; without one, when it has none.
function __jobq_at
    for word in (commandline -opc)[2..-1]
        if contains -- $word ${names}
            test $word = "$argv"
            return
        end
    end
    test -z "$argv"
end
complete -c jobq -n __jobq_at -f
${[...lines, ...ofProgram].join("\n")}
`;
}

/** The ways to write an option. */
function spellings({ name, short }: Flag): readonly string[] {
  return short ? [name, short] : [name];
}

/** The keys of each value; those without one are left out. */
function grouped(pairs: readonly (readonly [key: string, value: string | undefined])[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of pairs) if (value) groups.set(value, [...(groups.get(value) ?? []), key]);
  return groups;
}

function zshFlag(flag: Flag): string {
  const { name, short, summary, takesValue, repeats, words } = flag;
  const value = takesValue ? `:value:${words ? `(${words.join(" ")})` : "_files"}` : "";
  const text = `[${plain(summary)}]${value}`;
  const once = repeats ? "*" : `(${spellings(flag).join(" ")})`;
  return short ? `'${once}'{${short},${name}}'${text}'` : `'${repeats ? "*" : ""}${name}${text}'`;
}

/** An action as zsh has it in a list. */
function described({ name, summary }: Pick<Completed, "name" | "summary">): string {
  return `${name}\\:"${plain(summary)}"`;
}

function fishFlag({ name, short, summary, takesValue, words }: Flag): string {
  const value = takesValue ? (words ? ` -x -a '${words.join(" ")}'` : " -r") : "";
  return `${short ? `-s ${short.slice(1)} ` : ""}-l ${name.slice(2)}${value} -d '${plain(summary)}'`;
}

/** Text as it may stand between quotes of every shell, and before a colon of zsh. */
function plain(text: string): string {
  return text.replace(/['"`\\$[\]]/g, "").replaceAll(":", " ");
}
