import { type Change, isRefusal, type JobRepository, type UnitOutcome } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put, stored } from "../../commit.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";

const reserve = (number: number, by: string): Change => ({ type: "reserve", id: testId(number), by });

/** One commit of one unit for each, all under way at once; the handles take turns. */
async function race(
  handles: readonly JobRepository[],
  applies: readonly (readonly Change[])[],
): Promise<UnitOutcome[]> {
  const commits = applies.map((apply, index) =>
    commitAll(handles[index % handles.length] as JobRepository, [{ apply }]),
  );
  return (await Promise.all(commits)).flat();
}

async function oneReservation(handles: readonly JobRepository[]): Promise<void> {
  const [jobs] = handles as readonly [JobRepository];
  await insert(jobs, ...testJobs(10));
  for (let number = 1; number <= 10; number += 1) {
    const outcomes = await race(
      handles,
      Array.from({ length: 12 }, (_, index) => [reserve(number, `caller ${index}`)]),
    );
    const winners = outcomes.flatMap((outcome, index) => (outcome.ok ? [`caller ${index}`] : []));
    const [job] = await jobs.get([testId(number)]);
    equal([winners, job?.token, job?.attempt], [[job?.reservedBy], 1, 1], "winners, token, attempt");
  }
}

async function oneHolder(handles: readonly JobRepository[]): Promise<void> {
  const inserts = Array.from({ length: 24 }, (_, index) => testJob(index + 1, { unique: "key" }));
  const answers = await Promise.all(
    inserts.map((job, index) => put(handles[index % handles.length] as JobRepository, { insert: [job] })),
  );
  const found = (await (handles[0] as JobRepository).find({ limit: 50 })).map(({ id }) => id);
  equal(found.length, 1, "jobs with the key");
  equal([...new Set(answers.flatMap(({ inserted }) => inserted))], found, "the holder that everybody is told");
}

async function noLostUpdate(handles: readonly JobRepository[]): Promise<void> {
  const [jobs] = handles as readonly [JobRepository];
  const blockers = Array.from({ length: 30 }, (_, index) => testId(index + 100));
  await insert(jobs, testJob(1, { state: "delayed", blockers }));
  const outcomes = await race(
    handles,
    blockers.map((by) => [{ type: "unblock", id: testId(1), by }]),
  );
  for (const outcome of outcomes) stored(outcome);
  const [job] = await jobs.get([testId(1)]);
  equal([job?.state, job?.blockers], ["ready", undefined], "the job that waited for 30 others");
  equal(
    outcomes.filter((outcome) => !isRefusal(outcome) && outcome.changed[0]?.state === "ready").length,
    1,
    "units that made it ready",
  );
}

/** Commits that are under way at the same time. */
export const raceCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-130",
    title: "of concurrent reservations of a job, one is stored",
    run: ({ store }) => oneReservation([store]),
  },
  {
    id: "J-131",
    title: "of concurrent inserts with one unique key, one is stored, and all are told which",
    run: ({ store }) => oneHolder([store]),
  },
  {
    id: "J-132",
    title: "concurrent changes of one job build on each other",
    run: ({ store }) => noLostUpdate([store]),
  },
  {
    id: "J-133",
    title: "of concurrent settlements of a reservation, one is stored",
    async run({ store: jobs }) {
      const id = testId(1);
      await insert(jobs, testJob(1));
      await change(jobs, reserve(1, "holder"));
      const outcomes = await race(
        [jobs],
        [
          [{ type: "done", id, token: 1, result: "a" }],
          [{ type: "retry", id, token: 1, at: TEST_NOW + 1 }],
          [{ type: "release", id, token: 1 }],
          [{ type: "cancel", id, token: 1, reason: "rejected" }],
          [{ type: "done", id, token: 1, result: "b" }],
          [{ type: "suspend", id, token: 1, at: TEST_NOW + 1 }],
        ],
      );
      equal(outcomes.filter(({ ok }) => ok).length, 1, "settlements");
      const codes = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.code]));
      equal([...new Set(codes)], ["LEASE_LOST"], "codes of the others");
    },
  },
  {
    id: "J-134",
    title: "concurrent commits that have nothing to do with each other are all stored",
    async run({ store: jobs }) {
      const all = testJobs(200);
      await Promise.all(all.map((job) => put(jobs, { insert: [job] })));
      const outcomes = await Promise.all(
        all.map(({ id }) =>
          put(jobs, {
            apply: [{ type: "reserve", id, by: "holder" }],
            note: [{ id, kind: "log", key: "k", value: id, at: TEST_NOW }],
          }),
        ),
      );
      equal(
        outcomes.map(({ changed }) => changed[0]?.id),
        all.map(({ id }) => id),
        "outcomes",
      );
      equal(await jobs.tally(), [{ topic: "topic", state: "reserved", count: 200 }], "tally");
      const notes = await Promise.all(all.map(({ id }) => jobs.notes(id, "log")));
      equal(
        notes.map((list) => list.map(({ value }) => value)),
        all.map(({ id }) => [id]),
        "notes",
      );
    },
  },
  {
    id: "J-135",
    title: "concurrent batches over the same jobs in different orders are all answered, each job reserved once",
    async run({ store: jobs }) {
      const numbers = Array.from({ length: 30 }, (_, index) => index + 1);
      await insert(jobs, ...testJobs(30));
      const batches = [numbers, [...numbers].reverse(), numbers.map((number) => ((number * 7) % 30) + 1)];
      const answers = await Promise.all(
        batches.map((batch, index) =>
          commitAll(
            jobs,
            batch.map((number) => ({ apply: [reserve(number, `batch ${index}`)] })),
          ),
        ),
      );
      const won = answers.flat().flatMap((outcome) => (outcome.ok ? outcome.changed.map(({ id }) => id) : []));
      equal(won.sort(), numbers.map(testId), "reserved");
      equal(await jobs.tally(), [{ topic: "topic", state: "reserved", count: 30 }], "tally");
    },
  },
  {
    id: "J-136",
    title: "of reservations of a job through two handles, one is stored",
    needs: "shared",
    run: async ({ store, second }) => oneReservation([store, await second()]),
  },
  {
    id: "J-137",
    title: "of inserts with one unique key through two handles, one is stored, and all are told which",
    needs: "shared",
    run: async ({ store, second }) => oneHolder([store, await second()]),
  },
  {
    id: "J-138",
    title: "changes of one job through two handles build on each other",
    needs: "shared",
    run: async ({ store, second }) => noLostUpdate([store, await second()]),
  },
];
