import type { TopicEntry, TopicRepository } from "@jobq/core";
import { memoryTopics } from "@jobq/pq-memory";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ModelTopics } from "./model.ts";

type Step = (topics: TopicRepository | ModelTopics) => unknown;

const topic = fc.constantFrom("a", "b");
const id = fc.integer({ min: 10, max: 40 }).map(String);
const weight = fc.constantFrom(0, 0, 0, -1, 5);
const limit = fc.constantFrom(1, 2, 100);
const instant = fc.integer({ min: 0, max: 20 });

const entry: fc.Arbitrary<TopicEntry> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ id, topic, weight }) },
  { weight: 1, arbitrary: fc.record({ id, topic, weight, at: instant }) },
);

const step: fc.Arbitrary<readonly [string, Step]> = fc.oneof(
  { weight: 4, arbitrary: fc.array(entry, { maxLength: 8 }).map((all) => named("push", all, (on) => on.push(all))) },
  { weight: 2, arbitrary: fc.tuple(topic, limit).map((all) => named("pop", all, (on) => on.pop(...all))) },
  { weight: 2, arbitrary: fc.tuple(instant, limit).map((all) => named("popDue", all, (on) => on.popDue(...all))) },
  { weight: 2, arbitrary: fc.array(id, { maxLength: 6 }).map((all) => named("remove", all, (on) => on.remove(all))) },
  { weight: 1, arbitrary: fc.tuple(topic, fc.boolean()).map((all) => named("pause", all, (on) => on.pause(...all))) },
);

function named(name: string, given: unknown, run: Step): readonly [string, Step] {
  return [`${name} ${JSON.stringify(given)}`, run];
}

async function stateOf(topics: TopicRepository | ModelTopics) {
  const infos = await topics.topics();
  return { topics: [...infos].sort((a, b) => (a.topic < b.topic ? -1 : 1)), next: await topics.nextDueAt() };
}

test("topics in memory answer every sequence of calls as a sorted list does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const [topics, model] = [memoryTopics(), new ModelTopics()];
      for (const [name, run] of steps) {
        expect(await run(topics), name).toEqual(run(model));
        expect(await stateOf(topics), name).toEqual(await stateOf(model));
      }
    }),
    { numRuns: 1000 },
  );
});

test("whatever was pushed and moved before, popping everything leaves nothing", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const topics = memoryTopics();
      for (const [, run] of steps) await run(topics);
      for (const name of ["a", "b"]) {
        await topics.pause(name, false);
        await topics.pop(name, 1000);
      }
      await topics.popDue(Number.MAX_SAFE_INTEGER, 1000);
      expect(await stateOf(topics)).toEqual({ topics: [], next: undefined });
    }),
  );
});
