import type { Change, JobRepository, Tally } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { change, commitAll, insert, put, refuse, reserveAll } from "../../commit.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";
import { populate } from "../model/find-world.ts";
import { sorted, tallyOf } from "../model/tally.ts";

const reserve = (number: number, leaseMs: number): Change => ({
  type: "reserve",
  id: testId(number),
  by: "holder",
  leaseMs,
});

/** The other reads: by id, lease ends, counts, the clock. */
export const readCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-100",
    title: "get returns in the order of the ids, undefined where there is no job, an id twice where it is asked twice",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(5));
      const found = await jobs.get([4, 99, 1, 4, 5, 98].map(testId));
      equal(found, [testJob(4), undefined, testJob(1), testJob(4), testJob(5), undefined], "jobs");
      equal(await jobs.get([]), [], "no ids");
    },
  },
  {
    id: "J-101",
    title: "get returns 5,000 ids at once",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(10));
      const found = await jobs.get(Array.from({ length: 5_000 }, (_, index) => testId(5_000 - index)));
      equal(found.length, 5_000, "answers");
      equal(
        found.flatMap((job, index) => (job ? [[index, job.id]] : [])),
        testJobs(10)
          .map(({ id }, index) => [4_999 - index, id])
          .reverse(),
        "jobs",
      );
    },
  },
  {
    id: "J-102",
    title: "the result of a done job is in get, and gone after a reset",
    async run({ store: jobs }) {
      const id = testId(1);
      await insert(jobs, testJob(1));
      await change(jobs, { type: "reserve", id, by: "holder" });
      await change(jobs, { type: "done", id, token: 1, result: '{"pages":2}' });
      equal((await jobs.get([id]))[0]?.result, '{"pages":2}', "result");
      await change(jobs, { type: "reset", id });
      equal(
        (await jobs.get([id]))[0],
        testJob(1, { token: 1, resetCount: 1, reservedAt: TEST_NOW, reservedBy: "holder" }),
        "after the reset",
      );
    },
  },
  {
    id: "J-103",
    title: "nextLeaseEndAt is the earliest end of a lease, whether it runs or has run out",
    async run({ store: jobs }) {
      equal(await jobs.nextLeaseEndAt(), undefined, "empty store");
      await insert(jobs, ...testJobs(4));
      equal(await jobs.nextLeaseEndAt(), undefined, "nothing reserved");
      await commitAll(jobs, [
        { apply: [reserve(1, 3_000)] },
        { apply: [reserve(2, 2_000)] },
        { apply: [reserve(3, 5_000)] },
      ]);
      equal(await jobs.nextLeaseEndAt(), TEST_NOW + 2_000, "three reserved");
      await put(jobs, { now: TEST_NOW - 900_000, apply: [reserve(4, 1_000)] });
      equal(await jobs.nextLeaseEndAt(), TEST_NOW - 899_000, "one that has run out");
    },
  },
  {
    id: "J-104",
    title: "nextLeaseEndAt follows extensions, settlements and removals",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(5));
      await commitAll(
        jobs,
        [1, 2, 3, 4, 5].map((number) => ({ apply: [reserve(number, number * 1_000)] })),
      );
      const expect = async (afterMs: number | undefined, what: string) =>
        equal(await jobs.nextLeaseEndAt(), afterMs === undefined ? undefined : TEST_NOW + afterMs, what);
      await change(jobs, { type: "extend", id: testId(1), token: 1, until: TEST_NOW + 9_000 });
      await expect(2_000, "extended");
      await change(jobs, { type: "done", id: testId(2), token: 1 });
      await expect(3_000, "done");
      await put(jobs, { remove: [testId(3)] });
      await expect(4_000, "removed");
      await change(jobs, { type: "expire", id: testId(4) }, TEST_NOW + 4_000);
      await expect(5_000, "expired");
      await change(jobs, { type: "cancel", id: testId(5), reason: "canceled" });
      await expect(9_000, "canceled");
      await change(jobs, { type: "release", id: testId(1), token: 1 });
      await expect(undefined, "released");
    },
  },
  {
    id: "J-105",
    title: "tally counts the jobs of each topic and state, without zeros",
    async run({ store: jobs }) {
      equal(await jobs.tally(), [], "empty store");
      const all = await populate(jobs);
      equal(sorted(await jobs.tally()), tallyOf(all), "tally");
    },
  },
  {
    id: "J-106",
    title: "tally follows every change and removal, and forgets what has come to zero",
    async run({ store: jobs }) {
      const id = testId(1);
      const tally = async (expected: Partial<Record<Tally["state"], number>>, what: string) => {
        const counts = Object.entries(expected).map(([state, count]) => ({ topic: "topic", state, count }) as Tally);
        equal(sorted(await jobs.tally()), sorted(counts), what);
      };
      await insert(jobs, testJob(1, { state: "delayed", runAt: TEST_NOW, unique: "key" }), testJob(2));
      await put(jobs, { insert: [testJob(1), testJob(3, { unique: "key" })] });
      await tally({ delayed: 1, ready: 1 }, "inserts that are left out");
      await change(jobs, { type: "promote", id });
      await tally({ ready: 2 }, "promote");
      await reserveAll(jobs, [id, testId(2)]);
      await tally({ reserved: 2 }, "reserve");
      await refuse(jobs, {
        insert: [testJob(4)],
        apply: [
          { type: "release", id, token: 1 },
          { type: "promote", id },
        ],
      });
      await tally({ reserved: 2 }, "a refused unit");
      await change(jobs, { type: "suspend", id, token: 1, at: TEST_NOW + 9_000 });
      await tally({ delayed: 1, reserved: 1 }, "suspend");
      await change(jobs, { type: "cancel", id, reason: "canceled" });
      await change(jobs, { type: "done", id: testId(2), token: 1 });
      await tally({ canceled: 1, done: 1 }, "cancel and done");
      await change(jobs, { type: "reset", id });
      await tally({ ready: 1, done: 1 }, "reset");
      await put(jobs, { insert: [testJob(5)], remove: [id, testId(5), testId(99)] });
      await tally({ done: 1 }, "removal");
      await put(jobs, { remove: [testId(2)] });
      await tally({}, "removal of the last");
    },
  },
  {
    id: "J-107",
    title: "the clock tells an instant once it is in line with the store, and takes an alarm back",
    async run({ store: jobs }) {
      await jobs.clock.sync();
      const now = jobs.clock.now();
      holds(Number.isFinite(now) && now > 0, "now() is an instant");
      const cancel = jobs.clock.alarm(now + 3_600_000, () => undefined);
      cancel();
    },
  },
  {
    id: "J-108",
    title: "instants come from the arguments: what happened long ago, or lies far ahead, is stored as that",
    async run({ store: jobs }) {
      for (const [number, now] of [
        [1, 1_000],
        [2, Date.UTC(2125, 11, 31, 23, 59, 59, 999)],
      ] as const) {
        const id = testId(number);
        await insert(jobs, testJob(number, { createdAt: now, state: "delayed", runAt: now }));
        await change(jobs, { type: "promote", id }, now);
        const held = await change(jobs, { type: "reserve", id, by: "holder", leaseMs: 5 }, now);
        equal([held.reservedAt, held.leaseUntil], [now, now + 5], "reserved");
        await change(jobs, { type: "done", id, token: 1 }, now + 1);
        const [job] = await jobs.get([id]);
        equal([job?.createdAt, job?.reservedAt, job?.finishedAt], [now, now, now + 1], "stored");
        equal(
          (await jobs.find({ finishedBy: now, limit: 5 })).map((head) => head.id).includes(id),
          false,
          "finished before",
        );
        equal(
          (await jobs.find({ finishedBy: now + 1, limit: 5 })).map((head) => head.id).includes(id),
          true,
          "finished by then",
        );
      }
    },
  },
];
