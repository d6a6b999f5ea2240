import { type Job, type JobHead, type JobId, type JobQuery, type JobRepository, matches } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { change, insert, put, reserveAll } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";
import { FILTERS, populate } from "../model/find-world.ts";

const ids = (jobs: readonly JobHead[]): JobId[] => jobs.map(({ id }) => id);

/** Fails unless the store finds what core's `matches` picks from the jobs. */
async function finds(store: JobRepository, jobs: readonly Job[], filter: Partial<JobQuery>): Promise<void> {
  const query = { limit: jobs.length, ...filter };
  const expected = jobs.filter((job) => matches(query, job)).slice(0, query.limit);
  equal((await store.find(query)).map(headOf), expected.map(headOf), `find ${JSON.stringify(query)}`);
}

const HALF = 30;

/** Two halves that change places in one unit: a reader that sees a unit in part counts too many or too few, or mixes them. */
async function findsWholeUnits(reader: JobRepository, writer: JobRepository): Promise<void> {
  const halves = [testJobs(HALF, 1, { name: "first" }), testJobs(HALF, 1 + HALF, { name: "second" })];
  await insert(writer, ...halves.flat());
  await reserveAll(writer, ids(halves[0] as Job[]));
  const tokens = [1, 0];
  for (let round = 0; round < 12; round += 1) {
    const finds: Promise<JobHead[]>[] = [];
    const look = () => finds.push(reader.find({ limit: 100 }), reader.find({ state: "reserved", limit: 100 }));
    const [held, free] = [round % 2, 1 - (round % 2)] as const;
    const token = tokens[held] as number;
    tokens[free] = (tokens[free] as number) + 1;
    look();
    for (let turn = 0; turn < round; turn += 1) await undefined;
    const commit = put(writer, {
      apply: [
        ...ids(halves[held] as Job[]).map((id) => ({ type: "release" as const, id, token })),
        ...ids(halves[free] as Job[]).map((id) => ({ type: "reserve" as const, id, by: "holder" })),
      ],
    });
    look();
    await commit;
    for (const found of await Promise.all(finds)) {
      const reserved = found.filter(({ state }) => state === "reserved");
      const names = new Set(reserved.map(({ name }) => name));
      holds(
        reserved.length === HALF && names.size === 1,
        `found ${HALF} reserved jobs of one half in round ${round}, got ${reserved.length} of ${[...names]}`,
      );
    }
  }
}

const FILTER_TITLES = [
  "find by state returns the jobs in that state",
  "find by reason returns the jobs canceled for it",
  "find by topic returns the jobs of that very topic",
  "find by name returns the jobs of that very name",
  "find by tags returns the jobs that have each of them with that very value",
  "find by group returns its members",
  "find by leaseEndsBy returns reserved jobs whose lease ends then or earlier",
  "find by finishedBy returns jobs that ended then or earlier",
  "find after an id returns the jobs with greater ids",
];

/** Lists of jobs. */
export const findCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-80",
    title: "find without filters returns all jobs by id, whatever the order of their inserts",
    async run({ store: jobs }) {
      await finds(jobs, await populate(jobs), {});
    },
  },
  {
    id: "J-81",
    title: "find returns heads: neither payloads nor results",
    async run({ store: jobs }) {
      await populate(jobs);
      const found = await jobs.find({ limit: 100 });
      holds(found.length === 84, "84 jobs");
      for (const job of found) {
        const { payload, result } = job as Partial<Job>;
        equal([payload, result], [undefined, undefined], `payload and result of ${job.id}`);
      }
    },
  },
  ...FILTER_TITLES.map(
    (title, index): Fact<JobRepository> => ({
      id: `J-${82 + index}`,
      title,
      async run({ store: jobs }) {
        const all = await populate(jobs);
        for (const filter of FILTERS[index] ?? []) await finds(jobs, all, filter);
      },
    }),
  ),
  {
    id: "J-91",
    title: "find returns at most `limit` jobs, those with the lowest ids",
    async run({ store: jobs }) {
      const all = await populate(jobs);
      for (const limit of [1, 2, 11, 12, 13, 83, 84, 1_000]) {
        await finds(jobs, all, { limit });
        await finds(jobs, all, { limit, state: "ready" });
        await finds(jobs, all, { limit, leaseEndsBy: TEST_NOW + 5_000 });
        await finds(jobs, all, { limit, finishedBy: TEST_NOW + 60, after: testId(10) });
      }
    },
  },
  {
    id: "J-92",
    title: "filters combine: a job is found when every one of them holds",
    async run({ store: jobs }) {
      const all = await populate(jobs);
      const pick = (filters: readonly Partial<JobQuery>[], turn: number) => filters[turn % filters.length] ?? {};
      const pairs = FILTERS.flatMap((first, index) =>
        FILTERS.slice(index + 1).map((second) => [first, second] as const),
      );
      for (const [first, second] of pairs) {
        for (const turn of [0, 1, 2]) {
          await finds(jobs, all, { ...pick(first, turn), ...pick(second, turn) });
          await finds(jobs, all, { ...pick(first, turn), ...pick(second, turn + 1), limit: 2 });
        }
      }
      for (let turn = 0; turn < 12; turn += 1) {
        const several = FILTERS.filter((_, index) => (turn + index) % 3 !== 0);
        await finds(jobs, all, Object.assign({}, ...several.map((filters, index) => pick(filters, turn * index))));
      }
    },
  },
  {
    id: "J-93",
    title: "pages that start after the last id of the page before hold every job once",
    async run({ store: jobs }) {
      const all = await populate(jobs);
      for (const [size, filter] of [
        [1, { topic: "a" }],
        [2, {}],
        [5, { state: "canceled" as const }],
        [84, {}],
      ] as const) {
        const pages: JobHead[] = [];
        for (let after: JobId | undefined; ; ) {
          const page = await jobs.find({ ...filter, limit: size, ...(after ? { after } : {}) });
          if (page.length === 0) break;
          pages.push(...page);
          holds(pages.length <= all.length, "pages come to an end");
          after = page.at(-1)?.id;
        }
        equal(ids(pages), ids(all.filter((job) => matches({ ...filter, limit: 1 }, job))), `pages of ${size}`);
      }
    },
  },
  {
    id: "J-94",
    title: "a page after an id is right when that job has changed or gone meanwhile",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(10));
      equal(ids(await jobs.find({ state: "ready", limit: 3 })), [1, 2, 3].map(testId), "first page");
      await put(jobs, { remove: [testId(3)] });
      await insert(jobs, testJob(0), testJob(11));
      equal(ids(await jobs.find({ state: "ready", limit: 3, after: testId(3) })), [4, 5, 6].map(testId), "second page");
      await change(jobs, { type: "cancel", id: testId(6), reason: "canceled" });
      equal(ids(await jobs.find({ state: "ready", limit: 3, after: testId(6) })), [7, 8, 9].map(testId), "third page");
      equal(ids(await jobs.find({ state: "ready", limit: 3, after: testId(9) })), [10, 11].map(testId), "last page");
    },
  },
  {
    id: "J-95",
    title: "a job is found by what it is now, not by what it was",
    async run({ store: jobs }) {
      const id = testId(1);
      await insert(jobs, testJob(1, { state: "delayed", runAt: TEST_NOW, topic: "t", tags: { k: "v" } }), testJob(2));
      const found = async (query: Partial<JobQuery>) => ids(await jobs.find({ limit: 10, ...query })).includes(id);
      const reserve = { type: "reserve", id, by: "holder" } as const;
      equal([await found({ state: "delayed" }), await found({ state: "ready" })], [true, false], "delayed");
      await change(jobs, { type: "promote", id });
      equal([await found({ state: "delayed" }), await found({ state: "ready" })], [false, true], "ready");
      await change(jobs, reserve);
      await change(jobs, { type: "extend", id, token: 1, until: TEST_NOW + 60_000 });
      const leased = [await found({ leaseEndsBy: TEST_NOW + 30_000 }), await found({ leaseEndsBy: TEST_NOW + 60_000 })];
      equal([await found({ state: "ready" }), ...leased], [false, false, true], "reserved and extended");
      await change(jobs, { type: "cancel", id, reason: "canceled" });
      const ended = [
        await found({ reason: "canceled" }),
        await found({ finishedBy: TEST_NOW }),
        await found({ leaseEndsBy: TEST_NOW + 60_000 }),
      ];
      equal(ended, [true, true, false], "canceled");
      await change(jobs, { type: "reset", id });
      equal(
        [await found({ reason: "canceled" }), await found({ finishedBy: TEST_NOW }), await found({ state: "ready" })],
        [false, false, true],
        "reset",
      );
      await put(jobs, { remove: [id] });
      equal(
        [await found({}), await found({ topic: "t" }), await found({ tags: { k: "v" } })],
        [false, false, false],
        "removed",
      );
    },
  },
  {
    id: "J-96",
    title: "find sees a unit whole or not at all, also while it is being committed",
    async run({ store: jobs }) {
      const all = testJobs(60);
      await insert(jobs, ...all);
      const counts = async () => (await jobs.find({ state: "reserved", limit: 100 })).length;
      for (let round = 1; round <= 3; round += 1) {
        const apply = all.map(({ id }) => ({ type: "reserve" as const, id, by: "holder" }));
        const reserved = put(jobs, { apply });
        for (let look = 0; look < 8; look += 1) {
          const count = await counts();
          holds(count === 0 || count === 60, `found 0 or 60 reserved jobs, got ${count}`);
        }
        await reserved;
        await put(jobs, { apply: all.map(({ id }) => ({ type: "release" as const, id, token: round })) });
      }
      await reserveAll(jobs, ids(all));
    },
  },
  {
    id: "J-97",
    title: "a find that begins before a commit sees that whole or not at all",
    run: ({ store }) => findsWholeUnits(store, store),
  },
  {
    id: "J-98",
    title: "a find that begins before another handle's commit sees that whole or not at all",
    needs: "shared",
    run: async ({ store, second }) => findsWholeUnits(store, await second()),
  },
];
