import type { JobRepository, UnitOutcome } from "@jobq/core";
import type { CaseContext, Fact } from "../../case.ts";
import { equal, holds, isEqual } from "../../check.ts";
import { commitAll, plain, type UnitParts } from "../../commit.ts";
import { despiteFailures, despiteLosses } from "../../failing.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../../test-job.ts";
import type { Fate } from "../../write-faults.ts";
import { everything, isAsModel } from "../model/everything.ts";
import { JobModel } from "../model/model.ts";

const id = testId;
const held = (number: number, token = 1) => ({ id: id(number), token });
const slot = { limit: { key: "limit", concurrency: 1 } } as const;
const note = (number: number, key: string) => ({ id: id(number), kind: "log", key, value: "line", at: TEST_NOW });
const reserve = (number: number) => ({ type: "reserve", id: id(number), by: "holder" }) as const;

/** Units that write everything there is to write. */
const STORY: readonly UnitParts[] = [
  { insert: [testJob(1), testJob(2, { unique: "key", tags: { env: "prod" } }), testJob(3, { group: "group" })] },
  { insert: [testJob(4, { state: "delayed", ...slot }), testJob(5, { topic: "other", links: 1 })] },
  { apply: [reserve(1)], note: [note(1, "a")] },
  { apply: [{ type: "extend", ...held(1), until: TEST_NOW + 90_000, progress: { value: 0.5 } }] },
  { apply: [{ type: "retry", ...held(1), error: "failed", at: TEST_NOW + 500 }] },
  { now: TEST_NOW + 500, apply: [{ type: "promote", id: id(1) }] },
  { apply: [{ type: "admit", id: id(4), slot: 0 }] },
  { apply: [reserve(4)] },
  { apply: [{ type: "done", ...held(4), result: "long ".repeat(99) }] },
  { apply: [{ type: "cancel", id: id(2), reason: "canceled" }], insert: [testJob(6, { unique: "key" })] },
  { apply: [reserve(3)] },
  { apply: [{ type: "suspend", ...held(3), awaits: "group" }], note: [note(3, "b"), note(3, "c")] },
  { apply: [{ type: "wake", id: id(3) }], forget: [{ id: id(3), kind: "log", key: "b" }] },
  { apply: [reserve(5)] },
  { apply: [{ type: "done", ...held(5) }] },
  { apply: [{ type: "resolve", id: id(5), told: 1 }] },
  { apply: [reserve(6)] },
  { now: TEST_NOW + 90_000, apply: [{ type: "expire", id: id(6) }] },
  { remove: [id(6)], apply: [{ type: "reset", id: id(2) }] },
  { purge: [id(4), id(5)] },
  { remove: [id(1), id(3)] },
];
const NUMBERS = [1, 2, 3, 4, 5, 6];

/** What somebody else commits, which tells who holds the key and the slot, and leaves nothing. */
const PROBES: readonly UnitParts[] = [
  { insert: [testJob(900, { unique: "key" }), testJob(901, { ...slot, slot: 0 })], note: [] },
  { remove: [id(900), id(901)] },
];

const only = async (store: JobRepository, unit: UnitParts): Promise<UnitOutcome> =>
  plain((await commitAll(store, [unit]))[0] as UnitOutcome);

/** Fails unless reads show what the model has, and still do when something else was committed. */
async function staysAs(store: JobRepository, model: JobModel, when: string): Promise<void> {
  await isAsModel(store, model, NUMBERS, when);
  for (const probe of PROBES) equal(await only(store, probe), plain(model.commit(probe)), `${when}, another commit`);
  await isAsModel(store, model, NUMBERS, `${when}, and another commit`);
}

/** Commits the story to a store whose writes fail one at a time. */
async function tell({ store, failAt, reopen }: CaseContext<JobRepository>, fate: Fate): Promise<void> {
  const model = new JobModel();
  let failures = 0;
  for (const [index, unit] of STORY.entries()) {
    const look = async (when: string): Promise<boolean> => {
      failures += 1;
      const isThere = fate === "stored" && !isEqual(await everything(store, NUMBERS), await everything(model, NUMBERS));
      if (isThere) model.commit(unit);
      await staysAs(store, model, when);
      return isThere;
    };
    const what = `unit ${index + 1}`;
    const { answer } = await despiteFailures(what, [failAt, fate], () => only(store, unit), look);
    if (answer) equal(answer, plain(model.commit(unit)), `the outcome of ${what}`);
    await isAsModel(store, model, NUMBERS, `after ${what}`);
  }
  holds(failures > 0, "a write fails when it is told to");
  if (store.capabilities.durable) await isAsModel(await reopen(), model, NUMBERS, "opened again");
}

/** Commits the units, each in a call of its own or all in one, with each write failing in turn. */
async function eachFails(
  { store, failAt }: CaseContext<JobRepository>,
  unitsOf: (first: number) => readonly UnitParts[],
  calls: (units: readonly UnitParts[]) => readonly Promise<readonly UnitOutcome[]>[],
): Promise<void> {
  const model = new JobModel();
  const numbers: number[] = [];
  const unitsAt = (write: number): readonly UnitParts[] => unitsOf(write * 10);
  await despiteLosses(
    failAt,
    (write) => calls(unitsAt(write)),
    async (isDone, write) => {
      const units = unitsAt(write);
      numbers.push(...[0, 1, 2, 3, 4, 5].map((number) => write * 10 + number));
      const jobs = await store.get(units.flatMap(({ insert = [] }) => insert.map((job) => job.id)));
      const isThere = (unit: UnitParts): boolean => jobs.some((job) => job?.id === unit.insert?.[0]?.id);
      for (const unit of units) if (isThere(unit)) model.commit(unit);
      isDone.forEach((done, index) => {
        if (isDone.length === units.length)
          equal(isThere(units[index] as UnitParts), done, `unit ${index + 1} at write ${write}`);
      });
      await isAsModel(store, model, numbers, `after write ${write} of several commits failed`);
    },
  );
}

const pairOf = (first: number): UnitParts => ({
  insert: [...testJobs(2, first)],
  note: [note(first, "a"), note(first + 1, "b")],
});

/** Writes that fail: what was refused is nowhere, and what was under way may be asked for again. */
export const failureCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-270",
    title:
      "of a commit whose write fails no read shows anything, nor after another commit; the same commit then succeeds",
    needs: "failAt",
    run: (context) => tell(context, "lost"),
  },
  {
    id: "J-271",
    title: "of a commit whose write is stored, though it fails, all reads show everything or nothing",
    needs: "failAt",
    run: (context) => tell(context, "stored"),
  },
  {
    id: "J-272",
    title: "of commits made at once, one of which fails, those that were acknowledged are there, and no other",
    needs: "failAt",
    run: (context) =>
      eachFails(
        context,
        (first) => [pairOf(first), pairOf(first + 2), pairOf(first + 4)],
        (units) => units.map((unit) => commitAll(context.store, [unit])),
      ),
  },
  {
    id: "J-273",
    title: "of a commit of several units that fails, each unit is there whole or not at all, to every read",
    needs: "failAt",
    run: (context) =>
      eachFails(
        context,
        (first) => [pairOf(first), pairOf(first + 2), pairOf(first + 4)],
        (units) => [commitAll(context.store, units)],
      ),
  },
];
