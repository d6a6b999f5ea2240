import type { JobRepository, Note, NoteRef } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put, refuse } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";
import { ALIKE, longTexts, UNUSUAL } from "../../unusual-text.ts";

const id = testId(1);
const note = (kind: string, key: string, value = "v", job = id): Note => ({ id: job, kind, key, value, at: TEST_NOW });
const ref = (kind: string, key: string, job = id): NoteRef => ({ id: job, kind, key });

/** Kinds of every form, among them some that begin alike. */
const KINDS = [
  "log",
  "log-2",
  "lo",
  "attempt",
  "checkpoint",
  "signal",
  "link",
  "0",
  "a-b-c",
  "z".repeat(32),
  `${"z".repeat(31)}y`,
  "9-9",
];

/** What is no kind: some database would cut it, trim it, or not take it. */
const NO_KINDS = [
  "log ",
  " log",
  "LOG",
  "log\u0000",
  "\u0000",
  "l\u00f6g",
  "log/b",
  "log\u00e9",
  "\ud800",
  "z".repeat(33),
];

const told = (notes: readonly Note[]) => notes.map(({ kind, key, value }) => `${kind} ${key} ${value}`);

/** Notes of any kind, and notes that are forgotten one by one. */
export const noteKindCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-213",
    title: "notes of any kind are kept apart, and come by kind and then by key when no kind is named",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      const keys = ["b", "a", "aa"];
      await put(jobs, { note: KINDS.flatMap((kind) => keys.map((key) => note(kind, key, `${kind} ${key}`))) });
      await put(jobs, { note: [note("log", "b", "other", testId(2))] });
      for (const kind of KINDS)
        equal(
          told(await jobs.notes(id, kind)),
          ["a", "aa", "b"].map((key) => `${kind} ${key} ${kind} ${key}`),
          kind,
        );
      const expected = [...KINDS]
        .sort()
        .flatMap((kind) => ["a", "aa", "b"].map((key) => `${kind} ${key} ${kind} ${key}`));
      equal(told(await jobs.notes(id)), expected, "of every kind");
      equal([await jobs.notes(id, "none"), await jobs.notes(testId(9))], [[], []], "of no such kind, and of no job");
      equal(told(await jobs.notes(testId(2))), ["log b other"], "of another job");
    },
  },
  {
    id: "J-219",
    title: "notes of what is no kind are none, however much it is like one",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await put(jobs, { note: KINDS.flatMap((kind) => [note(kind, "b"), note(kind, "/b"), note(kind, "b ")]) });
      for (const kind of NO_KINDS) equal(await jobs.notes(id, kind), [], JSON.stringify(kind));
    },
  },
  {
    id: "J-214",
    title: "notes are forgotten one by one: that one, and no other of its job, kind or key",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      const all = ["log", "signal"].flatMap((kind) => ["a", "b", "ab"].map((key) => note(kind, key)));
      await put(jobs, { note: [...all, note("log", "a", "v", testId(2))] });
      await put(jobs, {
        forget: [
          ref("log", "a"),
          ref("signal", "ab"),
          ref("signal", "none"),
          ref("none", "a"),
          ref("log", "a", testId(9)),
        ],
      });
      equal(told(await jobs.notes(id)), ["log ab v", "log b v", "signal a v", "signal b v"], "what is left");
      equal(told(await jobs.notes(testId(2))), ["log a v"], "the note of another job");
      await put(jobs, { forget: [ref("log", "ab"), ref("log", "ab")], note: [note("signal", "c")] });
      await put(jobs, { note: [note("log", "a", "again")] });
      equal(
        told(await jobs.notes(id)),
        ["log a again", "log b v", "signal a v", "signal b v", "signal c v"],
        "written again",
      );
    },
  },
  {
    id: "J-215",
    title: "a unit forgets notes after it writes them and before it removes jobs, and a refused one forgets none",
    async run({ store: jobs }) {
      const { changed } = await put(jobs, {
        insert: [testJob(1), testJob(2)],
        apply: [{ type: "check", id }],
        note: [note("log", "a"), note("log", "b"), note("log", "a", "v", testId(2))],
        forget: [ref("log", "a"), ref("log", "a", testId(2))],
        remove: [testId(2)],
      });
      equal(changed.length, 1, "changed");
      equal(told(await jobs.notes(id)), ["log b v"], "written and forgotten by one unit");
      await refuse(jobs, { forget: [ref("log", "b")], note: [note("log", "c", "v", testId(9))] });
      await refuse(jobs, { forget: [ref("log", "b")], apply: [{ type: "reserve", id: testId(9), by: "holder" }] });
      equal(told(await jobs.notes(id)), ["log b v"], "after refused units");
      await commitAll(jobs, [
        { forget: [ref("log", "b")] },
        { note: [note("log", "b", "anew")] },
        { note: [note("log", "d")] },
        { forget: [ref("log", "d")] },
      ]);
      equal(told(await jobs.notes(id)), ["log b anew"], "in a batch");
      await change(jobs, { type: "cancel", id, reason: "canceled" });
      await put(jobs, { forget: [ref("log", "b")] });
      equal(await jobs.notes(id), [], "of a job that has ended");
    },
  },
  {
    id: "J-218",
    title: "notes are forgotten as they were read, with their values",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      const kept = note("log", "kept");
      await put(jobs, {
        note: [note("log", "a", ""), note("log", "b", "text"), kept, note("log", "a", "v", testId(2))],
      });
      const read = [...(await jobs.notes(id)), ...(await jobs.notes(testId(2)))];
      await put(jobs, { forget: read.filter(({ key }) => key !== "kept") });
      equal([...(await jobs.notes(id)), ...(await jobs.notes(testId(2)))], [kept], "what is left");
      await put(jobs, { note: [note("log", "a", "anew")], forget: [note("log", "a", "anew")] });
      equal(await jobs.notes(id), [kept], "written and forgotten by one unit");
    },
  },
  {
    id: "J-216",
    title: "notes with keys of any text and length are forgotten alone",
    async run({ store: jobs }) {
      const texts = [...UNUSUAL, ...ALIKE, ...longTexts()];
      await insert(jobs, testJob(1));
      await put(jobs, { note: texts.map((key) => note("signal", key, key)) });
      const odd = texts.filter((_, index) => index % 2);
      await put(jobs, { forget: odd.map((key) => ref("signal", key)) });
      const left = (await jobs.notes(id, "signal")).map(({ key }) => key);
      equal(left.sort(), texts.filter((key) => !odd.includes(key)).sort(), "keys that are left");
      await put(jobs, { forget: texts.map((key) => ref("signal", key)) });
      equal(await jobs.notes(id), [], "all forgotten");
    },
  },
  {
    id: "J-217",
    title: "all notes of every kind go with their job",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      await put(jobs, { note: KINDS.flatMap((kind) => [note(kind, "k"), note(kind, "k", "v", testId(2))]) });
      await put(jobs, {
        apply: [{ type: "cancel", id: testId(2), reason: "canceled" }],
        remove: [id],
        purge: [testId(2)],
      });
      await insert(jobs, testJob(1), testJob(2));
      equal([await jobs.notes(id), await jobs.notes(testId(2))], [[], []], "notes of new jobs with their ids");
    },
  },
];
