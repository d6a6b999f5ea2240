import type { Job, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, insert, put } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob } from "../../test-job.ts";
import { ALIKE, longTexts, UNUSUAL } from "../../unusual-text.ts";
import { waitingForSlot } from "../../waiting-for-slot.ts";

/** The most characters of a job's opaque data. */
const LONGEST_DATA = 16_384;

const LIMIT = { key: "tenant-7", concurrency: 3 };

/** Jobs that have what version 2 of the ports added, each field in some of them only. */
const JOBS: readonly Job[] = [
  testJob(1, {
    expiresAt: TEST_NOW + 60_000,
    unique: "key",
    uniqueSpan: "queued",
    parent: testId(901),
    group: "group",
    limit: LIMIT,
    data: '{"retry":{"type":"constant"}}',
    slot: 2,
    links: 7,
  }),
  testJob(2, {
    state: "delayed",
    limit: { key: "tenant-8", concurrency: 2_147_483_647 },
    uniqueSpan: "kept",
    unique: "kept",
  }),
  testJob(3, { state: "delayed", awaits: "", group: " " }),
  testJob(4, { state: "delayed", awaits: "group", runAt: TEST_NOW + 5, woken: true, parent: testId(1) }),
  testJob(5, { data: "", links: 2_147_483_647, slot: 2_147_483_646, limit: { key: "0", concurrency: 1 } }),
  testJob(6, { expiresAt: 8.64e15, group: testId(900) }),
  testJob(7, { expiresAt: 1, limit: LIMIT, slot: 0 }),
  testJob(8),
];

const idsOf = (jobs: readonly Job[]) => jobs.map(({ id }) => id);

/** What jobs carry since version 2 of the ports. */
export const fieldCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-170",
    title: "limits, slots, links, groups, parents, times to live, spans of keys and data come back as they were given",
    async run({ store: jobs }) {
      equal((await put(jobs, { insert: JOBS })).leftOut, [], "left out");
      equal(await jobs.get(idsOf(JOBS)), [...JOBS], "get");
      equal((await jobs.find({ limit: 20 })).map(headOf), JOBS.map(headOf), "find");
      const { changed } = await put(jobs, { apply: JOBS.map(({ id }) => ({ type: "check", id })) });
      equal(changed.map(headOf), JOBS.map(headOf), "outcome");
    },
  },
  {
    id: "J-171",
    title: "changes of a job leave what was decided at its enqueue as it was",
    async run({ store: jobs }) {
      const [job] = JOBS as readonly [Job];
      const { expiresAt, parent, group, limit, data } = job;
      await insert(jobs, job);
      const id = job.id;
      for (const one of [
        { type: "reserve", id, by: "holder" },
        { type: "extend", id, token: 1, progress: { value: 0.5 } },
        { type: "retry", id, token: 1, error: "failed" },
        { type: "link", id },
        { type: "cancel", id, reason: "canceled" },
        { type: "resolve", id, told: 8 },
        { type: "reset", id },
        { type: "freeKey", id },
      ] as const) {
        const after = await change(jobs, one);
        const spec = { expiresAt, parent, group, limit, data };
        for (const [told, seen] of [
          ["outcome", after],
          ["get", (await jobs.get([id]))[0]],
        ] as const) {
          const kept = seen && {
            expiresAt: seen.expiresAt,
            parent: seen.parent,
            group: seen.group,
            limit: seen.limit,
            data: seen.data,
          };
          equal(kept, spec, `${told} after ${one.type}`);
        }
      }
    },
  },
  {
    id: "J-172",
    title: "data, groups and limit keys of any text and as long as they may be come back and are kept apart",
    async run({ store: jobs }) {
      const texts = [...UNUSUAL, ...ALIKE, ...longTexts()];
      const data = [
        ...texts,
        "x".repeat(LONGEST_DATA),
        "\u65e5".repeat(LONGEST_DATA),
        "\u{1f389}".repeat(LONGEST_DATA / 2),
      ];
      const all = data.map((text, index): Job => {
        const group = texts[index];
        const limit = group === undefined ? undefined : { key: group, concurrency: 1 };
        return testJob(index + 1, { state: limit ? "delayed" : "ready", data: text, group, limit });
      });
      await insert(jobs, ...all);
      equal(await jobs.get(idsOf(all)), all, "jobs");
      for (const [index, text] of texts.entries()) {
        const ids = async (query: object) => (await jobs.find({ limit: 9, ...query })).map(({ id }) => id);
        const expected = [testId(index + 1)];
        const what = JSON.stringify(text).slice(0, 40);
        equal(await ids({ group: text }), expected, `group ${what}`);
        equal(await ids({ limitKey: text }), expected, `limit key ${what}`);
        equal(
          (await waitingForSlot(jobs, text, 9)).map(({ id }) => id),
          expected,
          `waiting for a slot of ${what}`,
        );
        equal(await jobs.tally(text), [{ topic: "topic", state: "delayed", count: 1 }], `tally of group ${what}`);
      }
      await put(jobs, { apply: texts.map((_, index) => ({ type: "admit", id: testId(index + 1), slot: 0 })) });
      equal((await jobs.find({ slot: "held", limit: 99 })).length, texts.length, "slots of keys that look alike");
    },
  },
  {
    id: "J-173",
    title: "a limit that was passed in or handed out is not the store's",
    async run({ store: jobs }) {
      const given = { key: "key", concurrency: 1 };
      await insert(jobs, testJob(1, { state: "delayed", limit: given }));
      given.key = "scrambled";
      const { changed } = await put(jobs, { apply: [{ type: "check", id: testId(1) }] });
      for (const seen of [changed[0], (await jobs.get([testId(1)]))[0], (await jobs.find({ limit: 1 }))[0]]) {
        equal(seen?.limit, { key: "key", concurrency: 1 }, "limit");
        Object.assign(seen?.limit as object, { key: "scrambled" });
      }
      const [waiting] = await waitingForSlot(jobs, "key", 5);
      equal(waiting?.limit, { key: "key", concurrency: 1 }, "limit of who waits");
    },
  },
];
