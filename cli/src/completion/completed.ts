import { CANCEL_REASONS, JOB_STATES } from "@jobq/core";
import { EVENT_TYPES, ROLES } from "@jobq/server";
import { PRIORITIES } from "@jobq/service";
import type { Command, Option } from "commander";
import { STATE_NAMES } from "../input/state-filter.ts";

/** An option as completion needs it. */
export interface Flag {
  /** Such as `--state`. */
  readonly name: string;
  /** Such as `-s`. */
  readonly short: string | undefined;
  readonly summary: string;
  readonly takesValue: boolean;
  /** True when it may be given several times. */
  readonly repeats: boolean;
  /** The words that are its values, where those are known. */
  readonly words: readonly string[] | undefined;
}

/** A command as completion needs it. */
export interface Completed {
  readonly name: string;
  readonly summary: string;
  /** What it does to one thing of a kind: commands of its own. */
  readonly actions: readonly Pick<Completed, "name" | "summary">[];
  /** Its own, those of its actions, and those of the program. */
  readonly flags: readonly Flag[];
  /** The words that are its argument, where those are known. */
  readonly words: readonly string[] | undefined;
}

/** The values of options that are known words, where a command has no others for it. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  "--state": STATE_NAMES,
  "--priority": Object.keys(PRIORITIES),
  "--event": EVENT_TYPES,
  "--role": ROLES,
  "--log": ["none", "audit", "requests"],
};

/** Those of single commands. */
const OWN_VALUES: Readonly<Record<string, readonly string[]>> = {
  "workflows --state": JOB_STATES,
  "purge --state": ["done", "canceled"],
  "purge --reason": CANCEL_REASONS,
};

/** The shells that scripts are written for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

/** Every command of the program. */
export function completedOf(program: Command): readonly Completed[] {
  return program.commands.map((command) => {
    const name = command.name();
    const own = [command, ...command.commands].flatMap((one) => flagsOf(one, name));
    return {
      name,
      summary: command.summary(),
      actions: command.commands.map((action) => ({ name: action.name(), summary: action.summary() })),
      flags: [...distinct(own), ...flagsOf(program, name).filter((flag) => flag.name !== "--version")],
      words: name === "completion" ? SHELLS : undefined,
    };
  });
}

/** The options of a command, as they are below the command of that name. */
export function flagsOf(command: Command, below = ""): readonly Flag[] {
  return command.options.flatMap((option) => flagOf(option, below));
}

function flagOf({ long, short, description, required, optional, variadic }: Option, below: string): readonly Flag[] {
  if (!long) return [];
  const words = OWN_VALUES[`${below} ${long}`] ?? VALUES[long];
  return [{ name: long, short, summary: description, takesValue: required || optional, repeats: variadic, words }];
}

function distinct(flags: readonly Flag[]): Flag[] {
  return [...new Map(flags.map((flag) => [flag.name, flag])).values()];
}
