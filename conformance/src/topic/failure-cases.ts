import type { TopicRepository } from "@jobq/core";
import type { CaseContext, Fact } from "../case.ts";
import { equal, holds, isEqual } from "../check.ts";
import { despiteFailures, despiteLosses } from "../failing.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import type { Fate } from "../write-faults.ts";
import { entry, infos, popAll } from "./entries.ts";

const id = testId;
const due = (number: number, ms: number) => entry(number, { at: TEST_NOW + ms });

/** What the topics are: topic, ready, delayed, paused; and the earliest instant, in milliseconds from that of the tests. */
type View = readonly [infos: Awaited<ReturnType<typeof infos>>, next: number | undefined];

/** A call, what it returns, and what the topics are after it. */
type Step = readonly [what: string, call: (topics: TopicRepository) => Promise<unknown>, answer: unknown, after: View];

const STEPS: readonly Step[] = [
  [
    "a push",
    (topics) => topics.push([entry(1), entry(2, { weight: -1 }), due(3, 50), due(4, 60), entry(5, { topic: "other" })]),
    undefined,
    [
      [
        ["other", 1, 0, false],
        ["topic", 2, 2, false],
      ],
      50,
    ],
  ],
  [
    "a push that moves",
    (topics) => topics.push([entry(2, { weight: 5 }), due(4, 10), entry(5), entry(6)]),
    undefined,
    [[["topic", 4, 2, false]], 10],
  ],
  ["a pop", (topics) => topics.pop("topic", 2), [id(1), id(5)], [[["topic", 2, 2, false]], 10]],
  ["a pause", (topics) => topics.pause("topic", true), undefined, [[["topic", 2, 2, true]], 10]],
  ["a pop of what is due", (topics) => topics.popDue(TEST_NOW + 50, 1), [id(4)], [[["topic", 2, 1, true]], 50]],
  ["a removal", (topics) => topics.remove([id(3), id(9)]), undefined, [[["topic", 2, 0, true]], undefined]],
  ["a resumption", (topics) => topics.pause("topic", false), undefined, [[["topic", 2, 0, false]], undefined]],
  ["another pop", (topics) => topics.pop("topic", 1), [id(6)], [[["topic", 1, 0, false]], undefined]],
  ["the last pop", (topics) => topics.pop("topic", 5), [id(2)], [[], undefined]],
];

async function viewOf(topics: TopicRepository): Promise<View> {
  const next = await topics.nextDueAt();
  return [await infos(topics), next === undefined ? undefined : next - TEST_NOW];
}

/** What somebody else does, which leaves nothing. */
async function somethingElse(topics: TopicRepository, when: string): Promise<void> {
  await topics.push([entry(90, { topic: "probe" }), entry(91, { topic: "probe", at: TEST_NOW })]);
  equal(await topics.pop("probe", 5), [id(90)], `${when}, another pop`);
  await topics.remove([id(91)]);
}

/** Makes the calls to a repository whose writes fail one at a time. */
async function tell({ store: topics, failAt, reopen }: CaseContext<TopicRepository>, fate: Fate): Promise<void> {
  let view: View = [[], undefined];
  let failures = 0;
  for (const [what, call, expected, after] of STEPS) {
    const before = view;
    const look = async (when: string): Promise<boolean> => {
      failures += 1;
      const isThere = fate === "stored" && !isEqual(await viewOf(topics), before);
      equal(await viewOf(topics), isThere ? after : before, when);
      await somethingElse(topics, when);
      equal(await viewOf(topics), isThere ? after : before, `${when}, and other calls`);
      return isThere;
    };
    const told = await despiteFailures(what, [failAt, fate], () => call(topics), look);
    if ("answer" in told) equal(told.answer, expected, `the answer of ${what}`);
    equal(await viewOf(topics), after, `after ${what}`);
    view = after;
  }
  holds(failures > 0, "a write fails when it is told to");
  await topics.push([entry(7), due(8, 5)]);
  const last = topics.capabilities.durable ? await reopen() : topics;
  equal(await viewOf(last), [[["topic", 1, 1, false]], 5], "at the end");
}

/** Writes that fail: what was refused is nowhere, and what was under way may be asked for again. */
export const failureCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-70",
    title: "of a call whose write fails nothing shows, nor after other calls; the same call then succeeds",
    needs: "failAt",
    run: (context) => tell(context, "lost"),
  },
  {
    id: "T-71",
    title: "of a call whose write is stored, though it fails, everything or nothing shows",
    needs: "failAt",
    run: (context) => tell(context, "stored"),
  },
  {
    id: "T-72",
    title: "of pushes made at once, one of which fails, those that were acknowledged are there, and no other",
    needs: "failAt",
    async run({ store: topics, failAt }) {
      const numbers = [1, 2, 3];
      const calls = () => numbers.map((number) => topics.push([entry(number)]));
      await despiteLosses(failAt, calls, async (isDone, write) => {
        const pushed = numbers.filter((_, index) => isDone[index]);
        equal(await infos(topics), pushed.length ? [["topic", pushed.length, 0, false]] : [], `after write ${write}`);
        equal(await popAll(topics, "topic"), pushed.map(id), `what can be popped after write ${write}`);
      });
    },
  },
];
