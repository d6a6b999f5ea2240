import type { JobRepository, Note, Progress, Timestamp } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, insert, put, refuse } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";
import { ALIKE, UNUSUAL } from "../../unusual-text.ts";

/** The last instant that a Date can tell. */
const LAST_INSTANT = 8.64e15;

/** Instants beyond those that fit into 31 and 32 bits of seconds, four digits of a year, and 48 bits of milliseconds. */
const FAR: readonly Timestamp[] = [
  Date.UTC(2038, 0, 19, 3, 14, 8),
  Date.UTC(2106, 1, 7, 6, 28, 16),
  Date.UTC(10_000, 0, 1),
  2 ** 48,
  LAST_INSTANT,
];

/** Later than all of today's instants, and as text later than some that are later still. */
const BETWEEN = 9e12;

const MANY = 70_000;

/** Values at the ends of what there may be. */
export const extremeCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-109",
    title: "instants and leases may lie as far ahead as a Date can tell",
    async run({ store: jobs }) {
      for (const [index, at] of FAR.entries()) {
        const id = testId(index + 1);
        const job = testJob(index + 1, { state: "delayed", runAt: at, createdAt: at - 1 });
        await insert(jobs, job);
        equal(await jobs.get([id]), [job], "an instant to run at");
        await change(jobs, { type: "promote", id }, at);
        await change(jobs, { type: "reserve", id, by: "holder", leaseMs: 1 }, at - 1);
        equal((await jobs.get([id]))[0]?.reservedAt, at - 1, "the instant of a reservation");
        equal(await jobs.nextLeaseEndAt(), at, "the lease that ends next");
        const ended = async (by: Timestamp) => (await jobs.find({ leaseEndsBy: by, limit: 9 })).map((head) => head.id);
        equal(
          [await ended(Math.min(at - 1, BETWEEN)), await ended(at - 1), await ended(at)],
          [[], [], [id]],
          "ended leases",
        );
        const note: Note = { id, kind: "log", key: "k", value: "v", at };
        await put(jobs, { now: at, apply: [{ type: "done", id, token: 1 }], note: [note] });
        equal((await jobs.get([id]))[0]?.finishedAt, at, "its end");
        equal(await jobs.notes(id, "log"), [note], "its note");
        const finished = async (by: Timestamp) => (await jobs.find({ finishedBy: by, limit: 9 })).length;
        equal([await finished(at - 1), await finished(at)], [index, index + 1], "ended by then");
        equal(await finished(BETWEEN), FAR.slice(0, index + 1).filter((far) => far <= BETWEEN).length, "ended before");
        const held = testId(index + 51);
        await insert(jobs, testJob(index + 51));
        await change(jobs, { type: "reserve", id: held, by: "holder", leaseMs: at - TEST_NOW });
        equal((await jobs.get([held]))[0]?.leaseUntil, at, "a long lease");
        await put(jobs, { remove: [held] });
      }
      await insert(jobs, testJob(99));
      await change(jobs, { type: "reserve", id: testId(99), by: "holder" });
      for (const until of FAR) {
        await change(jobs, { type: "extend", id: testId(99), token: 1, until });
        equal(await jobs.nextLeaseEndAt(), until, "an extended lease");
      }
    },
  },
  {
    id: "J-150",
    title: "tokens, attempts, lost leases and resets are counted beyond 65,535",
    async run({ store: jobs }) {
      const counts = { token: MANY, attempt: MANY, leaseLosses: MANY, resetCount: MANY };
      const many = { ...counts, maxRetries: 1_000_000, maxLeaseLosses: 1_000_000 };
      const id = testId(1);
      await insert(jobs, testJob(1, many), testJob(2, { ...many, token: 65_535, attempt: 65_535 }));
      equal(await jobs.get([id]), [testJob(1, many)], "as they were given");
      const countsOf = async (): Promise<unknown> => {
        const [job] = await jobs.get([id]);
        return [job?.token, job?.attempt, job?.leaseLosses, job?.resetCount];
      };
      const next = await change(jobs, { type: "reserve", id: testId(2), by: "holder" });
      equal([next.token, next.attempt], [65_536, 65_536], "past 16 bits");
      await change(jobs, { type: "reserve", id, by: "holder", leaseMs: 5 });
      equal(await countsOf(), [MANY + 1, MANY + 1, MANY, MANY], "reserved");
      await change(jobs, { type: "expire", id }, TEST_NOW + 5);
      equal(await countsOf(), [MANY + 1, MANY, MANY + 1, MANY], "expired");
      await change(jobs, { type: "cancel", id, reason: "canceled" });
      await change(jobs, { type: "reset", id });
      equal(await countsOf(), [MANY + 1, 0, 0, MANY + 1], "reset");
    },
  },
  {
    id: "J-151",
    title: "a progress of 0, without a message or with an empty one, comes back as it was",
    async run({ store: jobs }) {
      const reports: Progress[] = [
        { value: 0 },
        { value: 0, message: "" },
        { value: 1, message: "0" },
        { value: 5e-324 },
      ];
      const ids = reports.map((_, index) => testId(index + 1));
      await insert(jobs, ...reports.map((_, index) => testJob(index + 1)));
      for (const [index, progress] of reports.entries()) {
        const id = ids[index] as string;
        await change(jobs, { type: "reserve", id, by: "holder" });
        const head = await change(jobs, { type: "extend", id, token: 1, progress });
        equal(head.progress, progress, "told");
      }
      equal(
        (await jobs.get(ids)).map((job) => job?.progress),
        reports,
        "get",
      );
      equal(
        (await jobs.find({ limit: 9 })).map((job) => job.progress),
        reports,
        "find",
      );
    },
  },
  {
    id: "J-152",
    title: "a holder of any text is kept and told as it was",
    async run({ store: jobs }) {
      const texts = [...UNUSUAL, ...ALIKE];
      const ids = texts.map((_, index) => testId(index + 1));
      await insert(jobs, ...texts.map((_, index) => testJob(index + 1)));
      const { changed } = await put(jobs, {
        apply: texts.map((by, index) => ({ type: "reserve", id: ids[index] as string, by })),
      });
      equal(
        changed.map((job) => job.reservedBy),
        texts,
        "told",
      );
      equal(
        (await jobs.get(ids)).map((job) => job?.reservedBy),
        texts,
        "get",
      );
      equal(
        (await jobs.find({ limit: 99 })).map((job) => job.reservedBy),
        texts,
        "find",
      );
      for (const [index, id] of ids.entries()) {
        const { job } = await refuse(jobs, { apply: [{ type: "reserve", id, by: "another" }] });
        equal(job?.reservedBy, texts[index], "the holder that a refusal shows");
      }
    },
  },
  {
    id: "J-153",
    title: "jobs are found by id and notes read by key, whatever their instants, weights and delays are",
    async run({ store: jobs }) {
      const numbers = [1, 2, 3, 4, 5, 6];
      const job = (number: number) =>
        testJob(number, {
          createdAt: TEST_NOW - number * 1_000,
          weight: -number,
          ...(number % 3 ? {} : { state: "delayed", runAt: TEST_NOW + 100 - number }),
        });
      await insert(jobs, ...[4, 2, 6, 1, 5, 3].map(job));
      for (const number of [5, 2]) {
        await change(jobs, { type: "reserve", id: testId(number), by: "holder", leaseMs: 90 - number });
      }
      await change(jobs, { type: "cancel", id: testId(4), reason: "canceled" }, TEST_NOW + 10);
      await change(jobs, { type: "cancel", id: testId(1), reason: "canceled" }, TEST_NOW + 20);
      const found = async (query: object) => (await jobs.find({ limit: 9, ...query })).map(({ id }) => id);
      equal(await found({}), numbers.map(testId), "all");
      equal(await found({ state: "reserved" }), [2, 5].map(testId), "reserved");
      equal(await found({ leaseEndsBy: TEST_NOW + 90 }), [2, 5].map(testId), "by the end of their leases");
      equal(await found({ finishedBy: TEST_NOW + 90 }), [1, 4].map(testId), "by their end");
      equal(await found({ state: "delayed" }), [3, 6].map(testId), "delayed");
      const notes = ["c", "a", "d", "b"].map(
        (key, index): Note => ({ id: testId(1), kind: "log", key, value: key, at: TEST_NOW - index }),
      );
      for (const note of notes) await put(jobs, { note: [note] });
      equal(
        (await jobs.notes(testId(1), "log")).map(({ key }) => key),
        ["a", "b", "c", "d"],
        "notes",
      );
    },
  },
];
