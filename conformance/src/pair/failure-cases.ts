import type { JobId, QueueStore, Topic } from "@jobq/core";
import type { CaseContext, Fact } from "../case.ts";
import { equal, holds, isEqual } from "../check.ts";
import { put, type UnitParts } from "../commit.ts";
import { despiteFailures } from "../failing.ts";
import { everything, isAsModel } from "../job/model/everything.ts";
import { JobModel } from "../job/model/model.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";
import type { Fate } from "../write-faults.ts";
import { entriesFollow, idsOf, isFused, recover, reserve } from "./follow.ts";

const id = testId;
const LATER = TEST_NOW + 40_000;

/** A call, the ids in its answer, and what it does to the jobs, or to which topics are paused. */
interface Deed {
  readonly what: string;
  readonly call: (store: QueueStore) => Promise<readonly JobId[]>;
  readonly answer: readonly JobId[];
  readonly unit?: UnitParts;
  readonly pauses?: boolean;
}

const commit = (what: string, unit: UnitParts): Deed => ({
  ...{ what, unit, answer: [] },
  call: async (store) => {
    await put(store, unit);
    return [];
  },
});
const reserves = (number: number, topic: Topic = "topic"): Deed => ({
  what: `the reservation of job ${number}`,
  call: async (store) => idsOf(await reserve(store, 1, topic)),
  answer: [id(number)],
  unit: { apply: [{ type: "reserve", id: id(number), by: "worker" }] },
});
const pause = (paused: boolean): Deed => ({
  ...{ what: paused ? "a pause" : "a resumption", answer: [], pauses: paused },
  call: async (store) => {
    await store.topics.pause("topic", paused);
    return [];
  },
});

const DEEDS: readonly Deed[] = [
  commit("an insert", { insert: [...testJobs(3), testJob(4, { state: "delayed", runAt: TEST_NOW + 50 })] }),
  reserves(1),
  commit("the end of a job", {
    apply: [{ type: "done", id: id(1), token: 1 }],
    insert: [testJob(5, { topic: "other" })],
  }),
  pause(true),
  {
    what: "a promotion",
    call: async (store) => idsOf(await store.promote(TEST_NOW + 50, 5)),
    answer: [id(4)],
    unit: { now: TEST_NOW + 50, apply: [{ type: "promote", id: id(4) }] },
  },
  pause(false),
  reserves(2),
  commit("a retry", { apply: [{ type: "retry", id: id(2), token: 1, error: "failed", at: TEST_NOW + 100 }] }),
  reserves(5, "other"),
  {
    what: "the end of a lease",
    call: async (store) => idsOf(await store.expire(LATER, 5)),
    answer: [id(5)],
    unit: { now: LATER, apply: [{ type: "expire", id: id(5) }] },
  },
  commit("a cancellation", { apply: [{ type: "cancel", id: id(3), reason: "canceled" }] }),
  commit("a removal", { remove: [id(4), id(2)] }),
  reserves(5, "other"),
];
const NUMBERS = [1, 2, 3, 4, 5];

/** Whether the topic is paused, which no other ever is. */
async function isHeldBack({ topics }: QueueStore): Promise<boolean> {
  const paused = (await topics.topics()).flatMap(({ topic, paused }) => (paused ? topic : []));
  equal(
    paused.filter((topic) => topic !== "topic"),
    [],
    "paused topics",
  );
  return paused.length > 0;
}

/** Fails unless jobs, entries and the pause are what they should be. */
async function isAs(store: QueueStore, model: JobModel, isPaused: boolean, when: string): Promise<void> {
  await isAsModel(store.jobs, model, NUMBERS, when);
  equal(await isHeldBack(store), isPaused, `paused ${when}`);
  // What failed between two repositories is put right before anything else is taken.
  if (!isFused(store)) equal(await reserve(store, 1, "nobody"), [], "a topic without jobs");
  await entriesFollow(store, when);
}

/** Does the deeds on a pair whose writes fail one at a time. */
async function tell({ store, failAt }: CaseContext<QueueStore>, fate: Fate): Promise<void> {
  const model = new JobModel();
  let [failures, isPaused] = [0, false];
  for (const { what, call, answer, unit, pauses = isPaused } of DEEDS) {
    const become = (): void => {
      isPaused = pauses;
      if (unit) model.commit(unit);
    };
    const look = async (when: string): Promise<boolean> => {
      failures += 1;
      const before = [await everything(model, NUMBERS), isPaused];
      const now = [await everything(store.jobs, NUMBERS), await isHeldBack(store)];
      const isThere = fate === "stored" && !isEqual(now, before);
      if (isThere) become();
      if (fate === "stored") await recover(store, 10); // what was taken out, and not told, is in no topic any more
      await isAs(store, model, isPaused, when);
      return isThere;
    };
    const told = await despiteFailures(what, [failAt, fate], () => call(store), look);
    if (told.answer) {
      equal(told.answer, answer, `the answer of ${what}`);
      become();
    }
    await isAs(store, model, isPaused, `after ${what}`);
  }
  holds(failures > 0, "a write fails when it is told to");
}

/** Writes that fail: what was refused is nowhere, and what was under way may be asked for again. */
export const failureCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-120",
    title: "of a call whose write fails no read shows anything, entries follow, and the same call then succeeds",
    needs: "failAt",
    run: (context) => tell(context, "lost"),
  },
  {
    id: "P-121",
    title: "of a call whose write is stored, though it fails, everything or nothing is there, and entries follow",
    needs: "failAt",
    run: (context) => tell(context, "stored"),
  },
];
