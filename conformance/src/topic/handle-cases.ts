import type { TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { entry, infos } from "./entries.ts";

const due = (number: number, ms: number) => entry(number, { at: TEST_NOW + ms });

/** What handles on one store see of each other: nothing may be remembered that somebody else can change. */
export const handleCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-67",
    title: "a handle that found a topic empty, or knows what comes next, gets what another handle made of it since",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      const pop = async (limit: number) =>
        (await other.pop("topic", limit)).map((id) => Number.parseInt(id.slice(-4), 16));
      for (const number of [11, 12, 13]) {
        equal(await pop(5), [], `nothing before push ${number}`);
        await store.push([entry(number)]);
        equal(await pop(5), [number], `after push ${number}`);
      }
      await store.push([21, 22, 23, 24, 25].map((number) => entry(number)));
      equal(await pop(1), [21], "the first of several");
      await store.push([entry(20), entry(30, { weight: -1 })]);
      equal(await pop(2), [30, 20], "what was pushed in front since");
      await store.remove([testId(22)]);
      equal(await pop(1), [23], "without what was removed since");
      equal(await store.pop("topic", 1), [testId(24)], "popped by the other handle");
      await store.push([entry(25, { weight: 5 }), entry(26)]);
      equal(await pop(5), [26, 25], "what was moved since");
      await other.push([entry(31), entry(32)]);
      await store.push([entry(31, { topic: "other" })]);
      equal(await pop(5), [32], "without what went to another topic");
      equal(await other.pop("other", 5), [testId(31)], "the other topic");
    },
  },
  {
    id: "T-68",
    title: "a handle that found nothing due, or knows the next instant, gets what another handle made of it since",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      equal([await other.popDue(TEST_NOW, 5), await other.nextDueAt()], [[], undefined], "nothing");
      await store.push([due(1, 50)]);
      equal([await other.nextDueAt(), await other.popDue(TEST_NOW + 20, 5)], [TEST_NOW + 50, []], "not due yet");
      await store.push([due(2, 20), due(3, 10)]);
      equal([await other.nextDueAt(), await other.popDue(TEST_NOW + 10, 5)], [TEST_NOW + 10, [testId(3)]], "sooner");
      await store.push([due(2, 70)]);
      equal([await other.nextDueAt(), await other.popDue(TEST_NOW + 40, 5)], [TEST_NOW + 50, []], "moved to later");
      equal(await store.popDue(TEST_NOW + 50, 5), [testId(1)], "popped by the other handle");
      equal([await other.nextDueAt(), await other.popDue(TEST_NOW + 60, 5)], [TEST_NOW + 70, []], "after that");
      await store.remove([testId(2)]);
      equal([await other.nextDueAt(), await other.popDue(TEST_NOW + 90, 5)], [undefined, []], "removed");
      await store.push([due(4, 0)]);
      equal([await other.nextDueAt(), await other.popDue(TEST_NOW, 5)], [TEST_NOW, [testId(4)]], "pushed once more");
    },
  },
  {
    id: "T-69",
    title: "counts, topics and pauses that a handle has seen are what another handle made of them since",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      const steps: readonly (readonly [() => Promise<unknown>, Awaited<ReturnType<typeof infos>>])[] = [
        [() => store.push([entry(1), entry(2), due(3, 0)]), [["topic", 2, 1, false]]],
        [() => store.pause("topic", true), [["topic", 2, 1, true]]],
        [
          () => store.push([due(2, 0), entry(4, { topic: "more" })]),
          [
            ["more", 1, 0, false],
            ["topic", 1, 2, true],
          ],
        ],
        [
          () => store.popDue(TEST_NOW, 1),
          [
            ["more", 1, 0, false],
            ["topic", 1, 1, true],
          ],
        ],
        [
          () => store.pause("topic", false),
          [
            ["more", 1, 0, false],
            ["topic", 1, 1, false],
          ],
        ],
        [() => store.pop("more", 1), [["topic", 1, 1, false]]],
        [() => store.remove([1, 2, 3].map(testId)), []],
      ];
      equal(await infos(other), [], "at first");
      for (const [index, [step, expected]] of steps.entries()) {
        await step();
        equal(await infos(other), expected, `after step ${index + 1}`);
      }
      await store.push([entry(1), entry(2), entry(3)]);
      equal(await other.pop("topic", 1), [testId(1)], "while it runs");
      await store.pause("topic", true);
      equal(await other.pop("topic", 1), [], "paused since");
      await store.pause("topic", false);
      equal(await other.pop("topic", 1), [testId(2)], "resumed since");
    },
  },
  {
    id: "T-57",
    title: "a topic that both handles pause is resumed by one of them",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      await store.push([entry(1)]);
      for (const handle of [store, other, store]) await handle.pause("topic", true);
      equal([await store.pop("topic", 1), await other.pop("topic", 1)], [[], []], "paused");
      await other.pause("topic", false);
      equal(await infos(store), [["topic", 1, 0, false]], "topics");
      equal(await store.pop("topic", 1), [testId(1)], "resumed");
    },
  },
];
