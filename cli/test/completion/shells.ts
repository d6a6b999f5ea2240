import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Shell } from "../../src/completion/completed.ts";
import { folder, jobq } from "../terminal.ts";

/** What a line of the shell is completed to, in order of the alphabet. */
export type Complete = (line: string) => readonly string[];

/** True where the shell is not there, and need not be. */
export function isMissing(shell: Shell): boolean {
  return !existsSync(`/usr/bin/${shell}`) && process.env.JOBQ_TEST_REQUIRE_ALL === undefined;
}

/** Completes in a shell that has read the script for it. */
export async function completing(shell: Shell): Promise<Complete> {
  const cwd = await folder();
  const script = join(cwd, `completion.${shell}`);
  await writeFile(script, (await jobq(["completion", shell])).stdout);
  const env = { ...process.env, HOME: cwd, XDG_CONFIG_HOME: cwd, XDG_DATA_HOME: cwd };
  return (line) => {
    const [program, ...args] = COMMANDS[shell](script, line);
    const printed = execFileSync(program, args, { cwd, env, encoding: "utf8", timeout: 30_000 });
    const found = printed.split(/\r?\n/).map((one) => one.split("\t", 1)[0]?.trim() ?? "");
    return [...new Set(found.filter((one) => one !== ""))].sort();
  };
}

/** How each shell is asked. */
const COMMANDS: Readonly<Record<Shell, (script: string, line: string) => readonly [string, ...string[]]>> = {
  bash: (script, line) => {
    const words = line.split(" ");
    const quoted = words.map((word) => `"${word}"`).join(" ");
    const asked = `COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _jobq; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return ["bash", "-c", `. ${script}; ${asked}`];
  },
  zsh: (script, line) => ["zsh", "-f", fileURLToPath(new URL("capture.zsh", import.meta.url)), script, line],
  fish: (script, line) => ["fish", "--no-config", "-c", `source ${script}; complete -C '${line}'`],
};
