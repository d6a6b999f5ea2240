import { headOf } from "@jobq/conformance";
import { entryOf, type JobHead, type QueueStore, type TopicInfo } from "@jobq/core";
import { levelJobs } from "@jobq/job-level";
import { memoryJobs } from "@jobq/job-memory";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import { compose } from "@jobq/service";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { IDS, NOW, unit } from "../../job-level/test/histories.ts";

const TOPICS = ["x", "y\0z"];

/** One step; the arguments stand beside it so that a counterexample shows them. */
interface Step {
  readonly name: string;
  readonly args: unknown;
  run(store: QueueStore): Promise<unknown>;
}

const step = <A>(name: string, args: fc.Arbitrary<A>, run: (store: QueueStore, args: A) => Promise<unknown>) =>
  args.map((some): Step => ({ name, args: some, run: (store) => run(store, some) }));

const now = fc.constantFrom(NOW, NOW + 6, NOW + 20);
const limit = fc.integer({ min: 1, max: 4 });
const claims = fc.array(fc.record({ topic: fc.constantFrom(...TOPICS), limit, by: fc.constant("me") }), {
  minLength: 1,
  maxLength: 3,
});
const units = fc.array(unit, { minLength: 1, maxLength: 3 });

const heads = (jobs: readonly JobHead[]) => jobs.map((job) => headOf(job));
const topic = fc.constantFrom(...TOPICS);

/** What a service does. Heads may carry more than heads, so that is left out. */
const together: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: step("commit", units, async (store, some) => (await store.commit(some)).map(({ ok }) => ok)),
  },
  { weight: 3, arbitrary: step("reserve", fc.tuple(claims, now), (store, args) => store.reserve(...args)) },
  step("promote", fc.tuple(now, limit), async (store, args) => heads(await store.promote(...args))),
  step("expire", fc.tuple(now, limit), async (store, args) => heads(await store.expire(...args))),
  step("pause", fc.tuple(topic, fc.boolean()), ({ topics }, args) => topics.pause(...args)),
);

const entry = fc.constantFrom(...IDS).map((id) => ({ id, topic: "x", weight: 0, at: NOW }));

/** What parts the two: one of them used alone. */
const alone: fc.Arbitrary<Step> = fc.oneof(
  step("jobs.commit", units, ({ jobs }, some) => jobs.commit(some)),
  step("topics.pop", fc.tuple(topic, limit), ({ topics }, args) => topics.pop(...args)),
  step("topics.push", entry, ({ topics }, one) => topics.push([one])),
  step("topics.remove", entry, ({ topics }, { id }) => topics.remove([id])),
);

function fused(db: MemoryLevel): QueueStore {
  db.setMaxListeners(0); // whoever dies leaves its listeners
  return levelTopics(db).fuse(levelJobs(db)) as QueueStore;
}

const byTopic = (a: TopicInfo, b: TopicInfo): number => (a.topic < b.topic ? -1 : 1);

async function everything({ jobs, topics }: QueueStore): Promise<unknown> {
  return {
    jobs: await jobs.get(IDS),
    topics: (await topics.topics()).sort(byTopic),
    due: await topics.nextDueAt(),
  };
}

async function recover(store: QueueStore): Promise<number[]> {
  const pages: number[] = [];
  for await (const count of store.recover(2)) pages.push(count);
  return pages;
}

/** What the jobs make of the topics. */
async function wanted({ jobs, topics }: QueueStore): Promise<unknown> {
  const infos = new Map<string, TopicInfo>();
  for (const { topic, paused } of await topics.topics()) {
    if (paused) infos.set(topic, { topic, ready: 0, delayed: 0, paused });
  }
  for (const job of await jobs.find({ limit: 100 })) {
    const entry = entryOf(job);
    if (!entry) continue;
    const info = infos.get(entry.topic) ?? { topic: entry.topic, ready: 0, delayed: 0, paused: false };
    const part = entry.at === undefined ? "ready" : "delayed";
    infos.set(entry.topic, { ...info, [part]: info[part] + 1 });
  }
  return [...infos.values()].sort(byTopic);
}

test("fused stores, on a disk and in memory, go the way of a pair, also when the process dies", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(together, fc.nat(5)), { maxLength: 30 }), async (steps) => {
      const db = new MemoryLevel();
      const pair = compose(memoryJobs(), Object.assign(memoryTopics(), { fuse: undefined }));
      const memory = compose(memoryJobs(), memoryTopics());
      let store = fused(db);
      for (const [step, dies] of steps) {
        if (dies === 0) store = fused(db); // nothing was closed
        const answer = await step.run(pair);
        const left = await everything(pair);
        for (const one of [store, memory]) {
          expect(await step.run(one)).toEqual(answer);
          expect(await everything(one)).toEqual(left);
        }
        expect(await recover(store)).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
});

test("after one of the two was used alone, a recovery gives every job its entry, and steps meanwhile keep them right", async () => {
  const any = fc.oneof({ weight: 2, arbitrary: together }, alone);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(any, fc.nat(5)), { maxLength: 30 }), together, async (steps, meanwhile) => {
      const db = new MemoryLevel();
      let store = fused(db);
      for (const [one, chance] of steps) {
        if (chance === 0) store = fused(db);
        await one.run(store);
        if (chance === 1) for await (const _ of store.recover(1)) await meanwhile.run(store);
        if (chance === 1) expect((await store.topics.topics()).sort(byTopic)).toEqual(await wanted(store));
      }
      await recover(store);
      expect((await store.topics.topics()).sort(byTopic)).toEqual(await wanted(store));
      for (const topic of TOPICS) await store.topics.pause(topic, false);
      const ready = (await store.jobs.find({ state: "ready", limit: 100 })).map(({ id }) => id);
      const got = await store.reserve(
        TOPICS.map((topic) => ({ topic, limit: 100, by: "me" })),
        NOW,
      );
      expect(
        got
          .flat()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(ready);
    }),
    { numRuns: 200 },
  );
});
