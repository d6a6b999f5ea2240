import { type Change, isFinal, type Job, type JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { change, commitAll, insert, put, refuse, stored } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";
import { waitingForSlot } from "../../waiting-for-slot.ts";

const id = testId;
const limited = (number: number, rest: Partial<Job> = {}): Job =>
  testJob(number, { state: "delayed", limit: { key: "key", concurrency: 2 }, ...rest });
const admit = (number: number, slot: number): Change => ({ type: "admit", id: id(number), slot });
const reserve = (number: number): Change => ({ type: "reserve", id: id(number), by: "holder", leaseMs: 10 });
const cancel = (number: number): Change => ({ type: "cancel", id: id(number), reason: "canceled" });

/** Ways of a job, reserved with a slot, to let go of it: as one change of its holder's, or of somebody else's. */
const ENDS: Readonly<Record<string, (number: number) => Change>> = {
  done: (number) => ({ type: "done", id: id(number), token: 1 }),
  exhausted: (number) => ({ type: "retry", id: id(number), token: 1 }),
  poison: (number) => ({ type: "expire", id: id(number) }),
  rejected: (number) => ({ type: "cancel", id: id(number), token: 1, reason: "rejected" }),
  canceled: cancel,
};

const slotsOf = async (jobs: JobRepository, ...numbers: number[]) =>
  (await jobs.get(numbers.map(id))).map((job) => `${job?.state} ${job?.slot ?? "-"}`);

/** Admissions to the same slots, all under way at once: each slot has one live holder. */
async function oneHolder(handles: readonly JobRepository[]): Promise<void> {
  const [jobs] = handles as readonly [JobRepository];
  const numbers = Array.from({ length: 24 }, (_, index) => index + 1);
  await insert(jobs, ...numbers.map((number) => limited(number)));
  for (let round = 0; round < 3; round += 1) {
    const waiting = await waitingForSlot(jobs, "key", 50);
    const admissions = waiting.map((job, index) => {
      const handle = handles[index % handles.length] as JobRepository;
      return commitAll(handle, [{ apply: [{ type: "admit", id: job.id, slot: index % 3 }] }]);
    });
    const outcomes = (await Promise.all(admissions)).flat();
    const held = await jobs.find({ limitKey: "key", slot: "held", limit: 50 });
    equal(held.map(({ slot }) => slot).sort(), [0, 1, 2], `slots that are held in round ${round}`);
    const admitted = outcomes.flatMap((outcome) => (outcome.ok ? outcome.changed.map((job) => job.id) : []));
    equal(
      admitted.sort(),
      held.map((job) => job.id),
      `jobs that were admitted in round ${round}`,
    );
    const holders = new Set(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.holder])));
    holds(
      [...holders].every((holder) => held.some((job) => job.id === holder)),
      "refusals name a holder",
    );
    await put(jobs, { apply: held.map((job) => ({ type: "cancel", id: job.id, reason: "canceled" })) });
  }
}

/** Slots of a limit's key: one slot, one live job. */
export const slotCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-180",
    title: "a slot of a key is held by one live job; who is admitted to it besides is refused and told by whom",
    async run({ store: jobs }) {
      await insert(jobs, limited(1), limited(2), limited(3, { limit: { key: "Key", concurrency: 2 } }));
      equal((await change(jobs, admit(1, 0))).state, "ready", "the first");
      const refusal = await refuse(jobs, { apply: [admit(2, 0)] });
      equal([refusal.code, refusal.id, refusal.holder], ["DUPLICATE_JOB", id(2), id(1)], "the second");
      await change(jobs, admit(2, 1));
      await change(jobs, admit(3, 0));
      equal(await slotsOf(jobs, 1, 2, 3), ["ready 0", "ready 1", "ready 0"], "slots");
      await insert(jobs, limited(9, { unique: "own" }));
      equal((await refuse(jobs, { apply: [admit(9, 1)] })).holder, id(2), "one that holds a key of its own");
      const both = await refuse(jobs, { insert: [limited(4), limited(5)], apply: [admit(4, 7), admit(5, 7)] });
      equal([both.code, both.holder], ["DUPLICATE_JOB", id(4)], "two of one unit");
      const outcomes = await commitAll(jobs, [
        { insert: [limited(6), limited(7)] },
        { apply: [admit(6, 8)] },
        { apply: [admit(7, 8)] },
        { apply: [cancel(6)] },
        { apply: [admit(7, 8)] },
      ]);
      equal(
        outcomes.map((outcome) => (outcome.ok ? "stored" : outcome.code)),
        ["stored", "stored", "DUPLICATE_JOB", "stored", "stored"],
        "units of a batch",
      );
    },
  },
  {
    id: "J-181",
    title: "an insert whose slot is held is left out and names the holder; one with a free slot holds it",
    async run({ store: jobs }) {
      const seated = (number: number, slot = 0) => limited(number, { state: "ready", slot });
      const { inserted, leftOut } = await put(jobs, { insert: [seated(1), seated(2), seated(3, 1), limited(4)] });
      equal([inserted, leftOut], [[1, 1, 3, 4].map(id), [id(2)]], "inserted and left out");
      equal((await put(jobs, { insert: [seated(5)] })).inserted, [id(1)], "a later one");
      equal((await refuse(jobs, { apply: [admit(4, 1)] })).holder, id(3), "an admission");
      await change(jobs, cancel(1));
      equal((await put(jobs, { insert: [seated(6)] })).inserted, [id(6)], "once it is free");
      equal((await put(jobs, { insert: [seated(1)] })).inserted, [id(1)], "the id of a job that is there");
      equal((await refuse(jobs, { apply: [admit(4, 0)] })).holder, id(6), "who holds it after that");
      equal(
        (await jobs.find({ slot: "held", limit: 9 })).map((job) => job.id),
        [3, 6].map(id),
        "holders",
      );
    },
  },
  {
    id: "J-182",
    title: "a slot is held through every state, retry and suspension, and free after every end and by a removal",
    async run({ store: jobs }) {
      const kinds = Object.keys(ENDS);
      const own = (number: number): Job =>
        limited(number, {
          limit: { key: `key ${(number - 1) % 100}`, concurrency: 1 },
          maxRetries: 0,
          maxLeaseLosses: 1,
        });
      const firsts = kinds.map((_, index) => index + 1);
      const holders = async (first = 100) => {
        const tries = firsts.map((number) => ({ insert: [own(number + first)], apply: [admit(number + first, 0)] }));
        return (await commitAll(jobs, tries)).map((outcome) => (outcome.ok ? "free" : outcome.code));
      };
      await put(jobs, { insert: firsts.map(own), apply: firsts.map((number) => admit(number, 0)) });
      equal(
        await holders(),
        kinds.map(() => "DUPLICATE_JOB"),
        "ready",
      );
      await put(jobs, { apply: firsts.map(reserve) });
      equal(
        await holders(),
        kinds.map(() => "DUPLICATE_JOB"),
        "reserved",
      );
      const ends = kinds.map((kind, index) => ({ now: TEST_NOW + 10, apply: [ENDS[kind]?.(index + 1) as Change] }));
      for (const outcome of await commitAll(jobs, ends)) {
        const [job] = stored(outcome).changed;
        holds(job !== undefined && isFinal(job.state) && job.slot === undefined, "an ended job has no slot");
      }
      equal(
        await holders(),
        kinds.map(() => "free"),
        kinds.join(", "),
      );
      await put(jobs, { remove: firsts.map((number) => id(number + 100)) });
      equal(
        await holders(200),
        kinds.map(() => "free"),
        "removed",
      );
    },
  },
  {
    id: "J-183",
    title:
      "a job that is tried again, given back or suspended keeps its slot; one that is reset gets it by admission only",
    async run({ store: jobs }) {
      await put(jobs, { insert: [limited(1), limited(2)], apply: [admit(1, 0)] });
      const rounds: readonly (readonly Change[])[] = [
        [{ type: "release", id: id(1), token: 1 }],
        [{ type: "retry", id: id(1), token: 2, at: TEST_NOW + 15 }],
        [{ type: "suspend", id: id(1), token: 3, awaits: "" }],
        [{ type: "expire", id: id(1) }],
      ];
      for (const [index, apply] of rounds.entries()) {
        await change(jobs, reserve(1));
        await put(jobs, { now: TEST_NOW + 10, apply });
        equal((await jobs.get([id(1)]))[0]?.slot, 0, `its slot after round ${index}`);
        equal((await refuse(jobs, { apply: [admit(2, 0)] })).holder, id(1), `the holder after round ${index}`);
        const [job] = await jobs.get([id(1)]);
        if (job?.runAt) await change(jobs, { type: "promote", id: id(1) }, TEST_NOW + 20);
        if (job?.awaits !== undefined) await change(jobs, { type: "wake", id: id(1) });
      }
      await put(jobs, { apply: [cancel(1), { type: "reset", id: id(1) }] });
      equal(await slotsOf(jobs, 1), ["delayed -"], "reset");
      await change(jobs, admit(2, 0));
      equal((await refuse(jobs, { apply: [admit(1, 0)] })).holder, id(2), "its old slot");
      equal((await change(jobs, admit(1, 1))).state, "ready", "another one");
    },
  },
  {
    id: "J-184",
    title: "who waits for nothing but a slot of a key is told in the order in which they run, at most so many",
    async run({ store: jobs }) {
      const weights = [0, 5, -1, 0, 32_767, -32_768, 5];
      await insert(
        jobs,
        ...weights.map((weight, index) => limited(index + 1, { weight })).reverse(),
        limited(11, { weight: -9, runAt: TEST_NOW }),
        limited(12, { weight: -9, blockers: [id(99)] }),
        limited(13, { weight: -9, limit: { key: "other", concurrency: 1 } }),
        limited(14, { weight: -9, state: "ready", slot: 0 }),
        testJob(15, { state: "delayed", awaits: "" }),
      );
      const waiting = async (count: number, key = "key") =>
        (await waitingForSlot(jobs, key, count)).map((job) => job.id);
      equal(await waiting(50), [6, 3, 1, 4, 2, 7, 5].map(id), "all");
      equal([await waiting(1), await waiting(3)], [[id(6)], [6, 3, 1].map(id)], "some");
      equal([await waiting(5, "other"), await waiting(5, "none")], [[id(13)], []], "other keys");
      await change(jobs, { type: "promote", id: id(11) });
      await change(jobs, { type: "unblock", id: id(12), by: id(99) });
      await put(jobs, { apply: [cancel(6), admit(3, 1)], remove: [id(1)] });
      equal(await waiting(50), [11, 12, 4, 2, 7, 5].map(id), "after changes");
      const heads = await waitingForSlot(jobs, "key", 1);
      equal([(heads[0] as Partial<Job>).payload, heads[0]?.weight], [undefined, -9], "heads");
      await change(jobs, { type: "reset", id: id(6) });
      equal(await waiting(1), [id(6)], "reset");
    },
  },
  {
    id: "J-187",
    title: "the slots of several keys are told in the order asked for, each with who holds and who waits",
    async run({ store: jobs }) {
      const own = (number: number, key: string) => limited(number, { limit: { key, concurrency: 9 } });
      const keys = ["b", "a\0", "none", "a", "B"];
      const inserts = ["a", "b", "a", "b", "a", "b", "a\0", "B", "a", "b"].map((key, index) => own(index + 1, key));
      await put(jobs, { insert: inserts, apply: [admit(1, 0), admit(2, 7), admit(3, 1), admit(8, 3)] });
      const slots = async (...asked: [readonly string[], number]) =>
        (await jobs.slots(...asked)).map(({ held, waiting }) => [[...held].sort(), waiting.map((job) => job.id)]);
      const none = [[], []];
      equal(
        await slots(keys, 2),
        [[[7], [4, 6].map(id)], [[], [id(7)]], none, [[0, 1], [5, 9].map(id)], [[3], []]],
        "slots",
      );
      await put(jobs, { apply: [reserve(1), { type: "done", id: id(1), token: 1 }, cancel(4)] });
      equal(
        await slots(["a", "b"], 1),
        [
          [[1], [id(5)]],
          [[7], [id(6)]],
        ],
        "after ends",
      );
      const ofB = [[7], [6, 10].map(id)];
      equal(await slots(["b", "a", "b"], 2), [ofB, [[1], [5, 9].map(id)], ofB], "of a key that is asked for twice");
      equal(await slots([], 5), [], "of no keys");
    },
  },
  {
    id: "J-188",
    title: "an admission comes before or after what frees its slot, in the order of the units of a commit",
    async run({ store: jobs }) {
      await put(jobs, {
        insert: [1, 2, 3, 4, 5, 6].map((number) => limited(number)),
        apply: [admit(1, 0), reserve(1), admit(2, 1), reserve(2)],
      });
      const done = (number: number): Change => ({ type: "done", id: id(number), token: 1 });
      const codes = async (...changes: Change[]) =>
        (
          await commitAll(
            jobs,
            changes.map((one) => ({ apply: [one] })),
          )
        ).map((one) => (one.ok ? "ok" : one.code));
      equal(await codes(done(1), admit(3, 0)), ["ok", "ok"], "after it");
      equal(
        await codes(admit(4, 1), admit(5, 2), done(2), admit(6, 1)),
        ["DUPLICATE_JOB", "ok", "ok", "ok"],
        "before it",
      );
      equal(await slotsOf(jobs, 3, 4, 5, 6), ["ready 0", "delayed -", "ready 2", "ready 1"], "slots");
      equal(await codes(admit(4, 3)), ["ok"], "another slot");
    },
  },
  {
    id: "J-185",
    title: "of concurrent admissions to a slot, one is stored",
    run: ({ store }) => oneHolder([store]),
  },
  {
    id: "J-186",
    title: "of admissions to a slot through two handles, one is stored",
    needs: "shared",
    run: async ({ store, second }) => oneHolder([store, await second()]),
  },
];
