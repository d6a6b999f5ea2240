import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How an example ended, and what it printed. */
export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
}

/** Starts `src/NAME.ts` in the folder, as `npm start` does; `watch` sees the process and what it has printed so far. */
export function run(
  name: string,
  args: readonly string[],
  cwd: string,
  watch: (child: ChildProcess, stdout: string) => void = () => {},
): Promise<Run> {
  const source = fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url));
  const node = ["--import", import.meta.resolve("tsx"), "--conditions=@jobq/source", source, ...args];
  const child = spawn(process.execPath, node, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  watch(child, stdout);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    watch(child, stdout);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ stdout, stderr, code, signal }));
  });
}

/** A fresh folder to run in. */
export function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "jobq-example-"));
}

/** What the example prints, as it is kept in `expected/NAME.txt`. */
export function expected(name: string): Promise<string> {
  return readFile(new URL(`expected/${name}.txt`, import.meta.url), "utf8");
}
