import type { QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal } from "../check.ts";
import { change, insert, put } from "../commit.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";
import { entriesFollow, idsOf, reserve } from "./follow.ts";

const delayed = (number: number, ms: number) => testJob(number, { state: "delayed", runAt: TEST_NOW + ms });

/** What handles on one store see of each other: nothing may be remembered that somebody else can change. */
export const handleCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-31",
    title:
      "a handle that found nothing to reserve, or knows what comes next, gets what another handle made of it since",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      for (const number of [11, 12]) {
        equal(await reserve(other, 5), [], `nothing before insert ${number}`);
        await insert(store, testJob(number));
        equal(idsOf(await reserve(other, 5)), [testId(number)], `after insert ${number}`);
      }
      await insert(store, ...testJobs(6, 21));
      equal(idsOf(await reserve(other, 2)), [21, 22].map(testId), "the first of several");
      await change(store, { type: "release", id: testId(11), token: 1 });
      await insert(store, testJob(20, { weight: -1 }));
      equal(idsOf(await reserve(other, 2)), [20, 11].map(testId), "what came in front since");
      await change(store, { type: "cancel", id: testId(23), reason: "canceled" });
      await put(store, { remove: [testId(24)] });
      equal(idsOf(await reserve(other, 1)), [testId(25)], "without what has gone since");
      equal(idsOf(await reserve(store, 5)), [testId(26)], "the last");
      equal(await reserve(other, 5), [], "nothing is left");
      await change(store, { type: "reset", id: testId(23) });
      await change(store, { type: "retry", id: testId(12), token: 1 });
      equal(idsOf(await reserve(other, 5)), [12, 23].map(testId), "what came back since");
      await entriesFollow(other, "at the end");
    },
  },
  {
    id: "P-32",
    title: "a handle that found nothing due, or no lease that ended, gets what another handle made of it since",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      const due = async (ms: number) => idsOf(await other.promote(TEST_NOW + ms, 5));
      const ended = async (ms: number) => idsOf(await other.expire(TEST_NOW + ms, 5));
      equal([await due(0), await ended(0)], [[], []], "nothing");
      await insert(store, delayed(1, 50), testJob(2, { timeoutMs: 50 }));
      equal(idsOf(await reserve(store, 5)), [testId(2)], "reserved");
      equal([await due(20), await ended(20)], [[], []], "not yet");
      await insert(store, delayed(3, 10), testJob(4, { timeoutMs: 10 }));
      await reserve(store, 5);
      equal([await due(20), await ended(20)], [[testId(3)], [testId(4)]], "sooner than what was known");
      await change(store, { type: "cancel", id: testId(1), reason: "canceled" });
      await change(store, { type: "extend", id: testId(2), token: 1, until: TEST_NOW + 90 });
      equal([await due(60), await ended(60)], [[], []], "gone, and extended");
      await insert(store, delayed(5, 60));
      equal([await due(90), await ended(90)], [[testId(5)], [testId(2)]], "once more");
      await entriesFollow(other, "at the end");
    },
  },
  {
    id: "P-33",
    title: "a topic that one handle pauses or resumes is so for the other at once",
    needs: "shared",
    async run({ store, second }) {
      const other = await second();
      await insert(store, ...testJobs(4));
      equal(idsOf(await reserve(other, 1)), [testId(1)], "while it runs");
      await store.topics.pause("topic", true);
      equal(await reserve(other, 1), [], "paused");
      await other.topics.pause("topic", true);
      await store.topics.pause("topic", false);
      equal(idsOf(await reserve(other, 1)), [testId(2)], "resumed once, paused twice");
      await other.topics.pause("topic", true);
      equal(await reserve(store, 1), [], "paused by the other");
      await store.topics.pause("topic", false);
      equal(idsOf(await reserve(store, 5)), [3, 4].map(testId), "resumed by who did not pause");
    },
  },
];
