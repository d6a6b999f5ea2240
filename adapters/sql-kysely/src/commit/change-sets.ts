import type { Change, ChangeType, JobState } from "@jobq/core";
import type { Bucket } from "../counts/count-deltas.ts";
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
  /** True for delayed jobs that no instant alone makes ready, which are counted as such. */
  readonly isBlocked?: true;
  /** What must hold beyond state and token. */
  readonly guard?: string;
  /** True when the job goes, with all that is kept of it. */
  readonly deletes?: true;
  /** The new values, over the job `j` and the row `i`. */
  readonly assign: Readonly<Record<string, string>>;
  /** The row for a change at an instant. */
  row(change: C, now: number): Fields;
}

type ChangeOf<T extends ChangeType> = Extract<Change, { type: T }>;

const HELD = { id: "id", token: "big", now_at: "big" } as const satisfies Shape;
const IDLE = { run_at: "null", blockers: "null", awaits: "null", lease_until: "null" } as const;
const held = ({ id, token }: { id: string; token?: number }, now: number): Fields => ({ id, token, now_at: now });

const EXHAUSTED = "j.attempt > j.max_retries";
const POISON = "j.lease_losses + 1 >= j.max_lease_losses";
const EXPIRED = "j.expires_at <= i.now_at";
const WANTS_SLOT = "j.limit_key is not null and j.slot is null";
const WOKEN = "i.awaits is not null and j.woken = 1";

/** What a job that ends has no more. */
const ENDS = { woken: "null", slot: "null" } as const;

/** The same, and why it ends, for jobs that end when `condition` holds. */
function endsWhen(condition: string, reason: string) {
  return {
    finished_at: `case when ${condition} then i.now_at else j.finished_at end`,
    reason: `case when ${condition} then '${reason}' else j.reason end`,
    woken: `case when ${condition} then null else j.woken end`,
    slot: `case when ${condition} then null else j.slot end`,
  } as const;
}

const done: ChangeSet<ChangeOf<"done">> = {
  shape: { ...HELD, result: "long" },
  from: "reserved",
  assign: { ...IDLE, ...ENDS, state: "'done'", finished_at: "i.now_at", error: "null", result: "i.result" },
  row: (change, now) => ({ ...held(change, now), result: maybeToText(change.result) }),
};

/** Done and purged by one unit: nobody waits to be told. */
const finish: ChangeSet<ChangeOf<"done">> = {
  shape: HELD,
  from: "reserved",
  guard: "coalesce(j.links, 0) = 0",
  deletes: true,
  assign: {},
  row: held,
};

const retry: ChangeSet<ChangeOf<"retry">> = {
  shape: { ...HELD, at: "big", error: "text" },
  from: "reserved",
  assign: {
    ...IDLE,
    ...endsWhen(EXHAUSTED, "exhausted"),
    state: `case when ${EXHAUSTED} then 'canceled' when i.at > i.now_at or (${WANTS_SLOT}) then 'delayed' else 'ready' end`,
    run_at: `case when j.attempt <= j.max_retries and i.at > i.now_at then i.at end`,
    error: "i.error",
  },
  row: (change, now) => ({ ...held(change, now), at: change.at, error: maybeToText(change.error) }),
};

const release: ChangeSet<ChangeOf<"release">> = {
  shape: HELD,
  from: "reserved",
  assign: { ...IDLE, state: `case when ${WANTS_SLOT} then 'delayed' else 'ready' end`, attempt: "j.attempt - 1" },
  row: held,
};

const suspend: ChangeSet<ChangeOf<"suspend">> = {
  shape: { ...HELD, at: "big", awaits: "key" },
  from: "reserved",
  assign: {
    ...IDLE,
    state: `case when ${WANTS_SLOT} then 'delayed' when ${WOKEN} then 'ready'
      when i.at > i.now_at or i.awaits is not null then 'delayed' else 'ready' end`,
    run_at: `case when ${WOKEN} then null when i.at > i.now_at then i.at end`,
    awaits: `case when ${WOKEN} then null else i.awaits end`,
    attempt: "j.attempt - 1",
  },
  row: (change, now) => ({ ...held(change, now), at: change.at, awaits: maybeToText(change.awaits) }),
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
    ...ENDS,
    state: "'canceled'",
    finished_at: "i.now_at",
    reason: "i.reason",
    error: "coalesce(i.error, j.error)",
  },
  row: (change, now) => ({ ...held(change, now), reason: change.reason, error: maybeToText(change.error) }),
};

/** Of a job whose time to live has passed only that it is canceled. */
const reserve: ChangeSet<ChangeOf<"reserve">> = {
  shape: { id: "id", now_at: "big", holder: "text", lease_ms: "big" },
  from: "ready",
  assign: {
    ...endsWhen(EXPIRED, "expired"),
    state: `case when ${EXPIRED} then 'canceled' else 'reserved' end`,
    token: `case when ${EXPIRED} then j.token else j.token + 1 end`,
    attempt: `case when ${EXPIRED} then j.attempt else j.attempt + 1 end`,
    lease_until: `case when ${EXPIRED} then null else i.now_at + coalesce(i.lease_ms, j.timeout_ms) end`,
    reserved_at: `case when ${EXPIRED} then j.reserved_at else i.now_at end`,
    reserved_by: `case when ${EXPIRED} then j.reserved_by else i.holder end`,
    progress: `case when ${EXPIRED} then j.progress end`,
    woken: "null",
  },
  row: ({ id, by, leaseMs }, now) => ({ id, now_at: now, holder: toText(by), lease_ms: leaseMs }),
};

const promote: ChangeSet<ChangeOf<"promote">> = {
  shape: { id: "id", now_at: "big" },
  from: "delayed",
  guard: "j.blockers is null and j.run_at <= i.now_at",
  assign: {
    ...IDLE,
    ...endsWhen(EXPIRED, "expired"),
    state: `case when ${EXPIRED} then 'canceled' when ${WANTS_SLOT} then 'delayed' else 'ready' end`,
  },
  row: ({ id }, now) => ({ id, now_at: now }),
};

const expire: ChangeSet<ChangeOf<"expire">> = {
  shape: { id: "id", now_at: "big", at: "big" },
  from: "reserved",
  guard: "j.lease_until <= i.now_at",
  assign: {
    ...IDLE,
    ...endsWhen(POISON, "poison"),
    state: `case when ${POISON} then 'canceled' when i.at > i.now_at or (${WANTS_SLOT}) then 'delayed' else 'ready' end`,
    run_at: `case when j.lease_losses + 1 < j.max_lease_losses and i.at > i.now_at then i.at end`,
    attempt: "j.attempt - 1",
    lease_losses: "j.lease_losses + 1",
  },
  row: ({ id, at }, now) => ({ id, now_at: now, at }),
};

/** Fails where another job holds the slot: that takes the database a unique index. */
const admit: ChangeSet<ChangeOf<"admit">> = {
  shape: { id: "id", slot: "int" },
  from: "delayed",
  isBlocked: true,
  // Spelled so that no index of limits is used.
  guard:
    "j.limit_key || '' is not null and j.slot is null and j.run_at is null and j.blockers is null and j.awaits is null",
  assign: { slot: "i.slot", state: "'ready'" },
  row: ({ id, slot }) => ({ id, slot }),
};

/** The changes that are made in sets; the rest is made one by one by core. */
export const CHANGE_SETS = {
  done,
  finish,
  retry,
  release,
  suspend,
  extend,
  cancel,
  reserve,
  promote,
  expire,
  admit,
} as const;

/** The name of a set. */
export type ChangeSetName = keyof typeof CHANGE_SETS;

/** The set that a change can be part of. */
export function changeSetOf(change: Change): ChangeSetName | undefined {
  if (!(change.type in CHANGE_SETS)) return undefined;
  return change.type === "cancel" && change.token === undefined ? undefined : (change.type as ChangeSetName);
}

/** What the jobs of a set are counted as before it. */
export function sourceOf({ from, isBlocked }: Pick<ChangeSet, "from" | "isBlocked">): Bucket {
  return isBlocked ? "blocked" : from;
}

/** True for sets that can end a job, or reserve it, and so free its unique key or its slot. */
export function mayFree(name: ChangeSetName): boolean {
  const { deletes, assign }: ChangeSet<never> = CHANGE_SETS[name];
  return deletes || name === "reserve" || /canceled|'done'/.test(assign.state ?? "");
}
