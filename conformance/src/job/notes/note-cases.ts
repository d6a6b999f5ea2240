import type { JobRepository, Note, NoteKind } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put, refuse } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";

function note(key: string, value: string, { number = 1, kind = "checkpoint" as NoteKind, at = TEST_NOW } = {}): Note {
  return { id: testId(number), kind, key, value, at };
}

/** Notes: what is kept with a job under a key. */
export const noteCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-70",
    title: "notes come by key, in whatever order they were written",
    async run({ store: jobs }) {
      const keys = ["b", "10", "a", "9", "B", "aa", "ab", "é", "a b", "0"];
      await insert(jobs, testJob(1));
      await put(jobs, { note: keys.slice(0, 5).map((key) => note(key, `value of ${key}`)) });
      await put(jobs, { note: keys.slice(5).map((key) => note(key, `value of ${key}`)) });
      const byKey = [...keys].sort().map((key) => note(key, `value of ${key}`));
      equal(await jobs.notes(testId(1), "checkpoint"), byKey, "notes");
    },
  },
  {
    id: "J-71",
    title: "of notes on one job under one key, the last write wins, in a unit, beside a change, in a batch and later",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await put(jobs, { note: [note("k", "1"), note("k", "2")] });
      equal(await jobs.notes(testId(1), "checkpoint"), [note("k", "2")], "in a unit");
      await commitAll(jobs, [{ note: [note("k", "3")] }, { note: [note("k", "4")] }]);
      equal(await jobs.notes(testId(1), "checkpoint"), [note("k", "4")], "in a batch");
      await put(jobs, { note: [note("k", "5", { at: TEST_NOW - 1 })] });
      equal(await jobs.notes(testId(1), "checkpoint"), [note("k", "5", { at: TEST_NOW - 1 })], "later");
      const reserve = { type: "reserve", id: testId(1), by: "holder" } as const;
      await put(jobs, { apply: [reserve], note: [note("k", "6"), note("other", "1"), note("k", "7")] });
      equal(await jobs.notes(testId(1), "checkpoint"), [note("k", "7"), note("other", "1")], "beside a change");
    },
  },
  {
    id: "J-72",
    title: "kinds and jobs keep their notes apart",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      const log = note("k", "log", { kind: "log" });
      const other = note("k", "other", { number: 2 });
      await put(jobs, { note: [note("k", "checkpoint"), log, other] });
      equal(await jobs.notes(testId(1), "checkpoint"), [note("k", "checkpoint")], "checkpoints");
      equal(await jobs.notes(testId(1), "log"), [log], "log");
      equal(await jobs.notes(testId(2), "checkpoint"), [other], "the other job's checkpoints");
      equal(await jobs.notes(testId(2), "log"), [], "the other job's log");
    },
  },
  {
    id: "J-73",
    title: "a job that is not there has no notes and takes none",
    async run({ store: jobs }) {
      equal(await jobs.notes(testId(1), "log"), [], "before");
      const refusal = await refuse(jobs, { note: [note("k", "v")] });
      equal(refusal, { ok: false, code: "JOB_NOT_FOUND", id: testId(1) }, "refusal");
      await insert(jobs, testJob(1));
      equal(await jobs.notes(testId(1), "checkpoint"), [], "after");
    },
  },
  {
    id: "J-74",
    title: "the notes of a removed job are gone, also for a new job with its id",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      await put(jobs, { note: [note("a", "1"), note("b", "2", { kind: "log" }), note("c", "3", { number: 2 })] });
      await put(jobs, { note: [note("d", "4")], remove: [testId(1)] });
      for (const kind of ["checkpoint", "log"] as const) equal(await jobs.notes(testId(1), kind), [], kind);
      await insert(jobs, testJob(1));
      for (const kind of ["checkpoint", "log"] as const)
        equal(await jobs.notes(testId(1), kind), [], `${kind} of the new job`);
      equal((await jobs.notes(testId(2), "checkpoint")).length, 1, "notes of the neighbour");
    },
  },
  {
    id: "J-75",
    title: "an extend that asks for nothing guards the notes of its unit and changes nothing itself",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await change(jobs, { type: "reserve", id: testId(1), by: "holder" });
      const before = await jobs.get([testId(1)]);
      const as = (token: number, key: string) => ({
        apply: [{ type: "extend", id: testId(1), token } as const],
        note: [note(key, "v")],
      });
      await put(jobs, as(1, "of the holder"));
      equal((await refuse(jobs, as(0, "of another"))).code, "LEASE_LOST", "a stale token");
      equal(
        (await jobs.notes(testId(1), "checkpoint")).map(({ key }) => key),
        ["of the holder"],
        "notes",
      );
      equal(await jobs.get([testId(1)]), before, "the job");
    },
  },
  {
    id: "J-76",
    title: "notes stay through every state, and through a reset",
    async run({ store: jobs }) {
      const id = testId(1);
      await insert(jobs, testJob(1));
      await put(jobs, { note: [note("k", "v"), note("l", "w", { kind: "log" })] });
      await change(jobs, { type: "reserve", id, by: "holder" });
      await change(jobs, { type: "done", id, token: 1 });
      equal((await jobs.notes(id, "log")).length, 1, "log of a done job");
      await change(jobs, { type: "reset", id });
      equal(await jobs.notes(id, "checkpoint"), [note("k", "v")], "checkpoints after a reset");
    },
  },
  {
    id: "J-77",
    title: "a job keeps 2,000 notes apart, in order",
    async run({ store: jobs }) {
      const keys = Array.from({ length: 2_000 }, (_, index) => String((index * 7) % 2_000).padStart(4, "0"));
      await insert(jobs, testJob(1));
      await put(jobs, { note: keys.map((key) => note(key, key, { kind: "log" })) });
      equal(
        (await jobs.notes(testId(1), "log")).map(({ key }) => key),
        [...keys].sort(),
        "keys",
      );
    },
  },
];
