import { wrongType } from "@jobq/core";
import type { Command } from "commander";
import type { Shell } from "../completion/completed.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "../completion/scripts.ts";
import { type Bind, subcommand } from "../session.ts";

const SCRIPTS: Readonly<Record<Shell, (program: Command) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** Adds `jobq completion`. */
export function addCompletion(program: Command, bind: Bind): void {
  subcommand(program, "completion", "Print a script that completes commands and options")
    .argument("<shell>", "bash, zsh or fish")
    .action(
      bind(async ({ printer }, [shell = ""]) => {
        const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as Shell] : undefined;
        if (!script) throw wrongType("the shell", "bash, zsh or fish", shell);
        await printer.line(script(program).trimEnd());
      }),
    );
}
