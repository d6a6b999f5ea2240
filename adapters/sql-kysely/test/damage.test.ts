import { TEST_NOW as NOW, testId, testJob, testJobs } from "@jobq/conformance";
import type { JobqError, QueueStore, Unit, UnitOutcome } from "@jobq/core";
import { beforeEach, expect, it } from "vitest";
import { sqlJobs, sqlTopics } from "../src/index.ts";
import { mysql, postgres, spoil, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

const LOST = testId(2);
const codes = (outcomes: readonly UnitOutcome[]) => outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.code));
const idsOf = (jobs: readonly { readonly id: string }[] = []) => jobs.map(({ id }) => id).sort();

/** What makes no sense, by column. */
const SPOILED = [
  ["tags", "no JSON"],
  ["topic", "\u0001no JSON"],
  ["error", "\u0001"],
  ["state", "lost"],
] as const;

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const kysely = database.connect();
    const open = () => sqlTopics(kysely, database.options).fuse?.(sqlJobs(kysely, database.options)) as QueueStore;
    beforeEach(() => database.clear());

    it.each(SPOILED)(
      "a row whose %s is %j takes no other job along, is told of, and can be removed",
      async (column, text) => {
        const store = open();
        const told: JobqError[] = [];
        store.jobs.onDamage?.((error) => told.push(error));
        await store.commit([{ now: NOW, insert: testJobs(4) }]);
        await spoil(database, LOST, ["jobs", column], text);
        expect(idsOf(await store.jobs.find({ limit: 3 }))).toEqual([1, 3, 4].map(testId));
        expect((await store.jobs.get([1, 2].map(testId))).map((job) => job?.id)).toEqual([testId(1), undefined]);
        const cancel = (number: number): Unit => {
          return { now: NOW, apply: [{ type: "cancel", id: testId(number), reason: "canceled" }] };
        };
        expect(codes(await store.commit([cancel(1), cancel(2)]))).toEqual(["ok", "JOB_NOT_FOUND"]);
        const [jobs] = await store.reserve([{ topic: "topic", limit: 2, by: "me" }], NOW);
        expect(idsOf(jobs)).toEqual([3, 4].map(testId));
        expect(await store.reserve([{ topic: "topic", limit: 2, by: "me" }], NOW)).toEqual([[]]);
        expect((await store.jobs.tally()).filter(({ state }) => state === "canceled")).toHaveLength(1);
        expect(told.map(({ code, details }) => [code, details.key])).toContainEqual(["STORE_FAILED", LOST]);
        expect(codes(await store.commit([{ now: NOW, remove: [LOST] }]))).toEqual(["ok"]);
        expect(idsOf(await open().jobs.find({ limit: 9 }))).toEqual([1, 3, 4].map(testId));
        const counts = (await open().jobs.tally()).map(({ state, count }) => `${state} ${count}`);
        expect(counts.sort()).toEqual(["canceled 1", "reserved 2"]);
      },
    );

    it.each(SPOILED)("what is stored in the place of a row whose %s is %j is counted once", async (column, text) => {
      const store = open();
      await store.commit([{ now: NOW, insert: testJobs(3) }]);
      await spoil(database, LOST, ["jobs", column], text);
      const other = { topic: "other", unique: "key" };
      expect(codes(await store.commit([{ now: NOW, insert: [testJob(2, other), testJob(4, other)] }]))).toEqual(["ok"]);
      expect((await open().jobs.tally()).map(({ topic, state, count }) => [topic, state, count]).sort()).toEqual([
        ["other", "ready", 1],
        ["topic", "ready", 2],
      ]);
    });

    it("counts of rows that make no sense follow what becomes of them, and of what is stored in their place", async () => {
      const store = open();
      await store.commit([{ now: NOW, insert: testJobs(3) }]);
      await spoil(database, LOST, ["jobs", "tags"], "no JSON");
      const counts = async () => {
        const tally = await open().jobs.tally();
        return Object.fromEntries(tally.map(({ state, count }) => [state, count]));
      };
      await store.reserve([{ topic: "topic", limit: 3, by: "me", leaseMs: 5 }], NOW);
      const { reserved = 0, ready = 0 } = await counts();
      expect([reserved + ready, reserved >= 2]).toEqual([3, true]);
      expect(idsOf(await store.expire(NOW + 5, 9))).toEqual([1, 3].map(testId));
      expect(await counts()).toEqual({ ready: 3 });
      const [outcome] = await store.commit([{ now: NOW, insert: testJobs(2, 2) }]);
      expect(outcome).toMatchObject({ ok: true, inserted: [2, 3].map(testId), leftOut: [testId(3)] });
      expect(await counts()).toEqual({ ready: 3 });
      expect(idsOf(await store.jobs.find({ limit: 9 }))).toEqual([1, 2, 3].map(testId));
    });

    it.each<[string, readonly Unit[]]>([
      [
        "is removed",
        [
          { now: NOW, remove: [LOST] },
          { now: NOW, insert: testJobs(1, 2) },
        ],
      ],
      ["has another stored in its place", [{ now: NOW, insert: testJobs(1, 2) }]],
    ])("a row that makes no sense and %s is told of anew should the next make none either", async (_, units) => {
      const store = open();
      const told: unknown[] = [];
      store.jobs.onDamage?.(({ details }) => told.push(details.key));
      await store.commit([{ now: NOW, insert: testJobs(1, 2) }]);
      for (const times of [1, 2]) {
        await spoil(database, LOST, ["jobs", "tags"], "no JSON");
        expect([await store.jobs.get([LOST]), await store.jobs.get([LOST])]).toEqual([[undefined], [undefined]]);
        expect(told).toEqual(Array(times).fill(LOST));
        expect(codes(await store.commit(units))).toEqual(units.map(() => "ok"));
      }
    });

    it("who is stored in the place of a row that makes no sense holds what is its own, not what that held", async () => {
      const store = open();
      const slot = (number: number) => ({ limit: { key: "l", concurrency: 9 }, slot: number });
      const insert = (number: number, more: object): Unit => ({ now: NOW, insert: [testJob(number, more)] });
      await store.commit([insert(2, { unique: "held", ...slot(1) })]);
      await spoil(database, LOST, ["jobs", "tags"], "no JSON");
      const outcomes = await store.commit([
        insert(2, { unique: "own", ...slot(2) }),
        insert(3, { unique: "held" }),
        insert(4, slot(1)),
        insert(5, { unique: "own" }),
      ]);
      expect(outcomes.map((outcome) => outcome.ok && outcome.inserted)).toEqual(
        [[2], [3], [4], [2]].map((ids) => ids.map(testId)),
      );
      expect((await store.jobs.find({ limit: 9 })).map(({ id, unique, slot }) => [id, unique, slot])).toEqual([
        [testId(2), "own", 2],
        [testId(3), "held", undefined],
        [testId(4), undefined, 1],
      ]);
    });

    it("a note that makes no sense is none, and is told of", async () => {
      const store = open();
      const told: JobqError[] = [];
      store.jobs.onDamage?.((error) => told.push(error));
      const note = (key: string) => ({ id: testId(1), kind: "log", key, value: " ", at: NOW });
      await store.commit([{ now: NOW, insert: testJobs(1), note: [note("a"), note("b")] }]);
      await spoil(database, testId(1), ["notes", "value"], "\u0001no JSON");
      expect(await store.jobs.notes(testId(1))).toEqual([]);
      expect(told.map(({ details }) => details.key).sort()).toEqual(["a", "b"].map((key) => `${testId(1)}/log/${key}`));
    });
  });
}
