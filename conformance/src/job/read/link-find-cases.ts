import { type Job, type JobHead, type JobId, type JobQuery, type JobRepository, matches } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { insert, put } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob } from "../../test-job.ts";
import { FILTERS } from "../model/find-world.ts";
import { type History, histories, jobAfter, live } from "../model/history.ts";
import { LINK_PASTS } from "../model/link-trial.ts";

const ids = (jobs: readonly JobHead[]): JobId[] => jobs.map(({ id }) => id);

/** Two jobs of each way that version 2 made, with groups, names and instants that differ from job to job. */
function lives(): History[] {
  const specOf = (number: number): Partial<Job> => ({
    topic: number % 3 ? "a" : "b",
    name: number % 2 ? "send" : "render",
    ...(number % 4 ? { group: `group ${number % 2}` } : {}),
    ...(number % 5 ? { tags: { env: number % 2 ? "prod" : "test" } } : {}),
  });
  return [...histories(LINK_PASTS, 1, specOf), ...histories(LINK_PASTS, 1 + LINK_PASTS.length, specOf)];
}

async function populate(store: JobRepository): Promise<Job[]> {
  const all = lives();
  await live(store, all);
  const held = testJob(200, { limit: { key: "limit 1", concurrency: 9 }, slot: 7 });
  const waiting = testJob(201, { state: "delayed", limit: { key: "limit 1", concurrency: 9 } });
  await insert(store, waiting, held);
  const late = { now: TEST_NOW + 50, apply: [{ type: "reserve", id: held.id, by: "late" } as const] };
  const [after] = (await put(store, late)).changed;
  return [...all.map(jobAfter), { ...held, ...(after as JobHead) }, waiting];
}

/** For each condition the values that are worth asking for, some of which no job has. */
const LINK_FILTERS: readonly Partial<JobQuery>[][] = [
  [{ live: true }],
  ["group 0", "group 1", "group", ""].map((group) => ({ group })),
  [{ awaitsGroup: true }],
  ["key 31", "key 32", "key 33", "key 34", "key 67", "key"].map((unique) => ({ unique })),
  ["limit 1", "limit 5", "limit 37", "limit"].map((limitKey) => ({ limitKey })),
  [{ slot: "held" }, { slot: "awaited" }],
  [{ owes: true }],
  [-5, -4, 0, 1, 50, 51, 5_000].map((at) => ({ reservedBefore: TEST_NOW + at })),
  [-1, 0, 1, 5_000].map((at) => ({ finishedFrom: TEST_NOW + at })),
  [0, 1, 30, 72, 200, 201, 202].map((number) => ({ before: testId(number) })),
];

const TITLES = [
  "find of the living finds delayed, ready and reserved jobs",
  "find by group finds its members",
  "find of what waits for groups finds delayed jobs that await one",
  "find by unique key finds the job that holds it",
  "find by the key of a limit finds the jobs with that limit",
  "find by slot finds live jobs that hold one, or that wait for nothing else",
  "find of what is owed finds ended jobs with links",
  "find by reservedBefore finds reserved jobs that were reserved before that instant",
  "find by finishedFrom finds jobs that ended then or later",
  "find before an id finds the jobs with smaller ids",
];

/** Fails unless the store finds what core's `matches` picks from the jobs, in both orders. */
async function finds(store: JobRepository, jobs: readonly Job[], filter: Partial<JobQuery>): Promise<void> {
  for (const order of ["oldest", "newest", undefined] as const) {
    const query = { limit: jobs.length, order, ...filter };
    const matching = jobs.filter((job) => matches(query, job));
    if (query.order === "newest") matching.reverse();
    const expected = matching.slice(0, query.limit).map(headOf);
    equal((await store.find(query)).map(headOf), expected, `find ${JSON.stringify(query)}`);
  }
}

/** Lists of jobs by what version 2 of the ports added. */
export const linkFindCases: readonly Fact<JobRepository>[] = [
  ...TITLES.map(
    (title, index): Fact<JobRepository> => ({
      id: `J-${220 + index}`,
      title,
      async run({ store: jobs }) {
        const all = await populate(jobs);
        for (const filter of LINK_FILTERS[index] ?? []) await finds(jobs, all, filter);
      },
    }),
  ),
  {
    id: "J-230",
    title: "newer conditions combine with each other and with older ones: a job is found when every one of them holds",
    async run({ store: jobs }) {
      const all = await populate(jobs);
      const pick = (filters: readonly Partial<JobQuery>[], turn: number) => filters[turn % filters.length] ?? {};
      const others = [...LINK_FILTERS, ...FILTERS];
      for (const [index, filters] of LINK_FILTERS.entries()) {
        for (const [turn, more] of others.slice(index + 1).entries()) {
          const both = { ...pick(filters, turn), ...pick(more, turn + index) };
          await finds(jobs, all, both);
          await finds(jobs, all, { ...both, limit: 2 });
        }
      }
    },
  },
  {
    id: "J-231",
    title: "pages in either order that go on at the last id of the page before hold every job once",
    async run({ store: jobs }) {
      const all = await populate(jobs);
      const sizes = [1, 2, 7, all.length - 1, all.length, all.length + 1];
      const filters = [
        {},
        { topic: "a" },
        { live: true },
        { group: "group 1" },
        { state: "delayed" },
        { owes: true },
        { slot: "awaited" },
      ] as const;
      for (const [index, filter] of filters.entries()) {
        for (const order of ["newest", "oldest"] as const) {
          const limit = sizes[index % sizes.length] as number;
          const found: JobHead[] = [];
          for (let page: JobHead[] | undefined; page === undefined || page.length > 0; ) {
            const last = page?.at(-1)?.id;
            page = await jobs.find({
              ...filter,
              order,
              limit,
              ...(order === "newest" ? { before: last } : { after: last }),
            });
            found.push(...page);
            holds(found.length <= all.length, "pages come to an end");
          }
          const expected = ids(all.filter((job) => matches({ ...filter, limit: 1 }, job)));
          equal(
            ids(found),
            order === "newest" ? expected.reverse() : expected,
            `pages of ${limit}, the ${order} first`,
          );
        }
      }
    },
  },
  {
    id: "J-232",
    title: "a range of ids from both ends holds what is between them, in either order",
    async run({ store: jobs }) {
      const all = await populate(jobs);
      for (const [from, to] of [
        [0, 300],
        [10, 20],
        [10, 12],
        [10, 11],
        [20, 10],
        [72, 200],
        [199, 202],
      ] as const) {
        const range = { after: testId(from), before: testId(to) };
        await finds(jobs, all, range);
        await finds(jobs, all, { ...range, limit: 3 });
        await finds(jobs, all, { ...range, state: "delayed", limit: 2 });
      }
    },
  },
];
