import type { JobId, Topic, TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal, holds } from "../check.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { entry, infos, popAll } from "./entries.ts";

const numbers = Array.from({ length: 600 }, (_, index) => index + 1);

/** Pops by 24 callers at once, until nobody gets anything. */
async function popTogether(pop: (turn: number) => Promise<JobId[]>): Promise<JobId[]> {
  const callers = Array.from({ length: 24 }, async (_, caller) => {
    const own: JobId[] = [];
    for (let turn = caller; ; turn += 1) {
      const ids = await pop(turn);
      if (ids.length === 0) return own;
      own.push(...ids);
      holds(own.length <= numbers.length, "pops come to an end");
    }
  });
  return (await Promise.all(callers)).flat();
}

async function eachOnce(handles: readonly TopicRepository[]): Promise<void> {
  const [topics] = handles as readonly [TopicRepository];
  const handle = (turn: number) => handles[turn % handles.length] as TopicRepository;
  await topics.push(numbers.map((number) => entry(number)));
  equal((await popTogether((turn) => handle(turn).pop("topic", 7))).sort(), numbers.map(testId), "popped");
  await topics.push(numbers.map((number) => entry(number, { at: TEST_NOW - (number % 10) })));
  equal((await popTogether((turn) => handle(turn).popDue(TEST_NOW, 7))).sort(), numbers.map(testId), "popped as due");
  equal(await infos(topics), [], "topics");
}

/** Six callers push, six pop at the same time. */
async function pushAndPop(handles: readonly TopicRepository[]): Promise<void> {
  const [topics, other] = [handles[0] as TopicRepository, handles.at(-1) as TopicRepository];
  const callers = [0, 1, 2, 3, 4, 5];
  const pushes = callers.map(async (caller) => {
    const own = numbers.filter((number) => number % 6 === caller);
    for (const number of own) await topics.push([entry(number, { weight: number % 3 })]);
  });
  const pops = callers.map(async () => {
    const own: JobId[] = [];
    for (let turn = 0; turn < 60; turn += 1) own.push(...(await other.pop("topic", 2)));
    return own;
  });
  await Promise.all(pushes);
  const popped = [...(await Promise.all(pops)).flat(), ...(await popAll(topics, "topic"))];
  equal(popped.sort(), numbers.map(testId), "popped");
}

/** Calls that are under way at the same time, here and in other processes. */
export const raceCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-60",
    title: "concurrent pops never return the same id, and together they return all",
    run: ({ store }) => eachOnce([store]),
  },
  {
    id: "T-61",
    title: "entries that are pushed while others pop come out once",
    run: ({ store }) => pushAndPop([store]),
  },
  {
    id: "T-62",
    title: "concurrent pushes of one id leave one entry",
    async run({ store: topics }) {
      await Promise.all(
        numbers.slice(0, 60).map((number) => topics.push([entry(1, { topic: `topic ${number % 4}`, weight: number })])),
      );
      const list = await infos(topics);
      equal(
        list.map(([, ready]) => ready),
        [1],
        "topics",
      );
      equal(await popAll(topics, list[0]?.[0] as string), [testId(1)], "popped");
    },
  },
  {
    id: "T-63",
    title: "concurrent pops through two handles never return the same id, and together they return all",
    needs: "shared",
    run: async ({ store, second }) => eachOnce([store, await second()]),
  },
  {
    id: "T-64",
    title: "entries that one handle pushes while the other pops come out once",
    needs: "shared",
    run: async ({ store, second }) => pushAndPop([store, await second()]),
  },
  {
    id: "T-65",
    title: "what one handle pushes, removes and pauses, the other sees",
    needs: "shared",
    async run({ store: topics, second }) {
      const other = await second();
      await topics.push([entry(1), entry(2), entry(3, { at: TEST_NOW })]);
      await topics.remove([testId(1)]);
      equal(await infos(other), [["topic", 1, 1, false]], "topics");
      equal(await other.nextDueAt(), TEST_NOW, "next due");
      await other.pause("topic", true);
      equal(await topics.pop("topic", 5), [], "paused by the other");
      await topics.pause("topic", false);
      equal(await other.pop("topic", 5), [testId(2)], "popped by the other");
      equal(await infos(topics), [["topic", 0, 1, false]], "topics at the end");
    },
  },
  {
    id: "T-66",
    title: "onPush, where there is one, tells of another handle's push until it is taken back",
    needs: "shared",
    async run({ store: topics, second }) {
      if (!topics.onPush) return;
      const other = await second();
      const first: Topic[] = [];
      const later: Topic[] = [];
      const stop = topics.onPush((topic) => first.push(topic));
      // Listening may begin a little later, and a hint may be lost: push until one is heard.
      for (let round = 0; first.length === 0 && round < 2_000; round += 1) {
        await other.push([entry(1)]);
        await topics.pop("none", 1);
      }
      holds(first.includes("topic"), "a listener hears of a push through another handle");
      stop();
      const heard = first.length;
      const stopLater = topics.onPush((topic) => later.push(topic));
      for (let round = 0; later.length === 0 && round < 2_000; round += 1) {
        await other.push([entry(2)]);
        await topics.pop("none", 1);
      }
      stopLater();
      equal(
        [first.length, later.includes("topic")],
        [heard, true],
        "the listener that was taken back, and the later one",
      );
    },
  },
];
