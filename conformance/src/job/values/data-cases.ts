import type { Job, JobRepository, Note } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, insert, put } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob } from "../../test-job.ts";
import { ALIKE, CONTROLS, UNUSUAL } from "../../unusual-text.ts";
import { sorted, tallyOf } from "../model/tally.ts";

const MEBIBYTE = 2 ** 20;

/** Data that is out of the ordinary. */
export const dataCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-120",
    title: "payloads, results and errors of any text come back as they were",
    async run({ store: jobs }) {
      const texts = [...UNUSUAL, ...ALIKE, CONTROLS, ""];
      for (const [index, text] of texts.entries()) {
        const id = testId(index + 1);
        await put(jobs, {
          insert: [testJob(index + 1, { payload: text })],
          apply: [
            { type: "reserve", id, by: text || "holder" },
            { type: "extend", id, token: 1, progress: { value: 0.1, message: text } },
            { type: "retry", id, token: 1, error: text },
          ],
        });
        const [failed] = await jobs.get([id]);
        equal(
          [failed?.payload, failed?.error, failed?.progress?.message],
          [text, text, text],
          "payload, error, progress",
        );
        await put(jobs, {
          apply: [
            { type: "reserve", id, by: "holder" },
            { type: "done", id, token: 2, result: text },
          ],
        });
        equal((await jobs.get([id]))[0]?.result, text, "result");
      }
    },
  },
  {
    id: "J-121",
    title: "a payload and a result of 1 MiB come back as they were",
    async run({ store: jobs }) {
      const id = testId(1);
      const payload = "0123456789abcdef".repeat(MEBIBYTE / 16);
      const result = "€".repeat(MEBIBYTE / 4);
      await insert(jobs, testJob(1, { payload }));
      await change(jobs, { type: "reserve", id, by: "holder" });
      await change(jobs, { type: "done", id, token: 1, result });
      const [job] = await jobs.get([id]);
      equal([job?.payload === payload, job?.result === result], [true, true], "payload and result are the same");
    },
  },
  {
    id: "J-122",
    title: "topics and names of any text are kept apart, in find as in tally",
    async run({ store: jobs }) {
      const all = [...UNUSUAL, ...ALIKE].map((text, index) => testJob(index + 1, { topic: text, name: text }));
      await insert(jobs, ...all);
      equal(await jobs.get(all.map(({ id }) => id)), all, "jobs");
      for (const job of all) {
        equal(
          (await jobs.find({ topic: job.topic, limit: 100 })).map(headOf),
          [headOf(job)],
          `topic ${JSON.stringify(job.topic)}`,
        );
        equal(
          (await jobs.find({ name: job.name, limit: 100 })).map(headOf),
          [headOf(job)],
          `name ${JSON.stringify(job.name)}`,
        );
      }
      equal(sorted(await jobs.tally()), tallyOf(all), "tally");
    },
  },
  {
    id: "J-123",
    title: "unique keys of any text are kept apart",
    async run({ store: jobs }) {
      const texts = [...UNUSUAL, ...ALIKE];
      const first = texts.map((unique, index) => testJob(index + 1, { unique }));
      equal(
        (await put(jobs, { insert: first })).inserted,
        first.map(({ id }) => id),
        "the first of each key",
      );
      const second = texts.map((unique, index) => testJob(index + 501, { unique }));
      equal(
        (await put(jobs, { insert: second })).inserted,
        first.map(({ id }) => id),
        "the second of each key",
      );
      equal((await jobs.get([testId(1)]))[0]?.unique, texts[0], "the key of the first");
    },
  },
  {
    id: "J-124",
    title: "tags of any text, and many of them, come back and can be asked for",
    async run({ store: jobs }) {
      const texts = [...UNUSUAL, ...ALIKE];
      const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`tag ${index}`, `value ${index}`]));
      const keyed = texts.map((text, index) => testJob(index + 1, { tags: { [text]: "value", other: "x" } }));
      const valued = texts.map((text, index) => testJob(index + 501, { tags: { tag: text } }));
      const all: Job[] = [...keyed, ...valued, testJob(901, { tags: many }), testJob(902, { tags: { empty: "" } })];
      await insert(jobs, ...all);
      equal(await jobs.get(all.map(({ id }) => id)), all, "jobs");
      const found = async (tags: Record<string, string>) => (await jobs.find({ tags, limit: 200 })).map(({ id }) => id);
      for (const [index, text] of texts.entries()) {
        equal(await found({ [text]: "value" }), [testId(index + 1)], `tag ${JSON.stringify(text)}`);
        equal(await found({ tag: text }), [testId(index + 501)], `value ${JSON.stringify(text)}`);
      }
      equal(await found(many), [testId(901)], "100 tags");
      equal(await found({ empty: "" }), [testId(902)], "an empty value");
    },
  },
  {
    id: "J-125",
    title: "note keys and values of any text are kept apart, and a value of 256 KiB comes back",
    async run({ store: jobs }) {
      const texts = [...UNUSUAL, ...ALIKE];
      const note = (key: string, value: string): Note => ({
        id: testId(1),
        kind: "checkpoint",
        key,
        value,
        at: TEST_NOW,
      });
      const notes = [...texts.map((text) => note(text, text)), note("large", "x€".repeat(65_536)), note("empty", "")];
      await insert(jobs, testJob(1));
      await put(jobs, { note: notes });
      const byKey = (list: readonly Note[]) => [...list].sort((a, b) => (a.key < b.key ? -1 : 1));
      equal(byKey(await jobs.notes(testId(1), "checkpoint")), byKey(notes), "notes");
    },
  },
  {
    id: "J-126",
    title: "numbers at the ends of their ranges come back exactly",
    async run({ store: jobs }) {
      const century = 36_600 * 86_400_000;
      const ends: Partial<Job>[] = [
        {
          weight: -32_768,
          maxRetries: 0,
          maxLeaseLosses: 1,
          timeoutMs: 1,
          createdAt: 0,
        },
        {
          weight: 32_767,
          maxRetries: 2_147_483_647,
          maxLeaseLosses: 2_147_483_647,
          timeoutMs: century,
        },
        { weight: -1, state: "delayed", runAt: TEST_NOW + century },
      ];
      const all = ends.map((overrides, index) => testJob(index + 1, overrides));
      await insert(jobs, ...all);
      equal(await jobs.get(all.map(({ id }) => id)), all, "jobs");
      const held = await change(jobs, { type: "reserve", id: testId(2), by: "holder" });
      equal(held.leaseUntil, TEST_NOW + century, "a lease of a hundred years");
      await change(jobs, { type: "extend", id: testId(2), token: 1, progress: { value: 1 / 3 } });
      equal((await jobs.get([testId(2)]))[0]?.progress, { value: 1 / 3 }, "progress");
    },
  },
  {
    id: "J-127",
    title: "a job that waits for 500 others comes back with all of them, in order",
    async run({ store: jobs }) {
      const blockers = Array.from({ length: 500 }, (_, index) => testId(2_000 - index));
      await insert(jobs, testJob(1, { state: "delayed", blockers }));
      equal((await jobs.get([testId(1)]))[0]?.blockers, blockers, "blockers");
      await change(jobs, { type: "unblock", id: testId(1), by: testId(1_900) });
      equal(
        (await jobs.get([testId(1)]))[0]?.blockers,
        blockers.filter((id) => id !== testId(1_900)),
        "one fewer",
      );
    },
  },
];
