import type { JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { change, insert, put, stored } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";
import { populate } from "../model/find-world.ts";
import { sorted } from "../model/tally.ts";

/** Opening and closing, and what other handles see. */
export const lifetimeCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-01",
    title: "the capabilities are two booleans",
    async run({ store: jobs }) {
      const { durable, shared } = jobs.capabilities;
      equal([typeof durable, typeof shared], ["boolean", "boolean"], "capabilities");
    },
  },
  {
    id: "J-02",
    title: "a new store is empty",
    async run({ store: jobs }) {
      equal(await jobs.find({ limit: 1 }), [], "find");
      equal(await jobs.get([testId(1)]), [undefined], "get");
      equal(await jobs.tally(), [], "tally");
      equal(await jobs.nextLeaseEndAt(), undefined, "nextLeaseEndAt");
      equal(await jobs.notes(testId(1), "log"), [], "notes");
    },
  },
  {
    id: "J-03",
    title: "a second close does nothing",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await jobs.close();
      await jobs.close();
    },
  },
  {
    id: "J-04",
    title: "close waits for commits and reads that are under way",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      const commits = testJobs(20, 2).map((job) => jobs.commit([{ now: TEST_NOW, insert: [job] }]));
      const read = jobs.get([testId(1)]);
      const settled = Promise.allSettled([...commits, read]);
      await jobs.close();
      const results = await settled;
      equal(
        results.map(({ status }) => status),
        results.map(() => "fulfilled"),
        "what was under way",
      );
      for (const [outcome] of await Promise.all(commits)) stored(outcome as NonNullable<typeof outcome>);
    },
  },
  {
    id: "J-05",
    title: "jobs, notes, counts and leases are there again when the store is opened again",
    needs: "durable",
    async run({ store: jobs, reopen }) {
      const all = await populate(jobs);
      const ids = all.map(({ id }) => id);
      const note = { id: testId(1), kind: "checkpoint", key: "k", value: "v", at: TEST_NOW } as const;
      await put(jobs, { note: [note, { ...note, kind: "log" }], remove: [testId(84)] });
      const tally = sorted(await jobs.tally());
      const lease = await jobs.nextLeaseEndAt();
      const again = await reopen();
      equal(await again.get(ids), [...all.slice(0, 83), undefined], "jobs");
      equal((await again.find({ limit: 100 })).map(headOf), all.slice(0, 83).map(headOf), "heads");
      equal(await again.notes(testId(1), "checkpoint"), [note], "checkpoints");
      equal(sorted(await again.tally()), tally, "tally");
      equal(await again.nextLeaseEndAt(), lease, "next lease end");
    },
  },
  {
    id: "J-06",
    title: "guards hold when the store is opened again: tokens, unique keys, ids",
    needs: "durable",
    async run({ store: jobs, reopen }) {
      await insert(jobs, testJob(1, { unique: "key" }), testJob(2, { unique: "freed" }));
      await change(jobs, { type: "reserve", id: testId(1), by: "holder" });
      await change(jobs, { type: "cancel", id: testId(2), reason: "canceled" });
      const again = await reopen();
      const answers = await again.commit([
        { now: TEST_NOW, insert: [testJob(3, { unique: "key" }), testJob(4, { unique: "freed" }), testJob(2)] },
        { now: TEST_NOW, apply: [{ type: "done", id: testId(1), token: 2 }] },
        { now: TEST_NOW, apply: [{ type: "done", id: testId(1), token: 1, result: "late" }] },
      ]);
      equal(
        answers.map((outcome) => (outcome.ok ? outcome.inserted : outcome.code)),
        [[1, 4, 2].map(testId), "LEASE_LOST", []],
        "outcomes",
      );
      const third = await reopen();
      equal((await third.get([testId(1)]))[0]?.result, "late", "what was committed after the reopening");
    },
  },
  {
    id: "J-07",
    title: "a commit that close waited for is there when the store is opened again",
    needs: "durable",
    async run({ store: jobs, reopen }) {
      const commits = testJobs(20).map((job) => jobs.commit([{ now: TEST_NOW, insert: [job] }]));
      await jobs.close();
      await Promise.all(commits);
      const again = await reopen();
      equal((await again.find({ limit: 50 })).length, 20, "jobs");
    },
  },
  {
    id: "J-08",
    title: "what one handle commits, the other reads and builds on",
    needs: "shared",
    async run({ store: jobs, second }) {
      const other = await second();
      await insert(jobs, testJob(1, { unique: "key" }));
      equal(await other.get([testId(1)]), [testJob(1, { unique: "key" })], "the job");
      await change(other, { type: "reserve", id: testId(1), by: "other" });
      equal((await jobs.find({ state: "reserved", limit: 5 })).length, 1, "reserved jobs");
      equal(await jobs.nextLeaseEndAt(), await other.nextLeaseEndAt(), "next lease end");
      const outcome = await put(jobs, { insert: [testJob(2, { unique: "key" })] });
      equal(outcome.inserted, [testId(1)], "holder");
      await change(jobs, { type: "done", id: testId(1), token: 1 });
      equal(await other.tally(), [{ topic: "topic", state: "done", count: 1 }], "tally");
      await other.close();
      holds((await jobs.get([testId(1)]))[0]?.state === "done", "one handle works on when the other is closed");
    },
  },
];
