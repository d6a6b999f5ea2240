import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAIRS, type PairName } from "./crash/pairs.ts";
import { Program } from "./crash/program.ts";
import { playRound } from "./crash/round.ts";

/** How often a process is killed, per pair: to soak, more often. */
const KILLS = Number(process.env.JOBQ_CRASH_KILLS ?? 20);
/** What seeds the moments of death and the work; when a process gets there is up to the machine. */
const SEED = Number(process.env.JOBQ_CRASH_SEED ?? Date.now() % 1_000_000);
const KILLS_PER_ROUND = 10;

let program: Program;
beforeAll(async () => {
  program = await Program.bundle();
});
afterAll(() => program.remove());

describe.concurrent("a process that is killed at any moment", () => {
  it.for(Object.keys(PAIRS) as PairName[])(
    "loses nothing and runs nothing twice that was done: %s",
    {
      timeout: 60_000 + KILLS * 5_000,
    },
    async (pair) => {
      const counts: Record<string, number> = {};
      for (let killed = 0, round = 0; killed < KILLS; killed += KILLS_PER_ROUND, round++) {
        const seed = SEED + round;
        const kills = Math.min(KILLS_PER_ROUND, KILLS - killed);
        const auditor = await playRound(program, { pair, kills, seed });
        expect(auditor.violations, `to play this again: JOBQ_CRASH_KILLS=${kills} JOBQ_CRASH_SEED=${seed}`).toEqual([]);
        for (const [op, count] of Object.entries(auditor.counts)) counts[op] = (counts[op] ?? 0) + count;
      }
      // Whatever the moments of death were, there was something to lose.
      expect(counts.enqueue).toBeGreaterThan(KILLS);
      expect(counts.settle).toBeGreaterThan(KILLS);
    },
  );
});
