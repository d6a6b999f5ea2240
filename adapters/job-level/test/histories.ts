import type { Change, Job, Note, NoteRef, Unit } from "@jobq/core";
import fc from "fast-check";

/** When everything in a history happens, but for leases and waits that end a little later. */
export const NOW = 1_000;

const LARGE = "large ".repeat(60);
const HALF_PAIR = "half \ud83d";

const id = fc.constantFrom("a", "b", "c", "c!", "c~", "d", "e");
const text = fc.constantFrom("", "{}", '{"small":"€"}', "two\nlines", LARGE, HALF_PAIR);
const token = fc.integer({ min: 1, max: 3 });
const instant = fc.constantFrom(undefined, NOW - 5, NOW + 5, NOW + 9);

/** A job in any state, as it could have come from another store. */
export const job: fc.Arbitrary<Job> = fc
  .record({
    id,
    topic: fc.constantFrom("x", "y\0z"),
    name: fc.constantFrom("x", "named"),
    weight: fc.integer({ min: -2, max: 2 }),
    payload: text,
    unique: fc.constantFrom(undefined, undefined, "k", "l"),
    tags: fc.constantFrom(undefined, { env: "prod" }),
    uniqueSpan: fc.constantFrom(undefined, "queued" as const, "kept" as const),
    parent: fc.constantFrom(undefined, "a"),
    group: fc.constantFrom(undefined, undefined, "a", "bundle"),
    limit: fc.constantFrom(undefined, undefined, { key: "lim", concurrency: 1 }, { key: "lim\0it", concurrency: 2 }),
    slot: fc.constantFrom(undefined, 0, 1),
    awaits: fc.constantFrom(undefined, undefined, "", "bundle"),
    links: fc.constantFrom(undefined, undefined, 1, 2),
    woken: fc.constantFrom(undefined, true as const),
    expiresAt: fc.constantFrom(undefined, undefined, NOW + 3, NOW + 90),
    data: fc.constantFrom(undefined, undefined, '{"retry":{"type":"constant"}}', HALF_PAIR),
    state: fc.constantFrom("ready", "ready", "ready", "delayed", "reserved", "done", "canceled"),
    result: fc.option(text, { nil: undefined }),
    blockers: fc.constantFrom(undefined, undefined, ["a"], ["b", "c"]),
    runAt: instant,
    token: fc.integer({ min: 0, max: 2 }),
  })
  .map(complete);

/** A job that could have come from another store: nothing in it contradicts its state. */
function complete(
  parts: Pick<Job, "id" | "topic" | "name" | "weight" | "payload" | "state" | "token"> & Partial<Job>,
): Job {
  const { state, token, result, blockers, runAt, awaits, unique, limit, slot = 0 } = parts;
  const isDelayed = state === "delayed";
  const isReserved = state === "reserved";
  const isFinished = state === "done" || state === "canceled";
  const waits = blockers !== undefined || awaits !== undefined || limit !== undefined;
  return {
    createdAt: NOW,
    maxRetries: 1,
    maxLeaseLosses: 2,
    timeoutMs: 30,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    ...parts,
    uniqueSpan: unique === undefined ? undefined : parts.uniqueSpan,
    token: isReserved ? token + 1 : token,
    result: state === "done" ? result : undefined,
    blockers: isDelayed ? blockers : undefined,
    awaits: isDelayed ? awaits : undefined,
    runAt: isDelayed ? (runAt ?? (waits ? undefined : NOW + 5)) : undefined,
    // A delayed job with a limit waits for a slot; any other live one has it.
    slot: limit && !isDelayed && !isFinished ? slot : undefined,
    woken: isReserved ? parts.woken : undefined,
    leaseUntil: isReserved ? NOW + 7 : undefined,
    reservedAt: isReserved ? NOW - 3 : undefined,
    reservedBy: isReserved ? "them" : undefined,
    finishedAt: isFinished ? NOW : undefined,
    reason: state === "canceled" ? "rejected" : undefined,
  };
}

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: fc.constant("promote" as const), id }),
  fc.record({ id, by: id, all: fc.boolean(), fails: fc.boolean() }).map(({ all, fails, ...rest }) => ({
    type: "unblock" as const,
    ...rest,
    ...(all && { all }),
    ...(fails && { fails }),
  })),
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wake" as const), id }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("admit" as const), id, slot: fc.constantFrom(0, 1) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("link" as const), id }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("resolve" as const), id, told: fc.constantFrom(1, 2) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("freeKey" as const), id }) },
  fc.record({ type: fc.constant("check" as const), id }),
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("reserve" as const), id, by: fc.constant("me"), leaseMs: token }),
  },
  fc.record({ type: fc.constant("extend" as const), id, token, until: fc.constantFrom(NOW + 3, NOW + 50) }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("done" as const),
      id,
      token,
      result: fc.option(text, { nil: undefined }),
    }),
  },
  fc.record({
    type: fc.constant("retry" as const),
    id,
    token,
    at: instant,
    error: fc.constantFrom(undefined, "failed"),
  }),
  fc.record({ type: fc.constant("release" as const), id, token }),
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("suspend" as const),
      id,
      token,
      at: instant,
      awaits: fc.constantFrom(undefined, "", "bundle"),
    }),
  },
  fc.record({ type: fc.constant("expire" as const), id }),
  fc.record({ type: fc.constant("cancel" as const), id, reason: fc.constantFrom("canceled", "rejected") }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant("reset" as const), id }) },
);

const note: fc.Arbitrary<Note> = fc.record({
  id,
  kind: fc.constantFrom("checkpoint", "log", "attempt", "x-1"),
  key: fc.constantFrom("k", "k\0", "l\ue000"),
  value: text,
  at: fc.constant(NOW),
});

const forget: fc.Arbitrary<NoteRef> = note.map(({ id, kind, key }) => ({ id, kind, key }));

/** A unit in which anything may happen to a handful of jobs. */
export const unit: fc.Arbitrary<Unit> = fc.record({
  now: fc.constantFrom(NOW, NOW + 6, NOW + 20),
  insert: fc.uniqueArray(job, { selector: ({ id }) => id, maxLength: 2 }),
  apply: fc.array(change, { maxLength: 2 }),
  note: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(note, { maxLength: 2 })),
  forget: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(forget, { maxLength: 2 })),
  remove: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(id, { maxLength: 2 })),
  purge: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(id, { maxLength: 2 })),
});

/** The ids that a history is about, in order. */
export const IDS = ["a", "b", "c", "c!", "c~", "d", "e"];
