import type { TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { rejection } from "../rejection.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { LONGEST_NAME, longTexts, NO_IDS, SPECIAL_IDS } from "../unusual-text.ts";
import { entry, infos } from "./entries.ts";

/** The most entries that a call brings or takes. */
const MAX_ENTRIES = 10_000;

/** Data that is as long, as late or as much as it may be. */
export const extremeCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-40",
    title: "topics of 255 characters are kept apart",
    async run({ store: topics }) {
      const names = longTexts();
      await topics.push(
        names.flatMap((topic, index) => [entry(index + 1, { topic }), entry(index + 51, { topic, at: TEST_NOW })]),
      );
      for (const topic of names.filter((_, index) => index % 2)) await topics.pause(topic, true);
      const expected = names.map((topic, index) => [topic, 1, 1, index % 2 === 1] as const);
      equal(
        await infos(topics),
        expected.sort(([a], [b]) => (a < b ? -1 : 1)),
        "topics",
      );
      for (const [index, topic] of names.entries()) {
        equal(await topics.pop(topic, 10), index % 2 ? [] : [testId(index + 1)], `topic ${index + 1}`);
      }
    },
  },
  {
    id: "T-41",
    title: "entries may be due as late as a Date can tell, and come in the order of their instants",
    async run({ store: topics }) {
      const instants = [1, 2 ** 31 * 1_000, 2 ** 32 * 1_000, 9e12, Date.UTC(10_000, 0, 1), 2 ** 48, 8.64e15];
      await topics.push(instants.map((at, index) => entry(index + 1, { at })).reverse());
      for (const [index, at] of instants.entries()) {
        equal(await topics.nextDueAt(), at, `next due: ${at}`);
        equal(await topics.popDue(at - 1, 10), [], `before ${at}`);
        equal(await topics.popDue(at, 10), [testId(index + 1)], `at ${at}`);
      }
      await topics.push(instants.map((at, index) => entry(index + 1, { at })));
      equal(
        await topics.popDue(8.64e15, 10),
        instants.map((_, index) => testId(index + 1)),
        "all",
      );
    },
  },
  {
    id: "T-42",
    title: "10,000 entries are popped, popped as due and removed by one call each",
    async run({ store: topics }) {
      const numbers = Array.from({ length: MAX_ENTRIES }, (_, index) => index + 1);
      const ids = numbers.map(testId);
      await topics.push(numbers.map((number) => entry(number)));
      equal(await topics.pop("topic", MAX_ENTRIES), ids, "popped");
      await topics.push(numbers.map((number) => entry(number, { at: TEST_NOW + number })));
      equal(await topics.popDue(TEST_NOW + MAX_ENTRIES, MAX_ENTRIES), ids, "popped as due");
      await topics.push(numbers.map((number) => entry(number, number % 2 ? {} : { at: TEST_NOW })));
      await topics.remove(ids);
      equal(await infos(topics), [], "topics once all are removed");
    },
  },
  {
    id: "T-43",
    title: "ids of 1 to 64 printable ASCII characters are told apart, and what is no id is removed nowhere",
    async run({ store: topics }) {
      const all = SPECIAL_IDS.map((id) => ({ ...entry(1), id }));
      await topics.push(all);
      await topics.remove(NO_IDS);
      const ids = [...SPECIAL_IDS].sort((a, b) => (a < b ? -1 : 1));
      equal(await topics.pop("topic", 100), ids, "popped");
      await topics.push(all);
      const [first, ...others] = ids;
      await topics.remove(others);
      equal(await topics.pop("topic", 100), [first], "once the others are removed");
    },
  },
  {
    id: "T-44",
    title: "a push of what is no id, or no name of a topic, is rejected, and nothing of it is stored",
    async run({ store: topics }) {
      for (const id of NO_IDS) {
        equal(await rejection(topics.push([entry(1), { ...entry(2), id }])), "RangeError", JSON.stringify(id));
      }
      for (const topic of ["", "x".repeat(LONGEST_NAME + 1)]) {
        equal(
          await rejection(topics.push([entry(1), entry(2, { topic })])),
          "RangeError",
          `${topic.length} characters`,
        );
      }
      equal(await infos(topics), [], "topics");
    },
  },
];
