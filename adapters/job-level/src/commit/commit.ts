import { type ChangeType, checkNumbers, checkUnits, type JobId, type Unit, type UnitOutcome } from "@jobq/core";
import { type LevelBatch, type LevelStore, type Opened, UTF8 } from "@jobq/level";
import { recount } from "../find/recount.ts";
import { indexEntries } from "../layout/index-entries.ts";
import { headKey, partitionOf, partitionRange } from "../layout/keys.ts";
import { writeCounter } from "../memory/batches.ts";
import type { HeadChange } from "../memory/head-change.ts";
import { writeCounts } from "../memory/job-counts.ts";
import { giveSpaceBack } from "../memory/removals.ts";
import { writeReservations } from "../memory/reservations.ts";
import type { WorkingSet } from "../memory/working-set.ts";
import { keysOfDamaged } from "../record/damaged-jobs.ts";
import { noteKeys } from "../record/notes.ts";
import { RecordReader } from "../record/record-reader.ts";
import { writeChange } from "./change-writer.ts";
import { writeHeldKeys } from "./held-keys.ts";
import { type JobChange, StagedCommit } from "./staged-commit.ts";

/** What a follower adds to the batch of a commit. */
export interface Following {
  /** Adds the writes of the follower. */
  write(batch: LevelBatch): void;
  /** Called after the batch has been written. */
  adopt(): void;
}

/** Follows the changes of a commit in the same batch; returns undefined if it has nothing to write. */
export type Follow = (
  changes: readonly HeadChange[],
  outcomes: readonly UnitOutcome[],
) => Promise<Following | undefined>;

/** The options of a commit. */
export interface CommitOptions {
  /** The followers of the jobs, whose writes go into the same batch. */
  readonly follow?: Follow;
  /** Whether outcomes contain whole jobs, for jobs that were neither ended nor reserved before. */
  readonly isWhole?: boolean;
}

/** Works the units out and writes what they change as one batch; memory changes once that has been written. */
export async function commitUnits(
  store: LevelStore<WorkingSet>,
  opened: Opened<WorkingSet>,
  units: readonly Unit[],
  { follow, isWhole = false }: CommitOptions,
): Promise<UnitOutcome[]> {
  checkUnits(units);
  checkNumbers(units);
  const { level, state: memory } = opened;
  const reader = new RecordReader(level, UTF8, memory.damage, memory.recent);
  const staged = new StagedCommit(memory, reader);
  await staged.load(units, isWhole);
  const outcomes = units.map((unit) => staged.apply(unit));
  const changes = staged.changes();
  const following = await follow?.(changes, outcomes);
  const wiped = staged.wiped();
  if (changes.length + wiped.length === 0 && !following) return outcomes;

  const heads = changes.filter(({ before, after }) => after !== before);
  const number = memory.batches.next(!follow);
  // Nobody knows on which topics damaged jobs were counted, so all are counted anew.
  const recounted = wiped.length > 0 ? await recount(memory, level) : undefined;
  const counts = memory.counts.after(heads, recounted);
  const reservations = memory.reservations.after(heads, number.number);
  const removed = removedOf(changes);
  const [oldNotes, damagedKeys] = [await noteKeys(level, removed), await keysOfDamaged(level, wiped)];
  const records: (string | undefined)[] = [];
  const fill = (batch: LevelBatch): void => {
    for (const key of [...oldNotes, ...damagedKeys]) batch.del(key);
    for (const change of changes) records.push(writeChange(batch, change, number.number));
    writeHeldKeys(batch, heads);
    writeCounts(batch, counts);
    writeReservations(batch, reservations);
    writeCounter(batch, number);
    following?.write(batch);
  };
  await store.write(opened, fill, !units.every(isPassing));
  forgetDamaged(memory, wiped, damagedKeys);
  memory.batches.adopt(number);
  memory.counts.adopt(counts);
  memory.reservations.adopt(reservations);
  memory.slots.adopt(heads);
  adoptKeys(memory, heads);
  changes.forEach(({ id, after }, i) => {
    memory.recent.set(id, records[i]);
    if (after && id > memory.greatestId) memory.greatestId = id;
  });
  following?.adopt();
  memory.removals.add(removed);
  const gap = memory.removals.take(() => memory.counts.count());
  if (gap) store.background(giveSpaceBack(level, gap));
  return outcomes;
}

/** All that was left of jobs that could not be read has been taken away; others may be in their places now. */
function forgetDamaged({ slots, recent, damage }: WorkingSet, ids: readonly JobId[], keys: readonly string[]): void {
  for (const id of ids) {
    slots.forget(id);
    recent.set(id, undefined);
  }
  damage.mended(keys);
}

/** Heads and entries of indexes have been written. */
function adoptKeys({ starts }: WorkingSet, changes: readonly HeadChange[]): void {
  for (const { id, before, after } of changes) {
    if (!after) continue;
    const partition = partitionOf(after.state);
    const moved = !before || partition !== partitionOf(before.state);
    if (moved && starts.isKnown(partitionRange(partition))) {
      starts.added(partitionRange(partition), headKey(partition, id));
    }
    for (const { range, key } of indexEntries(after)) starts.added(range, key);
  }
}

/**
 * What the death of the machine may undo: those who held jobs died with it, since only this process has the store, what
 * time brings comes again, and slots that are free are given out again. Everything else was asked for by somebody, who is
 * told that it is there.
 */
const PASSING: ReadonlySet<ChangeType> = new Set<ChangeType>(["reserve", "extend", "promote", "expire", "admit"]);

function isPassing({ insert, apply = [], note, forget, remove, purge }: Unit): boolean {
  return (
    !(insert?.length || note?.length || forget?.length || remove?.length || purge?.length) &&
    apply.every(({ type }) => PASSING.has(type))
  );
}

/** The jobs of which something was stored that goes now. */
function removedOf(changes: readonly JobChange[]): JobId[] {
  return changes.flatMap(({ id, before, wasRemoved }) => (before && wasRemoved ? id : []));
}
