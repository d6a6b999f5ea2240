import type { Dialect } from "../dialect/dialect.ts";

/** States that keep a unique key. */
export const LIVE = "('delayed', 'ready', 'reserved')";

/**
 * What SQL asks of the row of a job, spelled once: an index that leaves rows out, or whose column is worked out, serves
 * only those statements that spell it the same.
 */
export interface Conditions {
  /** Neither done nor canceled. */
  readonly isLive: string;
  /** Delayed until an instant, and waits for no other job. */
  readonly isDue: string;
  /** Holds its unique key, as `heldKey` of core has it. */
  readonly holdsKey: string;
}

/** What is worked out from the row of a job, to find it by. */
export interface Computed {
  /** The unique key that the job holds. */
  readonly heldKey: string;
  /** The instant of a due job. */
  readonly dueAt: string;
  /**
   * What few jobs have: one waits for a slot of a limit's key (`s` and the key), awaits a group (`g`), or has ended and
   * owes it to others to tell them (`o`).
   */
  readonly outstanding: string;
  /** 1 for a job that has ended, else 0. */
  readonly ended: string;
  /** The slot of a live job; one that code of version 1 has ended may still have its number. */
  readonly liveSlot: string;
}

/** The conditions over the columns of a row, each after `j`. */
export function conditions(j = "j."): Conditions {
  const isLive = `${j}state in ${LIVE}`;
  const isQueued = `(${j}unique_span is null or ${j}unique_span <> 'queued' or ${j}token = 0)`;
  return {
    isLive,
    isDue: `${j}state = 'delayed' and ${j}blockers is null and ${j}run_at is not null`,
    holdsKey: `${j}unique_key is not null and (${j}unique_span = 'kept' or (${isLive} and ${isQueued}))`,
  };
}

/** How each is worked out from the columns of a row. */
export function expressions({ concat }: Dialect, j = "j."): Computed {
  const { isLive, holdsKey } = conditions(j);
  const waitsForNothing = `${j}run_at is null and ${j}blockers is null and ${j}awaits is null`;
  const waitsForSlot = `${j}state = 'delayed' and ${j}limit_key is not null and ${j}slot is null and ${waitsForNothing}`;
  return {
    heldKey: `case when ${holdsKey} then ${j}unique_key end`,
    dueAt: `case when ${j}state = 'delayed' and ${j}blockers is null then ${j}run_at end`,
    outstanding: `case when ${waitsForSlot} then ${concat("'s'", `${j}limit_key`)}
      when ${j}state = 'delayed' and ${j}awaits <> '' then 'g'
      when ${j}links is not null and ${j}state in ('done', 'canceled') then 'o' end`,
    ended: `case when ${j}state in ('done', 'canceled') then 1 else 0 end`,
    liveSlot: `case when ${isLive} then ${j}slot end`,
  };
}

/** How statements spell them: by the columns that hold them, by the columns of the index, or as they are worked out. */
export function computed(dialect: Dialect, j = "j."): Computed {
  if (!dialect.partialIndexes) {
    const [heldKey, dueAt] = [`${j}held_key`, `${j}due_at`];
    return { heldKey, dueAt, outstanding: `${j}outstanding`, ended: `${j}ended`, liveSlot: `${j}live_slot` };
  }
  const { outstanding, ended, liveSlot } = expressions(dialect, j);
  return {
    heldKey: `${j}unique_key`,
    dueAt: `${j}run_at`,
    outstanding: `(${outstanding})`,
    ended: `(${ended})`,
    liveSlot: `(${liveSlot})`,
  };
}
