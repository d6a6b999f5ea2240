import type { TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { allFulfilled, codeOf, settledAtClose } from "../settled.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { entry, infos } from "./entries.ts";

/** Every call there is, also those that ask for nothing. */
const CALLS: Readonly<Record<string, (topics: TopicRepository) => Promise<unknown>>> = {
  push: (topics) => topics.push([entry(11)]),
  "push of nothing": (topics) => topics.push([]),
  pop: (topics) => topics.pop("topic", 1),
  "pop of a paused topic": (topics) => topics.pop("paused", 1),
  "pop of an unknown topic": (topics) => topics.pop("unknown", 1),
  popDue: (topics) => topics.popDue(TEST_NOW, 1),
  "popDue of nothing": (topics) => topics.popDue(0, 1),
  nextDueAt: (topics) => topics.nextDueAt(),
  remove: (topics) => topics.remove([testId(3)]),
  "remove of nothing": (topics) => topics.remove([]),
  topics: (topics) => topics.topics(),
  pause: (topics) => topics.pause("topic", true),
  "pause of what is paused": (topics) => topics.pause("paused", true),
};

async function populate(topics: TopicRepository): Promise<void> {
  await topics.push([entry(1), entry(2), entry(3), entry(4, { at: TEST_NOW }), entry(5, { topic: "paused" })]);
  await topics.pause("paused", true);
}

/** What close does to the other calls. */
export const closeCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-08",
    title: "after close every call rejects with CLOSED, also one that asks for nothing",
    async run({ store: topics }) {
      await populate(topics);
      await topics.close();
      for (const [name, call] of Object.entries(CALLS)) equal(await codeOf(() => call(topics)), "CLOSED", name);
      await topics.close();
    },
  },
  {
    id: "T-09",
    title: "close waits for every call that is under way",
    async run({ store: topics }) {
      await populate(topics);
      equal(await settledAtClose(topics, CALLS), allFulfilled(CALLS), "calls under way");
    },
  },
  {
    id: "T-21",
    title: "pops, removals and pauses that close waited for are still so when the store is opened again",
    needs: "durable",
    async run({ store: topics, reopen }) {
      await populate(topics);
      const popped = topics.popDue(TEST_NOW, 1);
      const work = [topics.remove([testId(3)]), topics.pause("topic", true), topics.pause("paused", false)];
      await topics.close();
      await Promise.all(work);
      equal(await popped, [testId(4)], "popped as due");
      const again = await reopen();
      equal(
        await infos(again),
        [
          ["paused", 1, 0, false],
          ["topic", 2, 0, true],
        ],
        "topics",
      );
    },
  },
];
