import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { folder, jobq } from "./terminal.ts";

describe("jobq completion", () => {
  it("completes commands, options and their values in bash", async () => {
    const cwd = await folder();
    const file = join(cwd, "jobq.bash");
    await writeFile(file, (await jobq(["completion", "bash"])).stdout);
    const complete = (...words: string[]): string[] => {
      const quoted = words.map((word) => `"${word}"`).join(" ");
      const program = `. ${file}; COMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _jobq; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["-c", program], { cwd, encoding: "utf8" }).trim().split("\n");
    };
    expect(complete("jobq", "su")).toEqual(["submit"]);
    expect(complete("jobq", "submit", "--pri")).toEqual(["--priority"]);
    expect(complete("jobq", "list", "--state", "exh")).toEqual(["exhausted"]);
    expect(complete("jobq", "workflows", "sig")).toEqual(["signal"]);
    expect(complete("jobq", "workflows", "signal", "--pay")).toEqual(["--payload"]);
  });

  it.each(["zsh", "fish"])("names every command for %s", async (shell) => {
    const { code, stdout } = await jobq(["completion", shell]);
    expect(code).toBe(0);
    for (const name of ["serve", "submit", "transfer", "completion"]) expect(stdout).toContain(name);
  });

  it("knows no other shell", async () => {
    expect((await jobq(["completion", "tcsh"])).code).toBe(2);
  });
});
