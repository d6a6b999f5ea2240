import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { STORES, type StoreName } from "./stores.ts";

/** How often and when processes are killed. */
export interface KillPlan {
  readonly total: number;
  readonly kills: number;
  readonly seed: number;
}

const WORKER = fileURLToPath(new URL("kill-worker.ts", import.meta.url));
/** How a process runs sources as they are. */
const SOURCES = ["--import", "tsx", "--conditions=@jobq/source"];
/** So long after its moment has come, at most, a process is killed: anywhere between its writes and within them. */
const LATEST_MS = 20;

/** Has processes work the store until nothing is left, and kills one at each of so many moments. */
export async function workUnderKills(
  store: StoreName,
  folder: string,
  { total, kills, seed }: KillPlan,
): Promise<{ kills: number; runs: number }> {
  const roll = dice(seed);
  const moments = Array.from({ length: kills }, () => roll(total)).sort((a, b) => a - b);
  let ended = 0;
  let killed = 0;
  const live = async (): Promise<void> => {
    for (;;) {
      const child = fork(WORKER, [store, folder], { execArgv: SOURCES });
      let isDoomed = false;
      child.on("message", (message: { ended?: number }) => {
        ended += message.ended ?? 0;
        if (isDoomed || ended < (moments[0] ?? Infinity)) return;
        isDoomed = true; // by this moment alone: the next one is another process's
        moments.shift();
        setTimeout(() => child.kill("SIGKILL"), roll(LATEST_MS));
      });
      if (await isOver(child)) return;
      killed++;
    }
  };
  await Promise.all(Array.from({ length: STORES[store] }, live));
  return { kills: killed, runs: (await firstStarts(folder)).runs };
}

/** True when the process ended by itself, false when it was killed. */
async function isOver(child: ChildProcess): Promise<boolean> {
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (code === 0) return true;
  if (signal === "SIGKILL") return false;
  throw new Error(`a worker ended by itself with ${code ?? signal}`);
}

/** When the handler of each job began for the first time, and how often handlers began in all. */
export async function firstStarts(folder: string): Promise<{ starts: ReadonlyMap<string, number>; runs: number }> {
  const starts = new Map<string, number>();
  let runs = 0;
  for (const file of await readdir(folder)) {
    if (!file.startsWith("starts-")) continue;
    for (const line of (await readFile(join(folder, file), "utf8")).split("\n")) {
      const [id, at] = line.split(" ");
      if (id === undefined || at === undefined) continue;
      runs++;
      starts.set(id, Math.min(starts.get(id) ?? Infinity, Number(at)));
    }
  }
  return { starts, runs };
}

/** Numbers from 0 up to `below` that look random and are the same for a seed. */
function dice(seed: number): (below: number) => number {
  let state = (seed * 2_654_435_761) % 2_147_483_647 || 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}
