import type { Job, JobRepository, Note } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";
import { longTexts } from "../../unusual-text.ts";

/** The most jobs that a unit brings and a read asks for. */
const MAX_JOBS = 10_000;
/** The most changes, notes and removals of a unit. */
const MAX_CHANGES = 1_000;
/** The longest error, and message, that is kept, in UTF-16 units. */
const LONGEST_TEXT = 65_536;

const note = (number: number): Note => ({
  id: testId(number),
  kind: "log",
  key: "k",
  value: String(number),
  at: TEST_NOW,
});
const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id);

/** Data as large as it comes. */
export const sizeCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-18",
    title: "10,000 jobs are stored by one unit, and all of them come back from get and find",
    async run({ store: jobs }) {
      const all = testJobs(MAX_JOBS);
      const ids = idsOf(all);
      const { inserted, leftOut } = await put(jobs, { insert: all });
      equal([inserted, leftOut], [ids, []], "inserted and left out");
      equal(await jobs.get(ids), all, "get");
      equal(idsOf(await jobs.find({ limit: MAX_JOBS })), ids, "find");
      equal(idsOf(await jobs.find({ state: "ready", limit: MAX_JOBS + 1 })), ids, "find by state");
      equal(await jobs.tally(), [{ topic: "topic", state: "ready", count: MAX_JOBS }], "tally");
    },
  },
  {
    id: "J-19",
    title: "1,000 changes, notes, removals and purges are stored by one unit each",
    async run({ store: jobs }) {
      const all = testJobs(MAX_CHANGES);
      const ids = idsOf(all);
      await insert(jobs, ...all);
      const numbers = ids.map((_, index) => index + 1);
      const { changed } = await put(jobs, {
        apply: ids.map((id) => ({ type: "reserve", id, by: "holder" })),
        note: numbers.map(note),
      });
      equal(idsOf(changed), ids, "changed");
      equal((await jobs.find({ state: "reserved", limit: MAX_CHANGES })).length, MAX_CHANGES, "reserved");
      equal(await jobs.notes(testId(MAX_CHANGES), "log"), [note(MAX_CHANGES)], "the note on the last");
      const { removed: purged } = await put(jobs, {
        apply: ids.slice(1).map((id) => ({ type: "done", id, token: 1 })),
        purge: ids,
      });
      equal(purged, ids.slice(1), "purged");
      await insert(jobs, ...all);
      equal((await put(jobs, { remove: ids })).removed, ids, "removed");
      equal(await jobs.notes(testId(MAX_CHANGES), "log"), [], "notes");
      equal(await jobs.tally(), [], "tally");
    },
  },
  {
    id: "J-128",
    title: "names, topics, unique keys, tags, holders and keys of notes keep all of 255 characters",
    async run({ store: jobs }) {
      const texts = longTexts();
      const all = texts.map((text, index): Job => {
        const tags = { [text]: "value", other: text };
        return testJob(index + 1, { topic: text, name: text, unique: text, tags });
      });
      const ids = idsOf(all);
      equal((await put(jobs, { insert: all })).leftOut, [], "left out");
      equal(await jobs.get(ids), all, "jobs");
      for (const [index, text] of texts.entries()) {
        const queries = [{ topic: text }, { name: text }, { tags: { [text]: "value" } }, { tags: { other: text } }];
        for (const query of queries) {
          equal(idsOf(await jobs.find({ ...query, limit: 9 })), [testId(index + 1)], `find ${Object.keys(query)}`);
        }
      }
      equal((await jobs.tally()).map(({ topic }) => topic).sort(), [...texts].sort(), "topics of the tally");
      await put(jobs, { apply: texts.map((by, index) => ({ type: "reserve", id: testId(index + 1), by })) });
      equal(
        (await jobs.get(ids)).map((job) => job?.reservedBy),
        texts,
        "holders",
      );
      await put(jobs, { note: texts.map((key) => ({ ...note(1), key })) });
      equal((await jobs.notes(testId(1), "log")).map(({ key }) => key).sort(), [...texts].sort(), "keys of notes");
    },
  },
  {
    id: "J-129",
    title: "errors and messages of 65,536 characters come back whole",
    async run({ store: jobs }) {
      for (const [index, letter] of ["x", "\u65e5"].entries()) {
        const text = `${letter.repeat(LONGEST_TEXT - 1)}.`;
        const id = testId(index + 1);
        await insert(jobs, testJob(index + 1));
        const progress = { value: 0.5, message: text };
        const { changed } = await put(jobs, {
          apply: [
            { type: "reserve", id, by: "holder" },
            { type: "extend", id, token: 1, progress },
          ],
        });
        equal(changed[1]?.progress, progress, "progress");
        await change(jobs, { type: "retry", id, token: 1, error: text });
        const [failed] = await jobs.get([id]);
        equal([failed?.error, failed?.progress], [text, progress], "error and progress");
        await commitAll(jobs, [{ apply: [{ type: "cancel", id, reason: "canceled", error: `${text}.`.slice(1) }] }]);
        const [head] = (await jobs.find({ state: "canceled", limit: 9, after: testId(index) })).map(headOf);
        equal(head?.error, `${text}.`.slice(1), "the reason of a cancel");
      }
    },
  },
];
