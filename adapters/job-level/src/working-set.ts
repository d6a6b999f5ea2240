import type { JobId } from "@jobq/core";
import { type Level, UTF8 } from "@jobq/level";
import { Batches } from "./batches.ts";
import { idOfHead, SHELVES, type Shelf, shelfRange } from "./keys.ts";
import { RecentHeads } from "./recent-heads.ts";
import { Removals } from "./removals.ts";
import { Reservations } from "./reservations.ts";
import { Tallies } from "./tallies.ts";

/** What is kept in memory of a job store; it changes when a batch has been written, never before. */
export interface WorkingSet {
  readonly tallies: Tallies;
  readonly reservations: Reservations;
  readonly batches: Batches;
  readonly recent: RecentHeads;
  readonly removals: Removals;
  /** No job has a greater id, so that new ones need not be looked for. */
  greatestId: JobId;
}

/** Reads the working set: a handful of small ranges, whatever the number of jobs. */
export async function loadWorkingSet(level: Level): Promise<WorkingSet> {
  const [tallies, reservations, batches, ...ids] = await Promise.all([
    Tallies.load(level),
    Reservations.load(level),
    Batches.load(level),
    ...(Object.keys(SHELVES) as Shelf[]).map((shelf) => greatestOn(level, shelf)),
  ]);
  const [recent, removals] = [new RecentHeads(), new Removals()];
  return { tallies, reservations, batches, recent, removals, greatestId: ids.reduce((a, b) => (a > b ? a : b), "") };
}

async function greatestOn(level: Level, shelf: Shelf): Promise<JobId> {
  const keys = level.keys({ ...shelfRange(shelf), reverse: true, limit: 1, ...UTF8 });
  try {
    const [key] = await keys.nextv(1);
    return key === undefined ? "" : idOfHead(key);
  } finally {
    await keys.close();
  }
}
