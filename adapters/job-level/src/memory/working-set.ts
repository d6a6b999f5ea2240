import type { Damage, JobId } from "@jobq/core";
import { type Level, UTF8 } from "@jobq/level";
import { idOfHead, PARTITIONS, type Partition, partitionRange } from "../layout/keys.ts";
import { RecentHeads } from "../record/recent-heads.ts";
import { Batches } from "./batches.ts";
import { HeldSlots } from "./held-slots.ts";
import { JobCounts } from "./job-counts.ts";
import { RangeStarts } from "./range-starts.ts";
import { Removals } from "./removals.ts";
import { Reservations } from "./reservations.ts";

/** What is kept in memory of a job store; it changes when a batch has been written, never before. */
export interface WorkingSet {
  readonly counts: JobCounts;
  readonly reservations: Reservations;
  readonly slots: HeldSlots;
  readonly starts: RangeStarts;
  readonly batches: Batches;
  readonly recent: RecentHeads;
  readonly removals: Removals;
  readonly damage: Damage;
  /** No job has a greater id, so that new ones need not be looked for. */
  greatestId: JobId;
}

/** Reads the working set: a handful of small ranges, whatever the number of jobs. */
export async function loadWorkingSet(level: Level, damage: Damage): Promise<WorkingSet> {
  const [counts, reservations, slots, batches, ...ids] = await Promise.all([
    JobCounts.load(level, damage),
    Reservations.load(level, damage),
    HeldSlots.load(level, damage),
    Batches.load(level),
    ...(Object.keys(PARTITIONS) as Partition[]).map((partition) => greatestOn(level, partition)),
  ]);
  return {
    counts,
    reservations,
    slots,
    starts: new RangeStarts(),
    batches,
    recent: new RecentHeads(),
    removals: new Removals(),
    damage,
    greatestId: ids.reduce((a, b) => (a > b ? a : b), ""),
  };
}

async function greatestOn(level: Level, partition: Partition): Promise<JobId> {
  const keys = level.keys({ ...partitionRange(partition), reverse: true, limit: 1, ...UTF8 });
  try {
    const [key] = await keys.nextv(1);
    return key === undefined ? "" : idOfHead(key);
  } finally {
    await keys.close();
  }
}
