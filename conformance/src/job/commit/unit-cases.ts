import { type JobRepository, type Refusal, transition } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { change, commitAll, insert, plain, put, refuse, refused, stored } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";

const reserve = (number: number) => ({ type: "reserve" as const, id: testId(number), by: "holder" });
const cancel = (number: number) => ({ type: "cancel" as const, id: testId(number), reason: "canceled" as const });
const note = (number: number, value = "value") =>
  ({ id: testId(number), kind: "log", key: "1", value, at: TEST_NOW }) as const;

/** Units: whole or not at all, one after the other. */
export const unitCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-20",
    title: "outcomes come in the order of the units, refusals among them",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(40));
      const order = Array.from({ length: 40 }, (_, index) => ((index * 7) % 40) + 1);
      const apply = order.map((number) =>
        number % 3 ? reserve(number) : { ...reserve(number), id: testId(number + 500) },
      );
      const outcomes = await commitAll(
        jobs,
        apply.map((one) => ({ apply: [one] })),
      );
      const told = outcomes.map((outcome) => (outcome.ok ? outcome.changed[0]?.id : `no ${outcome.id}`));
      equal(
        told,
        apply.map(({ id }, index) => ((order[index] as number) % 3 ? id : `no ${id}`)),
        "outcomes",
      );
    },
  },
  {
    id: "J-21",
    title: "a refused unit leaves nothing behind",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(4));
      const everything = async () => ({
        jobs: await jobs.find({ limit: 10 }),
        notes: await Promise.all([1, 2, 5].map((number) => jobs.notes(testId(number), "log"))),
        tally: await jobs.tally(),
        lease: await jobs.nextLeaseEndAt(),
      });
      const before = await everything();
      const parts = {
        insert: [testJob(5)],
        apply: [reserve(1), reserve(2)],
        note: [note(1), note(5)],
        remove: [testId(3)],
      };
      const late = { ...parts, apply: [...parts.apply, reserve(1)] };
      equal((await refuse(jobs, late)).code, "INVALID_STATE", "a transition that fails last");
      equal(await everything(), before, "the store after it");
      const noted = { ...parts, note: [...parts.note, note(99)] };
      equal((await refuse(jobs, noted)).code, "JOB_NOT_FOUND", "a note on a job that is not there");
      equal(await everything(), before, "the store after that");
    },
  },
  {
    id: "J-22",
    title: "a refused unit leaves its neighbours alone",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(4));
      const outcomes = await commitAll(jobs, [
        { apply: [reserve(1)], note: [note(1)] },
        { insert: [testJob(5)], apply: [reserve(2), reserve(99)] },
        { insert: [testJob(6)], apply: [reserve(3)] },
        { apply: [reserve(99)] },
        { remove: [testId(4)] },
      ]);
      equal(
        outcomes.map(({ ok }) => ok),
        [true, false, true, false, true],
        "outcomes",
      );
      const states = (await jobs.get([1, 2, 3, 4, 5, 6].map(testId))).map((job) => job?.state);
      equal(states, ["reserved", "ready", "reserved", undefined, undefined, "ready"], "states");
      equal((await jobs.notes(testId(1), "log")).length, 1, "notes");
    },
  },
  {
    id: "J-23",
    title: "a unit sees what the units before it in the batch have done",
    async run({ store: jobs }) {
      const id = testId(1);
      const outcomes = await commitAll(jobs, [
        { insert: [testJob(1)] },
        { apply: [reserve(1)] },
        { note: [note(1)] },
        { apply: [{ type: "done", id, token: 1, result: "fine" }] },
        { apply: [reserve(1)] },
        { apply: [{ type: "reset", id }] },
        { remove: [id] },
        { remove: [id] },
        { apply: [reserve(1)] },
      ]);
      const told = outcomes.map((outcome) => (outcome.ok ? (outcome.changed[0]?.state ?? "stored") : outcome.code));
      const expected = [
        "stored",
        "reserved",
        "stored",
        "done",
        "INVALID_STATE",
        "ready",
        "stored",
        "stored",
        "JOB_NOT_FOUND",
      ];
      equal(told, expected, "outcomes");
      equal(
        outcomes.slice(6, 8).map((outcome) => stored(outcome).removed),
        [[id], []],
        "removed",
      );
      equal(await jobs.get([id]), [undefined], "the job");
    },
  },
  {
    id: "J-24",
    title: "a unit inserts, then changes, then notes, then removes",
    async run({ store: jobs }) {
      const kept = await put(jobs, { remove: [], note: [note(1)], apply: [reserve(1)], insert: [testJob(1)] });
      equal(kept.inserted, [testId(1)], "inserted");
      equal(
        kept.changed.map(({ state }) => state),
        ["reserved"],
        "changed",
      );
      equal(await jobs.notes(testId(1), "log"), [note(1)], "notes");
      const gone = await put(jobs, { remove: [testId(2)], note: [note(2)], apply: [reserve(2)], insert: [testJob(2)] });
      equal([gone.inserted, gone.removed], [[testId(2)], [testId(2)]], "inserted and removed in one unit");
      equal(await jobs.get([testId(2)]), [undefined], "the removed job");
      equal(await jobs.notes(testId(2), "log"), [], "its notes");
      equal(await jobs.tally(), [{ topic: "topic", state: "reserved", count: 1 }], "tally");
    },
  },
  {
    id: "J-25",
    title: "the transitions of a unit follow each other, and each one's job is returned in order",
    async run({ store: jobs }) {
      await insert(jobs, testJob(1), testJob(2));
      const done = { type: "done", id: testId(1), token: 1, result: "r" } as const;
      const changes = [reserve(1), reserve(2), { type: "release", id: testId(2), token: 1 } as const, done, reserve(2)];
      const { changed } = await put(jobs, { apply: changes });
      equal(
        changed.map(({ id }) => id),
        [1, 2, 2, 1, 2].map(testId),
        "ids",
      );
      equal(
        changed.map(({ state, token }) => `${state} ${token}`),
        ["reserved 1", "reserved 1", "ready 1", "done 1", "reserved 2"],
        "jobs",
      );
      const [first, second] = await jobs.get([testId(1), testId(2)]);
      equal([first?.state, first?.result, second?.state, second?.token], ["done", "r", "reserved", 2], "stored");
    },
  },
  {
    id: "J-26",
    title: "a refusal carries the code, the id and the job as it stands",
    async run({ store: jobs }) {
      const ready = testJob(1);
      const held = transition(testJob(2), reserve(2), TEST_NOW);
      await insert(jobs, ready, testJob(2));
      const outcomes = await commitAll(jobs, [
        { apply: [reserve(2)] },
        { apply: [{ type: "promote", id: testId(1) }] },
        { apply: [reserve(2)] },
        { apply: [{ type: "done", id: testId(2), token: 2 }] },
        { apply: [reserve(3)] },
        { note: [note(3)] },
        { apply: [reserve(4), reserve(2)], note: [note(3)] },
      ]);
      const refusal = (code: Refusal["code"], number: number, job?: typeof ready): Refusal =>
        job ? { ok: false, code, id: testId(number), job: headOf(job) } : { ok: false, code, id: testId(number) };
      equal(
        outcomes.slice(1).map(plain),
        [
          refusal("INVALID_STATE", 1, ready),
          refusal("INVALID_STATE", 2, held as typeof ready),
          refusal("LEASE_LOST", 2, held as typeof ready),
          refusal("JOB_NOT_FOUND", 3),
          refusal("JOB_NOT_FOUND", 3),
          refusal("JOB_NOT_FOUND", 4),
        ],
        "refusals",
      );
    },
  },
  {
    id: "J-27",
    title: "a unit names the jobs that it removed; one that is not there is passed over",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(3));
      const { removed } = await put(jobs, { remove: [3, 99, 1, 1].map(testId) });
      equal(removed, [testId(3), testId(1)], "removed");
      equal(
        (await jobs.find({ limit: 10 })).map(({ id }) => id),
        [testId(2)],
        "what is left",
      );
    },
  },
  {
    id: "J-63",
    title: "a unit purges the jobs that have ended, with their notes, and passes over all others",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(6), testJob(7, { state: "delayed", runAt: TEST_NOW + 5, unique: "key" }));
      const held = await change(jobs, reserve(1));
      await change(jobs, { type: "done", id: testId(1), token: held.token });
      await change(jobs, cancel(2));
      await change(jobs, cancel(3));
      await change(jobs, { type: "reset", id: testId(3) });
      await change(jobs, reserve(4));
      await put(jobs, { note: [note(1), note(4)] });
      const { removed } = await put(jobs, { apply: [cancel(5)], purge: [7, 5, 4, 3, 2, 1, 1, 99].map(testId) });
      equal(removed, [5, 2, 1].map(testId), "removed");
      equal(
        (await jobs.find({ limit: 10 })).map(({ id }) => id),
        [3, 4, 6, 7].map(testId),
        "what is left",
      );
      equal([await jobs.notes(testId(1), "log"), (await jobs.notes(testId(4), "log")).length], [[], 1], "notes");
      equal((await put(jobs, { insert: [testJob(8, { unique: "key" })] })).leftOut, [testId(8)], "left out");
    },
  },
  {
    id: "J-28",
    title: "of several units of a batch that want the same job, the first has it",
    async run({ store: jobs }) {
      await insert(jobs, ...testJobs(2));
      const by = (name: string, number: number) => ({ apply: [{ ...reserve(number), by: name }] });
      const outcomes = await commitAll(jobs, [by("a", 1), by("b", 1), by("a", 2), by("c", 1), by("b", 2)]);
      equal(
        outcomes.map(({ ok }) => ok),
        [true, false, true, false, false],
        "outcomes",
      );
      equal(
        (await jobs.get([testId(1), testId(2)])).map((job) => [job?.reservedBy, job?.token]),
        [
          ["a", 1],
          ["a", 1],
        ],
        "holders",
      );
      equal(refused(outcomes[3] as Refusal).job?.reservedBy, "a", "the job that the refusal shows");
    },
  },
  {
    id: "J-29",
    title: "what a refused unit would have inserted can be inserted by the next",
    async run({ store: jobs }) {
      const outcomes = await commitAll(jobs, [
        { insert: [testJob(1, { payload: "refused" })], apply: [reserve(9)] },
        { apply: [reserve(1)] },
        { insert: [testJob(1, { payload: "stored" })] },
      ]);
      equal(
        outcomes.map((outcome) => (outcome.ok ? "stored" : outcome.code)),
        ["JOB_NOT_FOUND", "JOB_NOT_FOUND", "stored"],
        "outcomes",
      );
      equal((await jobs.get([testId(1)]))[0]?.payload, "stored", "payload");
      await change(jobs, reserve(1));
    },
  },
];
