import type { Timestamp } from "./clock.ts";
import { isFinal, type Job, type JobHead, type JobId } from "./job.ts";
import type { Note } from "./note.ts";
import { type Change, isRefusal, type Refusal, transition } from "./transition.ts";

/** Changes that are stored whole or not at all, in this order: inserts, transitions, notes, removals, purges. */
export interface Unit {
  /** The instant at which all of it happens. */
  readonly now: Timestamp;
  /** Jobs to add. One whose id is there already, or whose unique key a live job holds, is left out; that refuses nothing. */
  readonly insert?: readonly Job[];
  /** Guarded transitions; a guard that fails refuses the unit. */
  readonly apply?: readonly Change[];
  /** Notes on jobs that exist; one on a job that does not refuses the unit. */
  readonly note?: readonly Note[];
  /** Jobs to forget, with their notes; one that is not there is passed over. */
  readonly remove?: readonly JobId[];
  /** Jobs to forget, with their notes, if they are done or canceled; any other is passed over. */
  readonly purge?: readonly JobId[];
}

/** What a stored unit did. */
export interface UnitStored {
  readonly ok: true;
  /** For each insert the job that stands for it: itself, or the one that holds its unique key. */
  readonly inserted: readonly JobId[];
  /** The inserts that the unit did not store, by their own ids: the id was there, or a live job holds the unique key. */
  readonly leftOut: readonly JobId[];
  /** For each transition the job after it; it may carry more than the head. */
  readonly changed: readonly JobHead[];
  /** The jobs that were there and are not any more. */
  readonly removed: readonly JobId[];
}

export type UnitOutcome = UnitStored | Refusal;

/** The records a unit starts from. */
export interface Lookup<J extends JobHead> {
  job(id: JobId): J | undefined;
  /** The live job that holds the unique key. */
  holder(unique: string): JobId | undefined;
}

/** One record to write: without `before` a new one, without `after` one to delete. */
export type Write<J extends JobHead> =
  | { readonly before: J | undefined; readonly after: J }
  | { readonly before: J; readonly after: undefined };

/** What a store has to write for a unit; nothing when the outcome is a refusal. */
export interface AppliedUnit<J extends JobHead> {
  readonly outcome: UnitOutcome;
  /** At most one per job. */
  readonly writes: readonly Write<J>[];
  readonly notes: readonly Note[];
}

/** Not frozen: the engine would treat it as another kind of array, and every loop that meets both as slow. */
const NONE: readonly never[] = [];

/** The jobs that a stored unit added; of two with one id the first. */
export function storedInserts({ insert = NONE }: Unit, { leftOut }: UnitStored): readonly Job[] {
  if (insert.length < 2 && leftOut.length === 0) return insert;
  const passed = new Set(leftOut);
  return insert.filter(({ id }) => !passed.has(id) && passed.add(id));
}

/** The key a job keeps others from taking, if it does. */
export function heldKey(job: JobHead | undefined): string | undefined {
  return job && !isFinal(job.state) ? job.unique : undefined;
}

/**
 * Works out a unit against the records of a store, without writing: the store writes what comes back, in one step.
 * `Job` is assignable to `J`, so a store that keeps payloads elsewhere may work on heads.
 */
export function applyUnit<J extends JobHead>(unit: Unit, lookup: Lookup<J>): AppliedUnit<J | Job> {
  const { insert = NONE, apply = NONE, note = NONE, remove = NONE, purge = NONE, now } = unit;
  /** The records as the unit has changed them so far. */
  const after = new Map<JobId, J | Job | undefined>();
  /** Who took a unique key last in this unit; it may have lost it again. */
  const takers = new Map<string, JobId>();
  const leftOut: JobId[] = [];
  const changed: JobHead[] = [];

  const find = (id: JobId) => (after.has(id) ? after.get(id) : lookup.job(id));
  const holderOf = (key: string | undefined): JobId | undefined => {
    const holder = key && (takers.get(key) ?? lookup.holder(key));
    return holder && after.has(holder) && heldKey(after.get(holder)) !== key ? undefined : holder;
  };
  const set = (job: J | Job): void => {
    const key = heldKey(job);
    after.set(job.id, job);
    if (key) takers.set(key, job.id);
  };

  const inserted = insert.map((job) => {
    const { id } = job;
    const standIn = find(id) ? id : holderOf(heldKey(job));
    if (!standIn) set(job);
    else if (!after.has(id)) leftOut.push(id);
    return standIn ?? id;
  });
  for (const change of apply) {
    const { id } = change;
    const job = find(id);
    if (!job) return refuse({ ok: false, code: "JOB_NOT_FOUND", id });
    const answer = transition(job, change, now);
    if (isRefusal(answer)) return refuse(answer);
    // A reset takes the unique key again, which may be in other hands by then.
    const holder = change.type === "reset" ? holderOf(answer.unique) : undefined;
    if (holder) return refuse({ ok: false, code: "DUPLICATE_JOB", id, job, holder });
    set(answer);
    changed.push(answer);
  }
  for (const { id } of note) if (!find(id)) return refuse({ ok: false, code: "JOB_NOT_FOUND", id });
  const hasEnded = (id: JobId): boolean => isFinal(find(id)?.state ?? "ready");
  const forget = (id: JobId): unknown => after.set(id, undefined);
  const removed = remove.filter((id) => find(id) && forget(id));
  for (const id of purge) if (hasEnded(id) && forget(id)) removed.push(id);
  const writes = [...after].map(([id, job]) => ({ before: lookup.job(id), after: job }) as Write<J | Job>);
  return {
    outcome: { ok: true, inserted, leftOut, changed, removed },
    writes: writes.filter((write) => write.before ?? write.after),
    notes: note.filter(({ id }) => find(id)),
  };
}

function refuse(outcome: Refusal): AppliedUnit<never> {
  return { outcome, writes: NONE, notes: NONE };
}
