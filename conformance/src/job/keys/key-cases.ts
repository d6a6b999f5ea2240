import type { Job, JobId, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put, refuse, stored } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";

const id = testId;
const queued = (number: number, rest: Partial<Job> = {}) =>
  testJob(number, { unique: "key", uniqueSpan: "queued", ...rest });
const kept = (number: number, rest: Partial<Job> = {}) =>
  testJob(number, { unique: "key", uniqueSpan: "kept", ...rest });
const reserve = (number: number) => ({ type: "reserve", id: id(number), by: "holder" }) as const;
const cancel = (number: number) => ({ type: "cancel", id: id(number), reason: "canceled" }) as const;
const reset = (number: number) => ({ type: "reset", id: id(number) }) as const;

/** Who stands for a job with the key, and whom find says holds it: they are one. */
async function holder(
  jobs: JobRepository,
  number: number,
  job: Job = testJob(number, { unique: "key" }),
): Promise<JobId | undefined> {
  const before = (await jobs.find({ unique: "key", limit: 5 })).map((one) => one.id);
  const [standIn] = (await put(jobs, { insert: [job] })).inserted;
  equal(before, standIn === job.id ? [] : [standIn], "the job that find says holds the key");
  return standIn;
}

/** For how long unique keys are held. */
export const keyCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-174",
    title: "a key that is held while queued is free for good once its job was reserved",
    async run({ store: jobs }) {
      await insert(jobs, queued(1, { state: "delayed", runAt: TEST_NOW }));
      equal(await holder(jobs, 2), id(1), "while it is delayed");
      await change(jobs, { type: "promote", id: id(1) });
      equal(await holder(jobs, 2), id(1), "while it is ready");
      await change(jobs, reserve(1));
      equal(await holder(jobs, 3, queued(3)), id(3), "once it is reserved");
      await change(jobs, { type: "retry", id: id(1), token: 1 });
      equal(await holder(jobs, 4), id(3), "the next holder, when the first is tried again");
      await put(jobs, { apply: [cancel(1), reset(1)] });
      equal(await holder(jobs, 4), id(3), "the next holder, when the first is reset");
      await change(jobs, cancel(3));
      equal(await holder(jobs, 5), id(5), "once the next holder has ended unreserved");
      equal(
        (await refuse(jobs, { apply: [reset(3)] })).holder,
        id(5),
        "a reset takes it again where nothing was reserved",
      );
    },
  },
  {
    id: "J-175",
    title: "a key that is kept is held after the end of its job, until that is removed or purged, or gives it up",
    async run({ store: jobs }) {
      await insert(jobs, kept(1));
      await put(jobs, { apply: [reserve(1), { type: "done", id: id(1), token: 1 }] });
      equal(await holder(jobs, 2), id(1), "once it is done");
      await change(jobs, reset(1));
      equal(await holder(jobs, 2), id(1), "once it is reset, which takes nothing from itself");
      await change(jobs, cancel(1));
      equal(await holder(jobs, 2), id(1), "once it is canceled");
      await put(jobs, { remove: [id(1)] });
      equal(await holder(jobs, 3, kept(3)), id(3), "once it is removed");
      await put(jobs, { apply: [cancel(3)], purge: [id(3)] });
      equal(await holder(jobs, 4, kept(4)), id(4), "once it is purged");
      await put(jobs, { apply: [cancel(4), { type: "freeKey", id: id(4) }] });
      equal(await holder(jobs, 5), id(5), "once it has given it up");
      equal((await jobs.get([id(4)]))[0]?.unique, undefined, "the key of who has given it up");
      equal((await change(jobs, reset(4))).state, "ready", "a reset without a key");
    },
  },
  {
    id: "J-176",
    title: "freeKey frees a key in every state, also for the next unit of the batch, and only that one",
    async run({ store: jobs }) {
      const keyed = (number: number) => testJob(number, { unique: `key ${number}` });
      await insert(
        jobs,
        ...[1, 2, 3, 4].map(keyed),
        testJob(5, { unique: "key 5", state: "delayed", runAt: TEST_NOW }),
      );
      await change(jobs, reserve(2));
      await change(jobs, cancel(3));
      const free = (number: number) => ({ apply: [{ type: "freeKey", id: id(number) } as const] });
      const next = (number: number) => ({ insert: [testJob(number + 10, { unique: `key ${number}` })] });
      const outcomes = await commitAll(
        jobs,
        [1, 2, 3, 5].flatMap((number) => [free(number), next(number)]),
      );
      equal(
        outcomes.flatMap((outcome) => stored(outcome).inserted),
        [11, 12, 13, 15].map(id),
        "the next",
      );
      equal((await put(jobs, next(4))).inserted, [id(4)], "a key that nobody freed");
      const refused = await refuse(jobs, { apply: [{ type: "freeKey", id: id(4) }, reserve(99)] });
      equal([refused.code, (await put(jobs, next(4))).inserted], ["JOB_NOT_FOUND", [id(4)]], "after a refused unit");
      equal(
        (await put(jobs, { insert: [keyed(1), testJob(21, { unique: "key 1" })] })).inserted,
        [1, 11].map(id),
        "who has freed it",
      );
    },
  },
  {
    id: "J-177",
    title: "a job that expires when it is met frees its key, unless that is kept",
    async run({ store: jobs }) {
      const past = { expiresAt: TEST_NOW };
      await insert(
        jobs,
        testJob(1, { unique: "a", ...past }),
        queued(2, past),
        testJob(3, { unique: "c", uniqueSpan: "kept", ...past }),
      );
      await insert(jobs, testJob(4, { unique: "d", state: "delayed", runAt: TEST_NOW, ...past }));
      const met = await commitAll(
        jobs,
        [...[1, 2, 3].map(reserve), { type: "promote", id: id(4) } as const].map((one) => ({ apply: [one] })),
      );
      equal(
        met.map((outcome) => stored(outcome).changed[0]?.reason),
        met.map(() => "expired" as const),
        "reasons",
      );
      const keys = ["a", "key", "c", "d"];
      const { inserted } = await put(jobs, { insert: keys.map((unique, index) => testJob(11 + index, { unique })) });
      equal(inserted, [11, 12, 3, 14].map(id), "the next");
      equal(
        (await jobs.find({ reason: "expired", limit: 9 })).map((job) => [job.id, job.token]),
        [1, 2, 3, 4].map((number) => [id(number), 0]),
        "expired jobs were never reserved",
      );
    },
  },
  {
    id: "J-178",
    title:
      "keys that are kept are held by one of many jobs at once, and find by key finds that one, whatever else is asked",
    async run({ store: jobs }) {
      await insert(jobs, kept(1));
      await put(jobs, { apply: [reserve(1), { type: "done", id: id(1), token: 1 }] });
      const found = async (query: object) =>
        (await jobs.find({ unique: "key", limit: 5, ...query })).map((job) => job.id);
      equal([await found({ state: "done" }), await found({ state: "ready" })], [[id(1)], []], "by state");
      equal(
        [await found({ live: true }), await found({ after: id(1) }), await found({ before: id(2) })],
        [[], [], [id(1)]],
        "by place",
      );
      equal(await found({ unique: "Key" }), [], "another key");
      await change(jobs, { type: "freeKey", id: id(1) });
      await insert(jobs, testJob(2, { unique: "key" }));
      await change(jobs, cancel(2));
      equal(await found({}), [], "a key that nobody holds any more");
    },
  },
];
