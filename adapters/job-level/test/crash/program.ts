import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { PairName } from "./pairs.ts";
import type { Report, Tell } from "./report.ts";

/** How long a process may go without reaching the moment of its death. */
const PATIENCE_MS = 30_000;

/** When to kill: so many reports after it began to open the store, and then so much later. */
export interface Moment {
  readonly reports: number;
  readonly afterMs: number;
}

/** What a process is started with. */
export interface Start {
  readonly pair: PairName;
  readonly path: string;
  readonly first: number;
  readonly seed: number;
}

/** The child program in one file, which starts faster than its sources. */
export class Program {
  readonly #folder: string;
  readonly #file: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#file = join(folder, "child.mjs");
  }

  /** Bundles it, beside the packages that are not bundled. */
  static async bundle(): Promise<Program> {
    const parent = fileURLToPath(new URL("../../tmp/", import.meta.url));
    await mkdir(parent, { recursive: true });
    const program = new Program(await mkdtemp(join(parent, "crash-")));
    await build({
      entryPoints: [fileURLToPath(new URL("child.ts", import.meta.url))],
      outfile: program.#file,
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["@jobq/source"],
      external: ["classic-level"],
    });
    return program;
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }

  /** Runs it until it is killed. */
  async runUntil({ reports, afterMs }: Moment, start: Start, tell: Tell): Promise<void> {
    const { pair, path, first, seed } = start;
    const child = spawn(process.execPath, [this.#file, pair, path, String(first), String(seed)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const kill = (): void => void child.kill("SIGKILL");
    const patience = setTimeout(() => {
      tell({ op: "fault", text: `no ${reports} reports in ${PATIENCE_MS} ms` });
      kill();
    }, PATIENCE_MS);
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    let left = reports;
    let cut: string | undefined;
    createInterface({ input: child.stdout }).on("line", (line) => {
      // Only the last line can have been cut by death.
      if (cut !== undefined) tell({ op: "fault", text: `it printed ${cut}` });
      const report = parse(line);
      if (report) tell(report);
      else cut = line;
      if (left-- > 0) return;
      if (afterMs === 0) kill();
      else setTimeout(kill, afterMs);
    });
    const signal = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (_, signal) => resolve(signal));
    });
    clearTimeout(patience);
    if (errors !== "") tell({ op: "fault", text: errors });
    if (signal !== "SIGKILL") tell({ op: "fault", text: "it ended by itself" });
  }
}

function parse(line: string): Report | undefined {
  try {
    return JSON.parse(line) as Report;
  } catch {
    return undefined;
  }
}
