import type { Change, Job, JobId, JobQuery, JobRepository, Unit } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, put, type UnitParts } from "../../commit.ts";
import { rejection } from "../../rejection.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";
import { LONGEST_NAME, NO_IDS, SPECIAL_IDS } from "../../unusual-text.ts";

/** The most characters of an error, a message or a holder's data, and the most tags. */
const LONGEST_TEXT = 65_536;
const LONGEST_DATA = 16_384;
const MAX_TAGS = 100;
/** One character too long for a name. */
const TOO_LONG = "x".repeat(LONGEST_NAME + 1);
/** What is no id, with what an id begins or ends with, and what sorts next to one. */
const CURSORS: readonly string[] = [
  ...NO_IDS,
  ...["a\u0001", "a\u007f", "x".repeat(64).concat(" "), "x".repeat(64).concat("\u00e9"), "?\ud800", "0\u0000"],
];
const note = (id: JobId, kind = "log", key = "key") => ({ id, kind, key, value: "value", at: TEST_NOW });

/** What ids and names may be. */
export const idCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-240",
    title: "ids of 1 to 64 printable ASCII characters are told apart, and sort by their codes",
    async run({ store: jobs }) {
      const all = SPECIAL_IDS.map((id, index) => testJob(index + 1, { id }));
      await insert(jobs, ...all);
      const ids = [...SPECIAL_IDS].sort((a, b) => (a < b ? -1 : 1));
      equal(
        (await jobs.get(SPECIAL_IDS)).map((job) => [job?.id, job?.payload]),
        all.map(({ id, payload }) => [id, payload]),
        "jobs",
      );
      equal(
        (await jobs.find({ limit: 100 })).map(({ id }) => id),
        ids,
        "by id",
      );
      await put(jobs, { note: SPECIAL_IDS.map((id) => ({ ...note(id), value: id })) });
      for (const id of SPECIAL_IDS) {
        equal(
          (await jobs.notes(id)).map(({ value }) => value),
          [id],
          `notes on ${id}`,
        );
      }
      const [first, ...others] = SPECIAL_IDS as [JobId, ...JobId[]];
      await change(jobs, { type: "reserve", id: first, by: "holder" });
      equal(
        (await jobs.get(others)).map((job) => job?.state),
        others.map(() => "ready" as const),
        "states of the others",
      );
      equal((await put(jobs, { remove: others })).removed, others, "removed");
      equal((await jobs.find({ limit: 100 })).length, 1, "jobs that are left");
    },
  },
  {
    id: "J-241",
    title: "what is no id is found nowhere, however much it is like one",
    async run({ store: jobs }) {
      await insert(jobs, ...SPECIAL_IDS.map((id, index) => testJob(index + 1, { id })));
      await put(jobs, { note: SPECIAL_IDS.map((id) => note(id)) });
      equal(
        await jobs.get(NO_IDS),
        NO_IDS.map(() => undefined),
        "jobs",
      );
      for (const id of NO_IDS) equal(await jobs.notes(id), [], `notes on ${JSON.stringify(id)}`);
    },
  },
  {
    id: "J-246",
    title: "find compares a cursor that is no id as text, unit by unit",
    async run({ store: jobs }) {
      const parts = { group: "group", limit: { key: "key", concurrency: 99 } };
      await insert(jobs, ...SPECIAL_IDS.map((id, index) => testJob(index + 1, { id, slot: index, ...parts })));
      const inOrder = [...SPECIAL_IDS].sort((a, b) => (a < b ? -1 : 1));
      const queries: Partial<JobQuery>[] = [{}, { group: "group" }, { limitKey: "key", slot: "held" }];
      for (const cursor of CURSORS) {
        for (const query of queries) {
          const told = `find ${JSON.stringify(query)} from ${JSON.stringify(cursor)}`;
          const found = async (side: "after" | "before", order: "oldest" | "newest") =>
            (await jobs.find({ ...query, [side]: cursor, order, limit: 100 })).map(({ id }) => id);
          const [after, before] = [inOrder.filter((id) => id > cursor), inOrder.filter((id) => id < cursor)];
          equal(await found("after", "oldest"), after, `${told}: after it`);
          equal(await found("after", "newest"), [...after].reverse(), `${told}: after it, the newest first`);
          equal(await found("before", "oldest"), before, `${told}: before it`);
          equal(await found("before", "newest"), [...before].reverse(), `${told}: before it, the newest first`);
        }
      }
    },
  },
  {
    id: "J-242",
    title: "a commit in which anything is named by what is no id is rejected, and nothing of it is stored",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      const good = { insert: [testJob(2)] };
      for (const id of NO_IDS) {
        const units: Omit<Unit, "now">[] = [
          { insert: [testJob(3, { id })] },
          { insert: [testJob(3, { parent: id })] },
          { insert: [testJob(3, { state: "delayed", blockers: [testId(1), id] })] },
          { apply: [{ type: "wake", id }] },
          { note: [note(id)] },
          { forget: [note(id)] },
          { remove: [id] },
          { purge: [id] },
        ];
        for (const unit of units) {
          const what = JSON.stringify(unit);
          equal(await rejection(commitAll(jobs, [good, unit])), "RangeError", what);
        }
      }
      equal(
        (await jobs.find({ limit: 9 })).map((job) => job.id),
        [testId(1)],
        "jobs",
      );
    },
  },
  {
    id: "J-243",
    title: "a commit with a name that is empty or longer than 255 characters is rejected, and nothing of it is stored",
    async run({ store: jobs }) {
      const limit = (key: string) => ({ state: "delayed", limit: { key, concurrency: 1 } }) as const;
      await insert(jobs, testJob(1));
      for (const text of ["", TOO_LONG]) {
        const units: Omit<Unit, "now">[] = [
          ...[{ topic: text }, { name: text }, { unique: text }, { group: text }, limit(text)].map((rest) => ({
            insert: [testJob(3, rest)],
          })),
          { note: [note(testId(1), "log", text)] },
          { forget: [note(testId(1), text)] },
        ];
        for (const unit of units) {
          const what = `${text.length} characters in ${Object.keys(unit)}`;
          equal(await rejection(commitAll(jobs, [{ insert: [testJob(2)] }, unit])), "RangeError", what);
        }
      }
      equal(
        (await jobs.find({ limit: 9 })).map((job) => job.id),
        [testId(1)],
        "jobs",
      );
    },
  },
  {
    id: "J-245",
    title: "a commit with a text that is longer than a job keeps is rejected, and nothing of it is stored",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1));
      await change(jobs, { type: "reserve", id: testId(1), by: "holder" });
      const held = { id: testId(1), token: 1 };
      const text = "x".repeat(LONGEST_TEXT + 1);
      const progress = { value: 0.5, message: text };
      const changes: Change[] = [
        { type: "reserve", id: testId(2), by: TOO_LONG },
        { type: "extend", ...held, progress },
        { type: "retry", ...held, error: text },
        { type: "cancel", ...held, reason: "rejected", error: text },
        { type: "suspend", ...held, awaits: TOO_LONG },
      ];
      const many = Object.fromEntries(Array.from({ length: MAX_TAGS + 1 }, (_, index) => [`tag ${index}`, "value"]));
      const parts: Partial<Job>[] = [
        { data: "x".repeat(LONGEST_DATA + 1) },
        { tags: { [TOO_LONG]: "value" } },
        { tags: { name: TOO_LONG } },
        { tags: many },
        { state: "canceled", reason: "rejected", finishedAt: TEST_NOW, error: text },
        { progress },
      ];
      const units: UnitParts[] = [
        ...changes.map((one) => ({ apply: [one] })),
        ...parts.map((part) => ({ insert: [testJob(3, part)] })),
      ];
      for (const [index, unit] of units.entries()) {
        equal(await rejection(commitAll(jobs, [{ insert: [testJob(2)] }, unit])), "RangeError", `unit ${index + 1}`);
      }
      equal(
        (await jobs.find({ limit: 9 })).map((job) => [job.id, job.state]),
        [[testId(1), "reserved"]],
        "jobs",
      );
    },
  },
  {
    id: "J-247",
    title: "a commit with a number that is not whole or out of its range is rejected, and nothing of it is stored",
    needs: "durable",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      const { token } = await change(jobs, { type: "reserve", id: testId(1), by: "holder" });
      const held = { id: testId(1), token };
      const counter = [-1, 0.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY];
      const instant = [-1, 0.5, 8.64e15 + 1, Number.NaN];
      const units: UnitParts[] = [
        ...counter.flatMap((number): UnitParts[] => [
          ...(["attempt", "leaseLosses", "resetCount", "links", "slot"] as const).map((name) => ({
            insert: [testJob(4, { [name]: number })],
          })),
          { insert: [testJob(4, { limit: { key: "key", concurrency: number } })] },
          { apply: [{ type: "resolve", id: testId(2), told: number }] },
        ]),
        ...instant.flatMap((at): UnitParts[] => [
          ...(["createdAt", "runAt", "expiresAt", "finishedAt", "token", "maxRetries", "timeoutMs"] as const).map(
            (name) => ({ insert: [testJob(4, { [name]: at })] }),
          ),
          { apply: [{ type: "retry", ...held, at }] },
          { apply: [{ type: "extend", ...held, until: at }] },
          { apply: [{ type: "reserve", id: testId(2), by: "holder", leaseMs: at }] },
          { note: [{ ...note(testId(1)), at }] },
          { now: at, insert: [testJob(4)] },
        ]),
        ...[-32_769, 32_768, 0.5, Number.NaN].map((weight) => ({ insert: [testJob(4, { weight })] })),
      ];
      for (const unit of units) {
        const told = rejection(commitAll(jobs, [{ insert: [testJob(3)] }, unit]));
        equal(
          await told,
          "RangeError",
          JSON.stringify(unit, (_, value) => (Number.isNaN(value) ? "NaN" : value)),
        );
      }
      equal(
        (await jobs.find({ limit: 9 })).map(({ id, state }) => [id, state]),
        [
          [testId(1), "reserved"],
          [testId(2), "ready"],
        ],
        "jobs",
      );
    },
  },
  {
    id: "J-244",
    title: "payloads and results that a codec made of any UTF-16 units come back as they were",
    async run({ store: jobs }) {
      const texts = ["\u0000", "a\u0000b\u0000", "\ud800", "a\udc00b", "\udc00\ud800", `${"x".repeat(300)}\ud83d`];
      for (const [index, text] of texts.entries()) {
        const id = testId(index + 1);
        const apply = [
          { type: "reserve", id, by: "holder" },
          { type: "done", id, token: 1, result: text },
        ] as const;
        await put(jobs, { insert: [testJob(index + 1, { payload: text })] });
        await put(jobs, { apply });
        const [job] = await jobs.get([id]);
        equal([job?.payload, job?.result], [text, text], `units of text ${index + 1}`);
      }
    },
  },
];
