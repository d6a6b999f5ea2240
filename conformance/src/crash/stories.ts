import type { QueueStore, Timestamp, Unit } from "@jobq/core";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";

/** A call on a store, of which a crash leaves all or nothing. */
export type Deed = (store: QueueStore) => Promise<unknown>;

/** A sequence of calls on a store, at each write of which it crashes once. */
export interface Story {
  /** Never changes and is never given to another story. */
  readonly id: string;
  readonly title: string;
  readonly deeds: readonly Deed[];
}

const id = testId;
const commit =
  (unit: Omit<Unit, "now">, now: Timestamp = TEST_NOW): Deed =>
  (store) =>
    store.commit([{ now, ...unit }]);
const reserve =
  (topic = "topic", now: Timestamp = TEST_NOW): Deed =>
  (store) =>
    store.reserve([{ topic, limit: 1, by: "holder", leaseMs: 1_000 }], now);
const promote =
  (now: Timestamp): Deed =>
  (store) =>
    store.promote(now, 1);
const expire =
  (now: Timestamp): Deed =>
  (store) =>
    store.expire(now, 1);
const held = (number: number, token = 1) => ({ id: id(number), token });
const limited = { state: "delayed", limit: { key: "limit", concurrency: 1 } } as const;

/** The four stories of {@link crashSuite}. Together they contain every kind of write. */
export const stories: readonly Story[] = [
  {
    id: "C-01",
    title: "jobs are enqueued, held, extended, tried again and done",
    deeds: [
      commit({ insert: testJobs(3) }),
      reserve(),
      commit({ apply: [{ type: "extend", ...held(1), until: TEST_NOW + 9_000, progress: { value: 0.5 } }] }),
      commit({ note: [{ id: id(1), kind: "log", key: "a", value: "line", at: TEST_NOW }] }),
      commit({ apply: [{ type: "retry", ...held(1), error: "failed", at: TEST_NOW + 500 }] }),
      reserve(),
      commit({ apply: [{ type: "done", ...held(2), result: "long ".repeat(99) }] }),
      promote(TEST_NOW + 500),
      reserve("topic", TEST_NOW + 500),
      commit({ apply: [{ type: "release", ...held(1, 2) }] }),
    ],
  },
  {
    id: "C-02",
    title: "delayed jobs become due, and leases end",
    deeds: [
      commit({ insert: [4, 5].map((number) => testJob(number, { state: "delayed", runAt: TEST_NOW + number })) }),
      commit({
        insert: [testJob(6, { topic: "other", weight: -1, maxLeaseLosses: 1 }), testJob(7, { topic: "other" })],
      }),
      promote(TEST_NOW + 9),
      promote(TEST_NOW + 9),
      reserve("topic", TEST_NOW + 9),
      reserve("other"),
      expire(TEST_NOW + 9_000),
      expire(TEST_NOW + 9_000),
      reserve("topic", TEST_NOW + 9_000),
    ],
  },
  {
    id: "C-03",
    title: "jobs are canceled, reset, removed and purged, and keys change hands",
    deeds: [
      commit({ insert: [1, 2, 3].map((number) => testJob(number, { unique: `key ${number}` })) }),
      commit({ apply: [{ type: "cancel", id: id(1), reason: "canceled" }], insert: [testJob(4, { unique: "key 1" })] }),
      commit({ insert: [testJob(5, { unique: "key 1" })] }),
      commit({ apply: [{ type: "cancel", id: id(4), reason: "canceled" }] }),
      commit({ apply: [{ type: "reset", id: id(1) }] }),
      commit({ remove: [id(2)] }),
      commit({ purge: [id(4), id(3)] }),
      reserve(),
      commit({ remove: [id(1)], insert: [testJob(6, { unique: "key 1" }), testJob(7, { unique: "key 2" })] }),
    ],
  },
  {
    id: "C-04",
    title: "a job ends, those that wait for it follow, and slots change hands, in one unit each",
    deeds: [
      commit({ insert: [testJob(1, { links: 1 }), testJob(2, { state: "delayed", blockers: [id(1)] })] }),
      commit({ insert: [testJob(3, limited), testJob(4, limited), testJob(5, { group: "group", parent: id(2) })] }),
      commit({ apply: [{ type: "admit", id: id(3), slot: 0 }] }),
      reserve(),
      commit({
        apply: [
          { type: "done", ...held(1) },
          { type: "resolve", id: id(1), told: 1 },
          { type: "unblock", id: id(2), by: id(1) },
        ],
        note: [{ id: id(2), kind: "signal", key: "a", value: "1", at: TEST_NOW }],
      }),
      reserve(),
      commit({ apply: [{ type: "suspend", ...held(2), awaits: "group" }] }),
      reserve(),
      commit({
        apply: [
          { type: "done", ...held(3) },
          { type: "admit", id: id(4), slot: 0 },
          { type: "wake", id: id(2) },
        ],
      }),
      commit({ forget: [{ id: id(2), kind: "signal", key: "a" }] }),
    ],
  },
];
