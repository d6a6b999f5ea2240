import type { Job, JobqError, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { change, commitAll, insert, put, refused, stored } from "../../commit.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";
import { sorted } from "../model/tally.ts";

const id = testId;

/** Three jobs, of which the second has all that a job may leave behind. */
const JOBS = [
  testJob(1),
  testJob(2, {
    unique: "key",
    group: "group",
    state: "ready",
    limit: { key: "limit", concurrency: 1 },
    slot: 0,
    payload: "long ".repeat(100),
  }),
  testJob(3, { group: "group" }),
];
const NOTE = { id: id(2), kind: "log", key: "key", value: "value", at: TEST_NOW };

async function prepare(store: JobRepository): Promise<void> {
  await insert(store, ...JOBS);
  await put(store, { note: [NOTE] });
}

/** Fails unless these are all jobs, and are counted as such. */
async function isThere(jobs: JobRepository, numbers: readonly number[]): Promise<void> {
  const ids = numbers.map(id);
  equal(
    (await jobs.find({ limit: 99 })).map((job) => job.id),
    ids,
    "jobs",
  );
  equal(
    (await jobs.get(ids)).map((job) => job?.id),
    ids,
    "each job",
  );
  equal(sorted(await jobs.tally()), [{ topic: "topic", state: "ready", count: ids.length }], "tally");
}

/** Jobs of which what is stored makes no sense any more. */
export const damageCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-250",
    title: "a job that cannot be read is absent; all others are there, and pages of find are as full as ever",
    needs: "damage",
    async run({ store, damage }) {
      await prepare(store);
      await insert(store, ...testJobs(3, 11));
      const jobs = await damage(id(2));
      const ids = [1, 3, 11, 12, 13].map(id);
      equal(
        (await jobs.get([1, 2, 3].map(id))).map((job) => job?.id),
        [id(1), undefined, id(3)],
        "get",
      );
      const found = async (query: object) => (await jobs.find({ limit: 100, ...query })).map((job) => job.id);
      equal(await found({}), ids, "find");
      equal(await found({ order: "newest" }), [...ids].reverse(), "newest first");
      equal([await found({ limit: 2 }), await found({ after: id(1), limit: 1 })], [[id(1), id(3)], [id(3)]], "pages");
      equal(
        [await found({ group: "group" }), await found({ state: "ready", limit: 3 })],
        [[id(3)], ids.slice(0, 3)],
        "by",
      );
      const outcomes = await commitAll(jobs, [
        { apply: [{ type: "reserve", id: id(1), by: "holder" }] },
        { apply: [{ type: "cancel", id: id(2), reason: "canceled" }] },
        { apply: [{ type: "reserve", id: id(3), by: "holder" }] },
      ]);
      equal(
        [outcomes[0]?.ok, refused(outcomes[1] as never).code, outcomes[2]?.ok],
        [true, "JOB_NOT_FOUND", true],
        "changes",
      );
    },
  },
  {
    id: "J-251",
    title: "a job that cannot be read is told of once, as an error with details, also to who listens later",
    needs: "damage",
    async run({ store, damage }) {
      await prepare(store);
      const jobs = await damage(id(2));
      const [early, late]: JobqError[][] = [[], []];
      const stop = jobs.onDamage?.((error) => early?.push(error));
      holds(stop !== undefined, "a store whose records can be spoiled has onDamage");
      await jobs.find({ limit: 10 });
      await jobs.get([id(1), id(2)]);
      await jobs.get([id(2)]);
      await change(jobs, { type: "reserve", id: id(1), by: "holder" });
      jobs.onDamage?.((error) => late?.push(error))();
      equal([early?.length, late?.length], [1, 1], "how often each was told");
      const [error] = early ?? [];
      equal([error?.name, error?.code], ["JobqError", "STORE_FAILED"], "the error");
      holds(JSON.stringify(error?.details).includes(id(2)), "the details name the job");
      stop();
    },
  },
  {
    id: "J-252",
    title: "a job that cannot be read is removed by its id, with all that it kept from others, and can be stored again",
    needs: "damage",
    async run({ store, damage, reopen }) {
      await prepare(store);
      const jobs = await damage(id(2));
      const [outcome] = await commitAll(jobs, [{ remove: [id(1), id(2), id(9)] }]);
      equal([...stored(outcome as never).removed].sort(), [id(1), id(2)], "removed");
      equal((await put(jobs, { remove: [id(2)] })).removed, [], "removed again");
      equal(sorted(await jobs.tally()), [{ topic: "topic", state: "ready", count: 1 }], "tally");
      equal(await jobs.notes(id(2)), [], "notes");
      const next = [testJob(21, { unique: "key" }), { ...(JOBS[1] as Job), unique: "b" }];
      equal((await put(jobs, { insert: next })).inserted, [id(21), id(2)], "inserted");
      const again = await reopen();
      equal(
        (await again.find({ limit: 10 })).map((job) => job.id),
        [2, 3, 21].map(id),
        "jobs",
      );
      equal((await again.get([id(2)]))[0]?.payload, JOBS[1]?.payload, "the payload");
      equal(sorted(await again.tally()), [{ topic: "topic", state: "ready", count: 3 }], "tally");
    },
  },
  {
    id: "J-253",
    title: "who is stored in the place of a job that cannot be read has what is his own, and nothing that it had",
    needs: "damage",
    async run({ store, damage, reopen }) {
      await prepare(store);
      const jobs = await damage(id(2));
      const limited = (slot: number) => ({ limit: { key: "limit", concurrency: 9 }, slot });
      const outcomes = await commitAll(jobs, [
        { insert: [testJob(2, { unique: "own", ...limited(1) })] },
        { insert: [testJob(21, { unique: "key" }), testJob(22, limited(0))] },
        { insert: [testJob(23, { unique: "own" }), testJob(24, limited(1))] },
      ]);
      equal(
        outcomes.map((outcome) => stored(outcome).inserted),
        [[id(2)], [id(21), id(22)], [id(2), id(2)]],
        "inserted",
      );
      await isThere(jobs, [1, 2, 3, 21, 22]);
      equal(await jobs.notes(id(2)), [], "notes");
      equal(
        (await jobs.find({ group: "group", limit: 9 })).map((job) => job.id),
        [id(3)],
        "the group",
      );
      await isThere(await reopen(), [1, 2, 3, 21, 22]);
    },
  },
  {
    id: "J-254",
    title: "a job that cannot be read is removed, and stored again, in one commit",
    needs: "damage",
    async run({ store, damage, reopen }) {
      await prepare(store);
      const jobs = await damage(id(2));
      const outcomes = await commitAll(jobs, [{ remove: [id(2)] }, { insert: [JOBS[1] as Job] }]);
      equal(
        outcomes.map((outcome) => [stored(outcome).removed, stored(outcome).inserted]),
        [
          [[id(2)], []],
          [[], [id(2)]],
        ],
        "outcomes",
      );
      const rivals = [
        testJob(21, { unique: "key" }),
        testJob(22, { limit: { key: "limit", concurrency: 1 }, slot: 0 }),
      ];
      const isRight = async (one: JobRepository): Promise<void> => {
        await isThere(one, [1, 2, 3]);
        equal((await put(one, { insert: rivals })).inserted, [id(2), id(2)], "who holds the key and the slot");
      };
      await isRight(jobs);
      await isRight(await reopen());
    },
  },
];
