import type { TopicEntry, TopicRepository } from "@jobq/core";
import { levelTopics } from "@jobq/pq-level";
import { memoryTopics } from "@jobq/pq-memory";
import fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";

const TOPICS = ["x", "x\0y", "\ue000", "\u{1f600}", " "];
const id = fc.constantFrom("a", "b", "b!", "b~", "c", "~", "d");
const topic = fc.constantFrom(...TOPICS);
const at = fc.constantFrom(undefined, undefined, -3.5, 0, 5, 1_000.25, Number.MAX_SAFE_INTEGER);

const entry: fc.Arbitrary<TopicEntry> = fc
  .record({ id, topic, weight: fc.constantFrom(-32_768, -1, 0, 1, 32_767), at })
  .map(({ at, ...rest }) => (at === undefined ? rest : { ...rest, at }));

type Step = (topics: TopicRepository) => Promise<unknown>;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(entry, { maxLength: 4 }).map(
      (entries): Step =>
        (topics) =>
          topics.push(entries),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(topic, fc.integer({ min: 1, max: 4 })).map(
      (args): Step =>
        (t) =>
          t.pop(...args),
    ),
  },
  fc.tuple(fc.constantFrom(-1, 7, 2_000), fc.integer({ min: 1, max: 4 })).map(
    (args): Step =>
      (t) =>
        t.popDue(...args),
  ),
  fc.array(id, { maxLength: 3 }).map(
    (ids): Step =>
      (topics) =>
        topics.remove(ids),
  ),
  fc.tuple(topic, fc.boolean()).map(
    (args): Step =>
      (topics) =>
        topics.pause(...args),
  ),
);

async function state(topics: TopicRepository): Promise<unknown> {
  const infos = await topics.topics();
  return { infos: infos.sort((a, b) => (a.topic < b.topic ? -1 : 1)), next: await topics.nextDueAt() };
}

test("every history ends as in memory, also when the process dies and the store is opened again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(step, fc.nat(4)), { maxLength: 40 }), async (steps) => {
      const db = new MemoryLevel();
      db.setMaxListeners(0); // whoever dies leaves its listeners
      const model = memoryTopics();
      let topics: TopicRepository = levelTopics(db);
      for (const [one, dies] of steps) {
        if (dies === 0) topics = levelTopics(db); // nothing was closed
        expect(await one(topics)).toEqual(await one(model));
        expect(await state(topics)).toEqual(await state(model));
      }
    }),
    { numRuns: 300 },
  );
});

test("a store that was emptied keeps nothing but who kept it and where its floor was", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const db = new MemoryLevel();
      const topics = levelTopics(db);
      for (const one of steps) await one(topics);
      for (const name of TOPICS) {
        await topics.pause(name, false);
        await topics.pop(name, 100);
      }
      await topics.popDue(Number.MAX_SAFE_INTEGER, 100);
      expect((await db.keys().all()).filter((key) => !key.startsWith("jobq:t!"))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
