import type { TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { UNUSUAL } from "../unusual-text.ts";
import { entry, infos, popAll } from "./entries.ts";

/** Topics that are held back. */
export const pauseCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-50",
    title: "a paused topic gives no ready entries; once resumed it gives them in order",
    async run({ store: topics }) {
      await topics.push([entry(2), entry(1), entry(3, { topic: "other" })]);
      await topics.pause("topic", true);
      equal(await topics.pop("topic", 5), [], "paused");
      equal(await topics.pop("other", 5), [testId(3)], "another topic");
      equal(await infos(topics), [["topic", 2, 0, true]], "topics");
      await topics.pause("topic", false);
      equal(await infos(topics), [["topic", 2, 0, false]], "topics once resumed");
      equal(await topics.pop("topic", 5), [testId(1), testId(2)], "resumed");
    },
  },
  {
    id: "T-51",
    title: "a paused topic takes, moves and drops entries",
    async run({ store: topics }) {
      await topics.pause("topic", true);
      await topics.push([entry(3), entry(2), entry(1, { weight: 7 }), entry(4, { at: TEST_NOW })]);
      await topics.push([entry(4)]);
      await topics.remove([testId(2)]);
      equal(await infos(topics), [["topic", 3, 0, true]], "topics");
      await topics.pause("topic", false);
      equal(await popAll(topics, "topic"), [3, 4, 1].map(testId), "popped");
    },
  },
  {
    id: "T-52",
    title: "popDue and nextDueAt do not mind a pause",
    async run({ store: topics }) {
      await topics.pause("topic", true);
      await topics.push([entry(1, { at: TEST_NOW }), entry(2, { at: TEST_NOW + 1, topic: "other" })]);
      equal(await topics.nextDueAt(), TEST_NOW, "next due");
      equal(await topics.popDue(TEST_NOW + 1, 5), [testId(1), testId(2)], "due");
    },
  },
  {
    id: "T-53",
    title: "a paused topic is listed while it is empty, a resumed one is not",
    async run({ store: topics }) {
      await topics.pause("empty", true);
      await topics.push([entry(1)]);
      await topics.pause("topic", true);
      equal(
        await infos(topics),
        [
          ["empty", 0, 0, true],
          ["topic", 1, 0, true],
        ],
        "paused",
      );
      await topics.remove([testId(1)]);
      equal(
        await infos(topics),
        [
          ["empty", 0, 0, true],
          ["topic", 0, 0, true],
        ],
        "both empty",
      );
      await topics.pause("empty", false);
      await topics.pause("topic", false);
      equal(await infos(topics), [], "resumed");
    },
  },
  {
    id: "T-54",
    title: "pausing twice pauses once, and resuming what runs does nothing",
    async run({ store: topics }) {
      await topics.pause("unknown", false);
      equal(await infos(topics), [], "a topic that is not there");
      await topics.pause("topic", true);
      await topics.pause("topic", true);
      equal(await infos(topics), [["topic", 0, 0, true]], "paused");
      await topics.pause("topic", false);
      await topics.pause("topic", false);
      await topics.push([entry(1)]);
      equal(await topics.pop("topic", 1), [testId(1)], "resumed");
    },
  },
  {
    id: "T-55",
    title: "pausing a topic of any text pauses that one alone",
    async run({ store: topics }) {
      await topics.push(UNUSUAL.map((topic, index) => entry(index + 1, { topic })));
      for (const topic of UNUSUAL.filter((_, index) => index % 2)) await topics.pause(topic, true);
      for (const [index, topic] of UNUSUAL.entries()) {
        equal(await topics.pop(topic, 1), index % 2 ? [] : [testId(index + 1)], `topic ${JSON.stringify(topic)}`);
      }
    },
  },
  {
    id: "T-56",
    title: "however often a topic was paused, one call resumes it",
    async run({ store: topics }) {
      await topics.push([entry(1), entry(2)]);
      for (let turn = 0; turn < 3; turn += 1) await topics.pause("topic", true);
      await topics.pause("topic", false);
      equal(await infos(topics), [["topic", 2, 0, false]], "topics");
      equal(await topics.pop("topic", 1), [testId(1)], "resumed");
      for (let turn = 0; turn < 3; turn += 1) await topics.pause("topic", false);
      await topics.pause("topic", true);
      equal(await topics.pop("topic", 1), [], "paused, however often it was resumed");
    },
  },
];
