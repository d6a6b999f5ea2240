import type { Change, ChangeType, JobState } from "@jobq/core";
import type { Shape } from "../dialect/dialect.ts";
import { maybeToJson } from "../job/job-fields.ts";
import type { Fields } from "../statement/rows.ts";
import { maybeToText, toText } from "../statement/text.ts";

/**
 * A type of change as a statement over many jobs at once. It says what core's table says, for jobs whose state before
 * is known; it may leave out a job that the table would change, never change one that the table would not.
 */
export interface ChangeSet<C extends Change = Change> {
  /** What each row `i` carries. */
  readonly shape: Shape;
  /** The state before. */
  readonly from: JobState;
  /** What must hold beyond state and token. */
  readonly guard?: string;
  /** The new values, over the job `j` and the row `i`. */
  readonly assign: Readonly<Record<string, string>>;
  /** The row for a change at an instant. */
  row(change: C, now: number): Fields;
}

type ChangeOf<T extends ChangeType> = Extract<Change, { type: T }>;

const HELD = { id: "id", token: "big", now_at: "big" } as const satisfies Shape;
const IDLE = { run_at: "null", blockers: "null", lease_until: "null" } as const;
const held = ({ id, token }: { id: string; token?: number }, now: number): Fields => ({ id, token, now_at: now });

const EXHAUSTED = "j.attempt > j.max_retries";
const POISON = "j.lease_losses + 1 >= j.max_lease_losses";

const done: ChangeSet<ChangeOf<"done">> = {
  shape: { ...HELD, result: "long" },
  from: "reserved",
  assign: { ...IDLE, state: "'done'", finished_at: "i.now_at", error: "null", result: "i.result" },
  row: (change, now) => ({ ...held(change, now), result: maybeToText(change.result) }),
};

const retry: ChangeSet<ChangeOf<"retry">> = {
  shape: { ...HELD, at: "big", error: "text" },
  from: "reserved",
  assign: {
    ...IDLE,
    state: `case when ${EXHAUSTED} then 'canceled' when i.at > i.now_at then 'delayed' else 'ready' end`,
    run_at: `case when j.attempt <= j.max_retries and i.at > i.now_at then i.at end`,
    finished_at: `case when ${EXHAUSTED} then i.now_at else j.finished_at end`,
    reason: `case when ${EXHAUSTED} then 'exhausted' else j.reason end`,
    error: "i.error",
  },
  row: (change, now) => ({ ...held(change, now), at: change.at, error: maybeToText(change.error) }),
};

const release: ChangeSet<ChangeOf<"release">> = {
  shape: HELD,
  from: "reserved",
  assign: { ...IDLE, state: "'ready'", attempt: "j.attempt - 1" },
  row: held,
};

const extend: ChangeSet<ChangeOf<"extend">> = {
  shape: { ...HELD, until_at: "big", progress: "text" },
  from: "reserved",
  assign: {
    lease_until: "case when i.until_at > j.lease_until then i.until_at else j.lease_until end",
    progress: "coalesce(i.progress, j.progress)",
  },
  row: (change, now) => ({
    ...held(change, now),
    until_at: change.until,
    progress: maybeToJson(change.progress),
  }),
};

/** By its holder; anybody else's cancel does not know the state before. */
const cancel: ChangeSet<ChangeOf<"cancel">> = {
  shape: { ...HELD, reason: "word", error: "text" },
  from: "reserved",
  assign: {
    ...IDLE,
    state: "'canceled'",
    finished_at: "i.now_at",
    reason: "i.reason",
    error: "coalesce(i.error, j.error)",
  },
  row: (change, now) => ({ ...held(change, now), reason: change.reason, error: maybeToText(change.error) }),
};

const reserve: ChangeSet<ChangeOf<"reserve">> = {
  shape: { id: "id", now_at: "big", holder: "text", lease_ms: "big" },
  from: "ready",
  assign: {
    state: "'reserved'",
    token: "j.token + 1",
    attempt: "j.attempt + 1",
    lease_until: "i.now_at + coalesce(i.lease_ms, j.timeout_ms)",
    reserved_at: "i.now_at",
    reserved_by: "i.holder",
    progress: "null",
  },
  row: ({ id, by, leaseMs }, now) => ({ id, now_at: now, holder: toText(by), lease_ms: leaseMs }),
};

const promote: ChangeSet<ChangeOf<"promote">> = {
  shape: { id: "id", now_at: "big" },
  from: "delayed",
  guard: "j.blockers is null and j.run_at <= i.now_at",
  assign: { ...IDLE, state: "'ready'" },
  row: ({ id }, now) => ({ id, now_at: now }),
};

const expire: ChangeSet<ChangeOf<"expire">> = {
  shape: { id: "id", now_at: "big", at: "big" },
  from: "reserved",
  guard: "j.lease_until <= i.now_at",
  assign: {
    ...IDLE,
    state: `case when ${POISON} then 'canceled' when i.at > i.now_at then 'delayed' else 'ready' end`,
    run_at: `case when j.lease_losses + 1 < j.max_lease_losses and i.at > i.now_at then i.at end`,
    attempt: "j.attempt - 1",
    lease_losses: "j.lease_losses + 1",
    finished_at: `case when ${POISON} then i.now_at else j.finished_at end`,
    reason: `case when ${POISON} then 'poison' else j.reason end`,
  },
  row: ({ id, at }, now) => ({ id, now_at: now, at }),
};

/** The changes that are made in sets; the rest is made one by one by core. */
export const CHANGE_SETS = { done, retry, release, extend, cancel, reserve, promote, expire } as const;

/** The name of a set. */
export type ChangeSetName = keyof typeof CHANGE_SETS;

/** The set that a change can be part of. */
export function changeSetOf(change: Change): ChangeSetName | undefined {
  if (!(change.type in CHANGE_SETS)) return undefined;
  return change.type === "cancel" && change.token === undefined ? undefined : (change.type as ChangeSetName);
}

/** True for sets that can end a job, and so free its unique key. */
export function canEnd(name: ChangeSetName): boolean {
  return /canceled|'done'/.test(CHANGE_SETS[name].assign["state" as never] ?? "");
}
