import type { JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { insert, put } from "../../commit.ts";
import { allFulfilled, codeOf, settledAtClose } from "../../settled.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";

const id = testId(1);
const note = { id, kind: "log", key: "k", value: "v", at: TEST_NOW } as const;

/** Every call there is, also those that ask for nothing. */
const CALLS: Readonly<Record<string, (jobs: JobRepository) => Promise<unknown>>> = {
  commit: (jobs) => jobs.commit([{ now: TEST_NOW, insert: [testJob(2)] }]),
  "commit of a note": (jobs) => jobs.commit([{ now: TEST_NOW, note: [note] }]),
  "commit of no units": (jobs) => jobs.commit([]),
  "commit of an empty unit": (jobs) => jobs.commit([{ now: TEST_NOW }]),
  get: (jobs) => jobs.get([id]),
  "get of no ids": (jobs) => jobs.get([]),
  find: (jobs) => jobs.find({ limit: 10 }),
  "find by state": (jobs) => jobs.find({ state: "ready", limit: 10 }),
  nextLeaseEndAt: (jobs) => jobs.nextLeaseEndAt(),
  tally: (jobs) => jobs.tally(),
  notes: (jobs) => jobs.notes(id, "log"),
};

/** What close does to the other calls. */
export const closeCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-09",
    title: "after close every call rejects with CLOSED, also one that asks for nothing",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await jobs.close();
      for (const [name, call] of Object.entries(CALLS)) equal(await codeOf(() => call(jobs)), "CLOSED", name);
      await jobs.close();
    },
  },
  {
    id: "J-17",
    title: "close waits for every call that is under way",
    async run({ store: jobs }) {
      await put(jobs, { insert: [testJob(1)], note: [note] });
      equal(await settledAtClose(jobs, CALLS), allFulfilled(CALLS), "calls under way");
    },
  },
];
