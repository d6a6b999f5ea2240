import type { Job, JobHead, JobId, JobQuery, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { commitAll, put, refuse, type UnitParts } from "../../commit.ts";
import { headOf, TEST_NOW, testId, testJob } from "../../test-job.ts";
import { sortedSlots } from "../model/everything.ts";
import { JobModel } from "../model/model.ts";
import { sorted } from "../model/tally.ts";

const IDS: readonly JobId[] = [1, 2, 3, 4, 5].map(testId);

const QUERIES: readonly Omit<JobQuery, "limit">[] = [
  {},
  { state: "ready" },
  { state: "canceled", reason: "poison" },
  { topic: "other" },
  { name: "name" },
  { tags: { env: "prod" } },
  { group: "group" },
  { leaseEndsBy: TEST_NOW + 60_000 },
  { finishedBy: TEST_NOW + 60_000 },
  { after: testId(1) },
];

const GROUP: Omit<JobQuery, "limit"> = { group: "group" };

/** What is found by what jobs wait for, and newest first. */
const LINK_QUERIES: readonly Omit<JobQuery, "limit">[] = [
  { before: testId(3), order: "newest" },
  { live: true },
  { unique: "key" },
  { owes: true },
  { awaitsGroup: true },
  { limitKey: "limit" },
  { limitKey: "limit", slot: "awaited" },
  { limitKey: "limit", slot: "held" },
  GROUP,
  { reservedBefore: TEST_NOW + 1 },
  { finishedFrom: TEST_NOW },
];

const KINDS = ["log", "checkpoint"] as const;

/** Everything that a handle can read. */
async function view(jobs: JobRepository, queries: typeof QUERIES): Promise<unknown> {
  const found: JobHead[][] = [];
  for (const query of queries) found.push((await jobs.find({ ...query, limit: 20 })).map(headOf));
  const notes = await Promise.all(IDS.flatMap((id) => KINDS.map((kind) => jobs.notes(id, kind))));
  const links = queries.includes(GROUP) && {
    members: sorted(await jobs.tally("group")),
    slots: (await jobs.slots(["limit"], 20)).map(sortedSlots),
  };
  const [tally, lease] = [sorted(await jobs.tally()), await jobs.nextLeaseEndAt()];
  return { jobs: await jobs.get(IDS), found, notes, tally, lease, links };
}

/** The same, as it has to be. */
function expectedView(model: JobModel, queries: typeof QUERIES): unknown {
  const found = queries.map((query) => model.find({ ...query, limit: 20 }));
  const notes = IDS.flatMap((id) => KINDS.map((kind) => model.notes(id, kind)));
  const links = queries.includes(GROUP) && {
    members: model.tally("group"),
    slots: model.slots(["limit"], 20).map(sortedSlots),
  };
  return { jobs: model.get(IDS), found, notes, tally: model.tally(), lease: model.nextLeaseEndAt(), links };
}

const id = testId;
const note = (number: number, key: string, value: string) =>
  ({ id: id(number), kind: "log", key, value, at: TEST_NOW }) as const;
const take = (number: number, leaseMs: number) => ({ type: "reserve", id: id(number), by: "holder", leaseMs }) as const;

const waiting = (number: number, overrides: Partial<Job>) =>
  testJob(number, { state: "delayed", limit: { key: "limit", concurrency: 1 }, ...overrides });

/** Writes of every sort, each of which changes what somebody reads. */
const WRITES: readonly UnitParts[] = [
  { insert: [testJob(1, { tags: { env: "prod" } }), testJob(2, { topic: "other", group: "group" })] },
  { apply: [take(1, 5_000)] },
  { note: [note(1, "a", "first")] },
  { apply: [take(2, 1_000)] },
  { note: [note(1, "a", "second"), note(1, "b", "more")] },
  { apply: [{ type: "extend", id: id(2), token: 1, until: TEST_NOW + 9_000, progress: { value: 0.5 } }] },
  { apply: [{ type: "done", id: id(1), token: 1, result: "result" }] },
  { insert: [testJob(3, { state: "delayed", runAt: TEST_NOW, maxLeaseLosses: 1 })] },
  { apply: [{ type: "promote", id: id(3) }, take(3, 10)] },
  { now: TEST_NOW + 10, apply: [{ type: "expire", id: id(3) }] },
  { apply: [{ type: "reset", id: id(1) }] },
  { apply: [{ type: "release", id: id(2), token: 1 }] },
  { remove: [id(1)], purge: [id(3)] },
  { insert: [testJob(1, { payload: "anew" })], remove: [id(2)] },
];

/** Writes of what ties jobs together: limits, links, groups, notes that are forgotten. */
const LINK_WRITES: readonly UnitParts[] = [
  { insert: [waiting(4, { unique: "key" }), waiting(5, { group: "group" })] },
  {
    apply: [
      { type: "admit", id: id(5), slot: 0 },
      { type: "link", id: id(5) },
    ],
  },
  { apply: [take(5, 9), { type: "suspend", id: id(5), token: 1, awaits: "group" }] },
  {
    apply: [
      { type: "wake", id: id(5) },
      { type: "freeKey", id: id(4) },
    ],
    note: [note(5, "a", "one"), note(5, "b", "two")],
  },
  {
    apply: [
      { type: "cancel", id: id(5), reason: "canceled" },
      { type: "admit", id: id(4), slot: 0 },
    ],
    forget: [note(5, "a", "")],
  },
  { apply: [{ type: "resolve", id: id(5), told: 1 }] },
];

const keyed = (number: number, overrides: Partial<Job> = {}) => testJob(number, { unique: "key", ...overrides });
const cancel = (number: number) => ({ type: "cancel", id: id(number), reason: "canceled" }) as const;

async function standIn(jobs: JobRepository, number: number): Promise<JobId | undefined> {
  return (await put(jobs, { insert: [keyed(number)] })).inserted[0];
}

/** Each write goes through one handle, in turn; before and after it the other reads all there is. */
async function readAnew(
  handles: readonly [JobRepository, JobRepository],
  writes: readonly UnitParts[],
  queries: typeof QUERIES,
): Promise<void> {
  const model = new JobModel();
  for (const [turn, write] of writes.entries()) {
    const [writer, reader] = turn % 2 ? [handles[1], handles[0]] : handles;
    await view(writer, queries);
    equal(await view(reader, queries), expectedView(model, queries), `what a handle reads before write ${turn + 1}`);
    holds(model.commit(write).ok, `write ${turn + 1} is allowed`);
    await put(writer, write);
    equal(await view(reader, queries), expectedView(model, queries), `what the other reads after write ${turn + 1}`);
  }
}

/** What handles on one store see of each other: nothing may be remembered that somebody else can change. */
export const handleCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-139",
    title: "what a handle has read it reads anew after another handle's write, whatever was read and written",
    needs: "shared",
    run: async ({ store, second }) => readAnew([store, await second()], WRITES, QUERIES),
  },
  {
    id: "J-145",
    title: "a unique key that one handle has seen held or free is what another handle made of it since",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      equal(await standIn(other, 1), id(1), "free");
      equal(await standIn(store, 2), id(1), "held");
      await put(store, { apply: [cancel(1)] });
      equal(await standIn(other, 3), id(3), "freed by the other handle");
      equal(await standIn(store, 4), id(3), "taken by the other handle");
      await put(other, { remove: [id(3)] });
      equal(await standIn(store, 5), id(5), "freed by a removal");
      equal((await refuse(other, { apply: [{ type: "reset", id: id(1) }] })).holder, id(5), "a reset of the first");
      await put(store, { apply: [take(5, 10)] });
      await put(other, { apply: [{ type: "done", id: id(5), token: 1 }] });
      await put(store, { apply: [{ type: "reset", id: id(1) }] });
      equal(await standIn(other, 6), id(1), "taken again by a reset");
    },
  },
  {
    id: "J-146",
    title: "guards see what another handle has made of a job: its state, token and blockers, and whether it is there",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      const codeOf = async (jobs: JobRepository, unit: UnitParts) => {
        const [outcome] = await commitAll(jobs, [unit]);
        return outcome?.ok === false ? outcome.code : "stored";
      };
      const on = (number: number) => ({ note: [note(number, "k", "v")] });
      const taking = (number: number) => ({ apply: [take(number, 9)] });
      for (const unit of [on(1), taking(1), taking(3), on(3)])
        equal(await codeOf(other, unit), "JOB_NOT_FOUND", "no job");
      await put(store, {
        insert: [testJob(1), testJob(2, { state: "delayed", blockers: [id(8), id(9)] }), testJob(3)],
      });
      for (const unit of [on(1), taking(1), taking(3), on(3)]) equal(await codeOf(other, unit), "stored", "a new job");
      await put(store, { apply: [{ type: "release", id: id(1), token: 1 }, take(1, 9)] });
      equal(await codeOf(other, { apply: [{ type: "extend", id: id(1), token: 1 }] }), "LEASE_LOST", "an older token");
      equal(await codeOf(other, { apply: [{ type: "unblock", id: id(2), by: id(8) }] }), "stored", "one blocker");
      await put(store, { apply: [{ type: "unblock", id: id(2), by: id(9) }] });
      equal(await codeOf(other, { apply: [take(2, 9)] }), "stored", "the job that waited");
      await put(store, { remove: [id(1)] });
      equal(await codeOf(other, on(1)), "JOB_NOT_FOUND", "a note on a removed job");
      equal((await put(other, { insert: [testJob(1, { payload: "anew" })] })).leftOut, [], "the id of a removed job");
      equal((await put(store, { insert: [testJob(1)] })).leftOut, [id(1)], "the id of a job that is there again");
    },
  },
  {
    id: "J-147",
    title: "what a handle has read of limits, links and groups it reads anew after another handle's write",
    needs: "shared",
    run: async ({ store, second }) => readAnew([store, await second()], LINK_WRITES, LINK_QUERIES),
  },
  {
    id: "J-233",
    title: "onChange, where there is one, tells of jobs that another handle ends or removes, until it is taken back",
    needs: "shared",
    async run({ store: jobs, second }) {
      if (!jobs.onChange) return;
      const other = await second();
      const [heard, later] = [new Set<JobId | undefined>(), new Set<JobId | undefined>()];
      const hearInto = (into: Set<JobId | undefined>) => (ids: readonly JobId[] | undefined) => {
        for (const one of ids ?? [undefined]) into.add(one);
      };
      const stop = jobs.onChange(hearInto(heard));
      let number = 0;
      // Listening may begin a little later, and a hint may come late or be lost: with other jobs until one is heard.
      const untilHeard = async (of: Set<JobId | undefined>, move: (one: JobId) => UnitParts) => {
        const moved: (JobId | undefined)[] = [undefined];
        of.clear();
        for (let round = 0; round < 2_000 && !moved.some((one) => of.has(one)); round += 1) {
          const one = id(++number);
          await put(other, { insert: [testJob(number)] });
          of.delete(one); // a store may tell of new jobs too
          await put(other, move(one));
          moved.push(one);
          await jobs.get([one]);
        }
        holds(
          moved.some((one) => of.has(one)),
          "a listener hears of it, with the job where it is known which",
        );
      };
      const end = (one: JobId): UnitParts => ({ apply: [{ type: "cancel", id: one, reason: "canceled" }] });
      await untilHeard(heard, end);
      await untilHeard(heard, (one) => ({ remove: [one] }));
      stop();
      heard.clear();
      const stopLater = jobs.onChange(hearInto(later));
      await untilHeard(later, end);
      stopLater();
      equal(heard.size, 0, "what the listener hears that was taken back");
    },
  },
];
