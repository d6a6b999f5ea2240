import { type JobRepository, systemClock, type TopicRepository } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { TEST_NOW, testId } from "../test-job.ts";
import { entry, infos, popAll } from "./entries.ts";

const nowhere = (): Promise<never> => Promise.reject(new Error("this job repository lives nowhere"));

/** A job repository that shares no database with anybody. */
const stranger: JobRepository = {
  capabilities: { durable: false, shared: false },
  clock: systemClock,
  commit: nowhere,
  get: nowhere,
  find: nowhere,
  nextLeaseEndAt: nowhere,
  slots: nowhere,
  tally: nowhere,
  notes: nowhere,
  close: () => Promise.resolve(),
};

/** Opening, closing and what the repository says of itself. */
export const lifetimeCases: readonly Fact<TopicRepository>[] = [
  {
    id: "T-01",
    title: "the capabilities are two booleans",
    async run({ store: topics }) {
      const { durable, shared } = topics.capabilities;
      equal([typeof durable, typeof shared], ["boolean", "boolean"], "capabilities");
    },
  },
  {
    id: "T-02",
    title: "a new store is empty",
    async run({ store: topics }) {
      equal(await topics.topics(), [], "topics");
      equal(await topics.nextDueAt(), undefined, "next due");
      equal(await topics.pop("topic", 1), [], "pop");
      equal(await topics.popDue(TEST_NOW, 1), [], "popDue");
    },
  },
  {
    id: "T-03",
    title: "a second close does nothing",
    async run({ store: topics }) {
      await topics.push([entry(1)]);
      await topics.close();
      await topics.close();
    },
  },
  {
    id: "T-04",
    title: "close waits for what is under way",
    async run({ store: topics }) {
      await topics.push([entry(1)]);
      const work = [
        topics.push([entry(2)]),
        topics.pop("topic", 1),
        topics.push([entry(3, { at: TEST_NOW })]),
        topics.topics(),
      ];
      const settled = Promise.allSettled(work);
      await topics.close();
      equal(
        (await settled).map(({ status }) => status),
        work.map(() => "fulfilled"),
        "what was under way",
      );
    },
  },
  {
    id: "T-05",
    title: "entries and pauses are there again when the store is opened again",
    needs: "durable",
    async run({ store: topics, reopen }) {
      await topics.push([3, 1, 2].map((number) => entry(number, { weight: number % 2 })));
      await topics.push([
        entry(4, { at: TEST_NOW }),
        entry(5, { at: TEST_NOW + 9 }),
        entry(6),
        entry(7, { topic: "held" }),
      ]);
      await topics.pop("topic", 1);
      await topics.remove([testId(6)]);
      await topics.pause("held", true);
      await topics.pause("empty", true);
      const before = await infos(topics);
      equal(
        before,
        [
          ["empty", 0, 0, true],
          ["held", 1, 0, true],
          ["topic", 2, 2, false],
        ],
        "topics before",
      );
      const again = await reopen();
      equal(await infos(again), before, "topics");
      equal(await again.nextDueAt(), TEST_NOW, "next due");
      equal(await again.pop("held", 5), [], "the paused topic");
      equal(await popAll(again, "topic"), [testId(1), testId(3)], "popped");
      await again.push([entry(5, { at: TEST_NOW })]);
      equal((await again.popDue(TEST_NOW, 5)).sort(), [testId(4), testId(5)], "due, one of them moved");
      await again.pause("held", false);
      const third = await reopen();
      equal(
        await infos(third),
        [
          ["empty", 0, 0, true],
          ["held", 1, 0, false],
        ],
        "what was done after the reopening",
      );
    },
  },
  {
    id: "T-06",
    title: "a push that close waited for is there when the store is opened again",
    needs: "durable",
    async run({ store: topics, reopen }) {
      const pushes = Array.from({ length: 20 }, (_, index) => topics.push([entry(index + 1)]));
      await topics.close();
      await Promise.all(pushes);
      equal(await infos(await reopen()), [["topic", 20, 0, false]], "topics");
    },
  },
  {
    id: "T-07",
    title: "fuse, where there is one, returns undefined for a job repository of another database",
    async run({ store: topics }) {
      equal(topics.fuse?.(stranger), undefined, "fused");
    },
  },
];
