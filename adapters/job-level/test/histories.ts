import type { Change, Job, Note, Unit } from "@jobq/core";
import fc from "fast-check";

/** When everything in a history happens, but for leases and waits that end a little later. */
export const NOW = 1_000;

const LARGE = "large ".repeat(60);
const HALF_PAIR = "half \ud83d";

const id = fc.constantFrom("a", "b", "c", "c\ue000", "c\u{1f600}", "d", "e");
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
    group: fc.constantFrom(undefined, undefined, "a", "bundle"),
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
  const { state, token, result, blockers, runAt } = parts;
  const isDelayed = state === "delayed";
  const isReserved = state === "reserved";
  const isFinished = state === "done" || state === "canceled";
  return {
    createdAt: NOW,
    maxRetries: 1,
    maxLeaseLosses: 2,
    timeoutMs: 30,
    attempt: 0,
    leaseLosses: 0,
    resetCount: 0,
    ...parts,
    token: isReserved ? token + 1 : token,
    result: state === "done" ? result : undefined,
    blockers: isDelayed ? blockers : undefined,
    runAt: isDelayed ? (runAt ?? (blockers ? undefined : NOW + 5)) : undefined,
    leaseUntil: isReserved ? NOW + 7 : undefined,
    finishedAt: isFinished ? NOW : undefined,
    reason: state === "canceled" ? "rejected" : undefined,
  };
}

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ type: fc.constant("promote" as const), id }),
  fc.record({ type: fc.constant("unblock" as const), id, by: id }),
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
  fc.record({ type: fc.constant("suspend" as const), id, token, blockers: fc.constantFrom([], ["a", "d"]) }),
  fc.record({ type: fc.constant("expire" as const), id }),
  fc.record({ type: fc.constant("cancel" as const), id, reason: fc.constantFrom("canceled", "rejected") }),
  { weight: 2, arbitrary: fc.record({ type: fc.constant("reset" as const), id }) },
);

const note: fc.Arbitrary<Note> = fc.record({
  id,
  kind: fc.constantFrom("checkpoint", "log"),
  key: fc.constantFrom("k", "k\0", "l\ue000"),
  value: text,
  at: fc.constant(NOW),
});

/** A unit in which anything may happen to a handful of jobs. */
export const unit: fc.Arbitrary<Unit> = fc.record({
  now: fc.constantFrom(NOW, NOW + 6, NOW + 20),
  insert: fc.uniqueArray(job, { selector: ({ id }) => id, maxLength: 2 }),
  apply: fc.array(change, { maxLength: 2 }),
  note: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(note, { maxLength: 2 })),
  remove: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(id, { maxLength: 2 })),
  purge: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(id, { maxLength: 2 })),
});

/** The ids that a history is about, in order. */
export const IDS = ["a", "b", "c", "c\u{1f600}", "c\ue000", "d", "e"];
