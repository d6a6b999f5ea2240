import type { JobRepository, Unit, UnitStored } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { put } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob } from "../../test-job.ts";

const sample = () =>
  testJob(1, {
    state: "delayed",
    runAt: TEST_NOW + 1_000,
    blockers: [testId(2), testId(3)],
    tags: { env: "prod" },
  });
const held = () => testJob(4, { tags: { env: "prod" } });
const reserve = { type: "reserve", id: testId(4), by: "holder" } as const;
const report = () => ({ type: "extend", id: testId(4), token: 1, progress: { value: 0.5, message: "half" } }) as const;
const note = () => ({ id: testId(1), kind: "log", key: "k", value: "v", at: TEST_NOW }) as const;

/** Overwrites everything in a value that can be written: numbers, strings, items, properties. */
function scramble(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const key of Object.keys(value)) {
    scramble(Reflect.get(value, key));
    Reflect.set(value, key, "scrambled");
  }
  Reflect.set(value, "extra", "scrambled");
}

/** Freezes a value and all that is in it. */
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

async function everything(jobs: JobRepository): Promise<unknown> {
  return structuredClone({
    jobs: await jobs.get([testId(1), testId(4)]),
    heads: (await jobs.find({ limit: 10 })).map(headOf),
    tagged: (await jobs.find({ tags: { env: "prod" }, limit: 10 })).map(({ id }) => id),
    notes: await jobs.notes(testId(1), "log"),
    tally: await jobs.tally(),
    lease: await jobs.nextLeaseEndAt(),
  });
}

/** The store shares nothing with its callers. */
export const isolationCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-110",
    title: "changing what was passed to commit changes nothing in the store",
    async run({ store: jobs }) {
      const units: Unit[] = structuredClone<Unit[]>([
        { now: TEST_NOW, insert: [sample(), held()] },
        { now: TEST_NOW, apply: [reserve] },
        { now: TEST_NOW, apply: [report()], note: [note()] },
        {
          now: TEST_NOW,
          apply: [
            { type: "release", id: testId(4), token: 1 },
            reserve,
            { type: "suspend", id: testId(4), token: 2, at: TEST_NOW + 5_000 },
          ],
        },
      ]);
      await jobs.commit(units);
      const before = await everything(jobs);
      scramble(units);
      equal(await everything(jobs), before, "the store");
    },
  },
  {
    id: "J-111",
    title: "changing an outcome of commit changes nothing in the store",
    async run({ store: jobs }) {
      await put(jobs, { insert: [sample(), held()], note: [note()] });
      const outcomes = await jobs.commit([
        { now: TEST_NOW, apply: [reserve, report()] },
        { now: TEST_NOW, apply: [{ type: "unblock", id: testId(1), by: testId(2) }] },
        { now: TEST_NOW, apply: [{ type: "promote", id: testId(1) }] },
      ]);
      equal(
        outcomes.map(({ ok }) => ok),
        [true, true, false],
        "outcomes",
      );
      const before = await everything(jobs);
      scramble(outcomes);
      equal(await everything(jobs), before, "the store");
    },
  },
  {
    id: "J-112",
    title: "changing what get and find returned changes nothing in the store",
    async run({ store: jobs }) {
      await put(jobs, { insert: [sample(), held()], apply: [reserve, report()], note: [note()] });
      const before = await everything(jobs);
      scramble(await jobs.get([testId(1), testId(4)]));
      equal(await everything(jobs), before, "after get");
      scramble(await jobs.find({ limit: 10 }));
      equal(await everything(jobs), before, "after find");
    },
  },
  {
    id: "J-113",
    title: "changing what notes and tally returned changes nothing in the store",
    async run({ store: jobs }) {
      await put(jobs, { insert: [sample(), held()], note: [note()] });
      const before = await everything(jobs);
      scramble(await jobs.notes(testId(1), "log"));
      scramble(await jobs.tally());
      equal(await everything(jobs), before, "the store");
    },
  },
  {
    id: "J-114",
    title: "commit changes nothing in what it is given",
    async run({ store: jobs }) {
      const units: Unit[] = [
        { now: TEST_NOW, insert: [sample(), held()], apply: [reserve, report()], note: [note()] },
        { now: TEST_NOW, apply: [{ type: "unblock", id: testId(1), by: testId(2) }], remove: [testId(4)] },
      ];
      const [first] = await jobs.commit(freeze(units));
      equal((first as UnitStored).inserted, [testId(1), testId(4)], "inserted");
      equal((await jobs.get([testId(1)]))[0]?.blockers, [testId(3)], "blockers");
      await jobs.find(freeze({ tags: { env: "prod" }, limit: 5 }));
    },
  },
  {
    id: "J-115",
    title: "changing a progress that was passed in or handed out changes nothing in the store",
    async run({ store: jobs }) {
      const given = { value: 0.25, message: "quarter" };
      const expected = { ...given };
      await put(jobs, { insert: [held()], apply: [reserve] });
      const asked = { type: "extend", id: testId(4), token: 1, progress: given } as const;
      const [outcome] = await jobs.commit([{ now: TEST_NOW, apply: [asked] }]);
      const stored = async () => (await jobs.get([testId(4)]))[0]?.progress;
      scramble(given);
      equal(await stored(), expected, "after what was passed in changed");
      scramble(outcome);
      equal(await stored(), expected, "after the outcome changed");
      scramble((await jobs.get([testId(4)]))[0]?.progress);
      scramble((await jobs.find({ limit: 9 }))[0]?.progress);
      equal(await stored(), expected, "after what was read changed");
      const [refusal] = await jobs.commit([{ now: TEST_NOW, apply: [reserve] }]);
      scramble(refusal);
      equal(await stored(), expected, "after a refusal changed");
      const { changed } = await put(jobs, { apply: [{ type: "release", id: testId(4), token: 1 }] });
      equal(changed[0]?.progress, expected, "once it is given back");
    },
  },
];
