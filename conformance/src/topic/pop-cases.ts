import type { TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { ALIKE, UNUSUAL } from "../unusual-text.ts";
import { entry, infos, popAll } from "./entries.ts";

/** What comes out next. */
export const popCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-30",
    title: "pop returns the lowest weight first, negative ones before zero",
    async run({ store: topics }) {
      const weights = [0, 5, -1, 32_767, -32_768, 10, -300, 2, 255, -256, 300, 1];
      await topics.push(weights.map((weight, index) => entry(index + 1, { weight })));
      const order = weights
        .map((weight, index) => ({ weight, id: testId(index + 1) }))
        .sort((a, b) => a.weight - b.weight);
      equal(
        await popAll(topics, "topic", 5),
        order.map(({ id }) => id),
        "popped",
      );
    },
  },
  {
    id: "T-31",
    title: "pop returns equal weights by id, whatever the order in which they were pushed",
    async run({ store: topics }) {
      for (const number of [3, 1, 300, 4, 2, 17, 16, 256, 255]) await topics.push([entry(number, { weight: 3 })]);
      await topics.push([entry(9, { weight: 3 }), entry(5, { weight: 3 })]);
      equal(await popAll(topics, "topic", 4), [1, 2, 3, 4, 5, 9, 16, 17, 255, 256, 300].map(testId), "popped");
    },
  },
  {
    id: "T-32",
    title: "pop takes out what it returns, at most `limit` entries",
    async run({ store: topics }) {
      await topics.push([1, 2, 3, 4, 5].map((number) => entry(number)));
      equal(await topics.pop("topic", 1), [testId(1)], "one");
      equal(await topics.pop("topic", 2), [testId(2), testId(3)], "two");
      equal(await infos(topics), [["topic", 2, 0, false]], "topics");
      equal(await topics.pop("topic", 100), [testId(4), testId(5)], "the rest");
      equal(await topics.pop("topic", 100), [], "nothing is left");
    },
  },
  {
    id: "T-33",
    title: "pop returns entries of its own topic only, and none that are delayed",
    async run({ store: topics }) {
      await topics.push([
        entry(1, { topic: "b" }),
        entry(2, { topic: "a", at: 0 }),
        entry(3, { topic: "a" }),
        entry(4, { topic: "ab" }),
      ]);
      equal(await topics.pop("a", 10), [testId(3)], "a");
      equal(
        await infos(topics),
        [
          ["a", 0, 1, false],
          ["ab", 1, 0, false],
          ["b", 1, 0, false],
        ],
        "topics",
      );
    },
  },
  {
    id: "T-34",
    title: "entries that are pushed between pops come out where they belong",
    async run({ store: topics }) {
      await topics.push([2, 4, 6].map((number) => entry(number)));
      equal(await topics.pop("topic", 1), [testId(2)], "first");
      await topics.push([entry(1), entry(5), entry(7, { weight: -1 })]);
      equal(await topics.pop("topic", 2), [testId(7), testId(1)], "second");
      await topics.push([entry(3)]);
      equal(await popAll(topics, "topic"), [3, 4, 5, 6].map(testId), "rest");
    },
  },
  {
    id: "T-35",
    title: "popDue returns what is due at that instant or earlier, and nothing else",
    async run({ store: topics }) {
      await topics.push([
        entry(1, { at: TEST_NOW - 1 }),
        entry(2, { at: TEST_NOW }),
        entry(3, { at: TEST_NOW + 1 }),
        entry(4),
      ]);
      equal(await topics.popDue(TEST_NOW - 2, 10), [], "before");
      equal(await topics.popDue(TEST_NOW, 10), [testId(1), testId(2)], "at the instant");
      equal(await topics.popDue(TEST_NOW, 10), [], "once");
      equal(await infos(topics), [["topic", 1, 1, false]], "topics");
      equal(await topics.popDue(TEST_NOW + 1_000, 10), [testId(3)], "later");
    },
  },
  {
    id: "T-36",
    title: "popDue returns the earliest first, over all topics, at most `limit`",
    async run({ store: topics }) {
      const delays = [50, 7, 400, 1, 33, 256, 90, 0];
      await topics.push(
        delays.map((ms, index) => entry(index + 1, { topic: `topic ${index % 3}`, weight: -ms, at: TEST_NOW + ms })),
      );
      const order = delays
        .map((ms, index) => ({ ms, id: testId(index + 1) }))
        .sort((a, b) => a.ms - b.ms)
        .map(({ id }) => id);
      equal(await topics.popDue(TEST_NOW + 1_000, 3), order.slice(0, 3), "three");
      equal(await topics.popDue(TEST_NOW + 1_000, 1), order.slice(3, 4), "one");
      equal(await topics.popDue(TEST_NOW + 1_000, 100), order.slice(4), "the rest");
      equal(await infos(topics), [], "topics");
    },
  },
  {
    id: "T-37",
    title: "nextDueAt is the earliest instant of a delayed entry",
    async run({ store: topics }) {
      equal(await topics.nextDueAt(), undefined, "empty");
      await topics.push([entry(1)]);
      equal(await topics.nextDueAt(), undefined, "nothing delayed");
      await topics.push([
        entry(2, { at: TEST_NOW + 50 }),
        entry(3, { at: TEST_NOW + 20, topic: "other" }),
        entry(4, { at: TEST_NOW + 90 }),
      ]);
      equal(await topics.nextDueAt(), TEST_NOW + 20, "three delayed");
      await topics.remove([testId(3)]);
      equal(await topics.nextDueAt(), TEST_NOW + 50, "after a removal");
      await topics.popDue(TEST_NOW + 50, 1);
      equal(await topics.nextDueAt(), TEST_NOW + 90, "after a pop");
      await topics.push([entry(4)]);
      equal(await topics.nextDueAt(), undefined, "once all are ready");
      await topics.push([entry(5, { at: 0 })]);
      equal(await topics.nextDueAt(), 0, "long ago");
    },
  },
  {
    id: "T-38",
    title: "topics counts ready and delayed entries, and an empty topic leaves no trace",
    async run({ store: topics }) {
      equal(await topics.topics(), [], "empty");
      await topics.push([
        entry(1),
        entry(2),
        entry(3, { at: TEST_NOW }),
        entry(4, { topic: "ready" }),
        entry(5, { topic: "delayed", at: TEST_NOW }),
      ]);
      equal(
        await infos(topics),
        [
          ["delayed", 0, 1, false],
          ["ready", 1, 0, false],
          ["topic", 2, 1, false],
        ],
        "topics",
      );
      await topics.pop("ready", 1);
      equal(
        await infos(topics),
        [
          ["delayed", 0, 1, false],
          ["topic", 2, 1, false],
        ],
        "after pop",
      );
      await topics.popDue(TEST_NOW, 5);
      equal(await infos(topics), [["topic", 2, 0, false]], "after popDue");
      await topics.remove([testId(1), testId(2)]);
      equal(await topics.topics(), [], "after remove");
    },
  },
  {
    id: "T-39",
    title: "topics of any text are kept apart",
    async run({ store: topics }) {
      const names = [...UNUSUAL, ...ALIKE];
      await topics.push(
        names.flatMap((topic, index) => [entry(index + 1, { topic }), entry(index + 501, { topic, at: TEST_NOW })]),
      );
      const byName = [...names].sort().map((topic) => [topic, 1, 1, false] as const);
      equal(await infos(topics), byName, "topics");
      for (const [index, topic] of names.entries()) {
        equal(await topics.pop(topic, 10), [testId(index + 1)], `topic ${JSON.stringify(topic)}`);
      }
      equal(
        (await topics.popDue(TEST_NOW, 100)).sort(),
        names.map((_, index) => testId(index + 501)),
        "due",
      );
      equal(await topics.topics(), [], "topics at the end");
    },
  },
];
