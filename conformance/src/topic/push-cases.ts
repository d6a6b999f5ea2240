import type { TopicEntry, TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { entry, infos, popAll } from "./entries.ts";

/** Pushing moves, and removing drops. */
export const pushCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-10",
    title: "an entry that is pushed again has one place",
    async run({ store: topics }) {
      await topics.push([entry(1), entry(2)]);
      await topics.push([entry(1)]);
      await topics.push([entry(2), entry(2)]);
      equal(await infos(topics), [["topic", 2, 0, false]], "topics");
      equal(await popAll(topics, "topic"), [1, 2].map(testId), "popped");
    },
  },
  {
    id: "T-11",
    title: "pushing with another weight moves the entry",
    async run({ store: topics }) {
      await topics.push([entry(1), entry(2), entry(3)]);
      await topics.push([entry(1, { weight: 5 }), entry(3, { weight: -5 })]);
      equal(await infos(topics), [["topic", 3, 0, false]], "topics");
      equal(await popAll(topics, "topic"), [3, 2, 1].map(testId), "popped");
    },
  },
  {
    id: "T-12",
    title: "pushing to another topic moves the entry",
    async run({ store: topics }) {
      await topics.push([entry(1), entry(2)]);
      await topics.push([entry(1, { topic: "other" })]);
      equal(
        await infos(topics),
        [
          ["other", 1, 0, false],
          ["topic", 1, 0, false],
        ],
        "topics",
      );
      equal(await popAll(topics, "topic"), [testId(2)], "the old topic");
      equal(await popAll(topics, "other"), [testId(1)], "the new topic");
    },
  },
  {
    id: "T-13",
    title: "pushing with an instant delays a ready entry, without one makes a delayed entry ready",
    async run({ store: topics }) {
      await topics.push([entry(1), entry(2, { at: TEST_NOW })]);
      await topics.push([entry(1, { at: TEST_NOW + 1 }), entry(2)]);
      equal(await infos(topics), [["topic", 1, 1, false]], "topics");
      equal(await topics.nextDueAt(), TEST_NOW + 1, "next due");
      equal(await popAll(topics, "topic"), [testId(2)], "ready");
      equal(await topics.popDue(TEST_NOW + 1, 10), [testId(1)], "due");
      equal(await infos(topics), [], "topics at the end");
    },
  },
  {
    id: "T-14",
    title: "pushing with another instant moves a delayed entry, sooner or later",
    async run({ store: topics }) {
      await topics.push([entry(1, { at: TEST_NOW + 10 }), entry(2, { at: TEST_NOW + 20 })]);
      await topics.push([entry(1, { at: TEST_NOW + 30 }), entry(2, { at: TEST_NOW + 5 })]);
      equal(await infos(topics), [["topic", 0, 2, false]], "topics");
      equal(await topics.popDue(TEST_NOW + 29, 10), [testId(2)], "due sooner");
      equal(await topics.popDue(TEST_NOW + 30, 10), [testId(1)], "due later");
    },
  },
  {
    id: "T-15",
    title: "of an id that is twice in one push, the last entry counts",
    async run({ store: topics }) {
      await topics.push([
        entry(1, { weight: 9 }),
        entry(2),
        entry(1, { topic: "a" }),
        entry(1, { weight: -1 }),
        entry(2, { at: TEST_NOW }),
      ]);
      equal(await infos(topics), [["topic", 1, 1, false]], "topics");
      equal(await popAll(topics, "topic"), [testId(1)], "ready");
    },
  },
  {
    id: "T-16",
    title: "an entry that was popped can be pushed again",
    async run({ store: topics }) {
      await topics.push([entry(1), entry(2, { at: TEST_NOW })]);
      equal(await topics.pop("topic", 5), [testId(1)], "popped");
      equal(await topics.popDue(TEST_NOW, 5), [testId(2)], "due");
      await topics.push([entry(1), entry(2)]);
      equal(await popAll(topics, "topic"), [testId(1), testId(2)], "popped again");
    },
  },
  {
    id: "T-17",
    title: "remove drops ready and delayed entries and passes over ids that have none",
    async run({ store: topics }) {
      await topics.push([
        entry(1),
        entry(2),
        entry(3, { at: TEST_NOW }),
        entry(4, { at: TEST_NOW + 1 }),
        entry(5, { topic: "other" }),
      ]);
      await topics.remove([1, 3, 5, 5, 99].map(testId));
      equal(await infos(topics), [["topic", 1, 1, false]], "topics");
      equal(await topics.nextDueAt(), TEST_NOW + 1, "next due");
      equal(await popAll(topics, "topic"), [testId(2)], "ready");
      equal(await topics.popDue(TEST_NOW + 1, 5), [testId(4)], "due");
      await topics.push([entry(1), entry(3)]);
      equal(await popAll(topics, "topic"), [testId(1), testId(3)], "pushed again after removal");
    },
  },
  {
    id: "T-18",
    title: "pushing, removing and popping nothing does nothing",
    async run({ store: topics }) {
      await topics.push([entry(1)]);
      await topics.push([]);
      await topics.remove([]);
      equal(await infos(topics), [["topic", 1, 0, false]], "topics");
      equal(await topics.pop("unknown", 5), [], "an unknown topic");
      equal(await infos(topics), [["topic", 1, 0, false]], "topics after the pop");
    },
  },
  {
    id: "T-19",
    title: "an entry may be due when it is pushed, and is delayed until it is popped as due",
    async run({ store: topics }) {
      await topics.push([entry(1, { at: 0 }), entry(2, { at: TEST_NOW })]);
      equal(await topics.pop("topic", 5), [], "pop");
      equal(await infos(topics), [["topic", 0, 2, false]], "topics");
      equal(await topics.popDue(TEST_NOW, 5), [testId(1), testId(2)], "due");
    },
  },
  {
    id: "T-20",
    title: "10,000 entries pushed at once come out in order, 100 at a time",
    async run({ store: topics }) {
      const count = 10_000;
      const weightOf = (index: number) => ((index * 31) % 5) - 2;
      const entries = Array.from(
        { length: count },
        (_, index): TopicEntry => entry(index + 1, { weight: weightOf(index) }),
      );
      await topics.push([...entries].reverse());
      equal(await infos(topics), [["topic", count, 0, false]], "topics");
      const order = [...entries].sort((a, b) => a.weight - b.weight || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
      equal(await popAll(topics, "topic", 100), order, "popped");
      equal(await infos(topics), [], "topics at the end");
    },
  },
  {
    id: "T-22",
    title: "changing what was passed to push changes nothing in the store",
    async run({ store: topics }) {
      const entries = [entry(1), entry(2, { weight: 1 }), entry(3, { at: TEST_NOW })];
      await topics.push(entries);
      for (const one of entries) Object.assign(one, { id: testId(9), topic: "other", weight: -1, at: TEST_NOW + 1 });
      entries.length = 0;
      equal(await infos(topics), [["topic", 2, 1, false]], "topics");
      equal(await topics.nextDueAt(), TEST_NOW, "next due");
      equal(await topics.popDue(TEST_NOW, 5), [testId(3)], "due");
      equal(await popAll(topics, "topic"), [testId(1), testId(2)], "ready");
    },
  },
];
