import { isFinal, type QueueStore } from "@jobq/core";
import type { Fact } from "../case.ts";
import { equal, holds } from "../check.ts";
import { change, insert, put } from "../commit.ts";
import { populate } from "../job/model/find-world.ts";
import { TEST_NOW, testId, testJob, testJobs } from "../test-job.ts";
import { entriesFollow, idsOf, isFused, recover, reserve } from "./follow.ts";

const delayed = (number: number, ms: number) => testJob(number, { state: "delayed", runAt: TEST_NOW + ms });

/** What a death between the two repositories leaves, and what heals it. */
export const recoveryCases: readonly Fact<QueueStore>[] = [
  {
    id: "P-80",
    title: "a recovery where nothing was lost changes nothing",
    async run({ store }) {
      await populate(store);
      await insert(store, testJob(100, { weight: -1 }), testJob(101, { state: "delayed", blockers: [testId(1)] }));
      const jobs = await store.jobs.find({ limit: 200 });
      const pages = await recover(store, 10);
      await entriesFollow(store, "after the recovery");
      equal(await store.jobs.find({ limit: 200 }), jobs, "jobs");
      if (isFused(store)) equal(pages, [], "pages of a store that cannot lose entries");
      else
        holds(
          pages.every((count) => count <= 10),
          `pages of at most 10 jobs, got ${pages}`,
        );
      equal(idsOf(await reserve(store, 1)), [testId(100)], "reserved first");
    },
  },
  {
    id: "P-81",
    title: "jobs that were stored without an entry are reserved and promoted after a recovery",
    async run({ store }) {
      if (isFused(store)) return; // one step stores both
      await insert(
        store.jobs,
        ...testJobs(25),
        delayed(26, 5),
        delayed(27, 9),
        testJob(28, { state: "delayed", blockers: [testId(1)] }),
      );
      await insert(store.jobs, testJob(29, { weight: -1, topic: "other" }));
      equal(await reserve(store, 50), [], "before");
      const pages = await recover(store, 10);
      equal(
        pages.reduce((sum, count) => sum + count, 0),
        29,
        "jobs on all pages",
      );
      await entriesFollow(store, "after the recovery");
      equal(
        idsOf(await reserve(store, 50)),
        testJobs(25).map(({ id }) => id),
        "reserved",
      );
      equal(idsOf(await store.promote(TEST_NOW + 5, 50)), [testId(26)], "promoted");
    },
  },
  {
    id: "P-82",
    title: "entries that were popped without a reservation or promotion are back after a recovery",
    async run({ store }) {
      if (isFused(store)) return; // one step does both
      await insert(store, ...testJobs(4), delayed(5, 0));
      equal((await store.topics.pop("topic", 3)).length, 3, "popped");
      equal(await store.topics.popDue(TEST_NOW, 3), [testId(5)], "popped as due");
      await recover(store, 100);
      await entriesFollow(store, "after the recovery");
      equal(idsOf(await store.promote(TEST_NOW, 5)), [testId(5)], "promoted");
      equal(idsOf(await reserve(store, 10)), [1, 2, 3, 4, 5].map(testId), "reserved");
    },
  },
  {
    id: "P-83",
    title: "a job that is settled, retried or expired without its entry following is right after a recovery",
    async run({ store }) {
      if (isFused(store)) return; // one step does both
      await insert(store, ...testJobs(3));
      await reserve(store, 3);
      await change(store.jobs, { type: "retry", id: testId(1), token: 1, at: TEST_NOW + 5 });
      await change(store.jobs, { type: "release", id: testId(2), token: 1 });
      await change(store.jobs, { type: "expire", id: testId(3) }, TEST_NOW + 30_000);
      await recover(store, 1);
      await entriesFollow(store, "after the recovery");
      equal(idsOf(await reserve(store, 10)), [2, 3].map(testId), "reserved");
    },
  },
  {
    id: "P-84",
    title: "a recovery while jobs come, go and are reserved loses none and returns none twice",
    async run({ store }) {
      await insert(store, ...testJobs(40));
      const reserved = idsOf(await reserve(store, 5));
      const walk = recover(store, 3);
      for (let number = 41; number <= 50; number += 1) {
        reserved.push(...idsOf(await reserve(store, 2)));
        await insert(store, testJob(number));
        if (number === 45) await change(store, { type: "cancel", id: testId(40), reason: "canceled" });
      }
      await walk;
      reserved.push(...idsOf(await reserve(store, 100)));
      const expected = testJobs(50)
        .map(({ id }) => id)
        .filter((id) => id !== testId(40));
      equal(reserved.sort(), expected, "reserved");
      await entriesFollow(store, "at the end");
    },
  },
  {
    id: "P-85",
    title: "after a reopening and a recovery every job is where it was",
    needs: "durable",
    async run({ store, reopen }) {
      await populate(store);
      const jobs = await store.jobs.find({ limit: 200 });
      const again = await reopen();
      if (isFused(again)) await entriesFollow(again, "before the recovery");
      await recover(again, 10);
      equal(await again.jobs.find({ limit: 200 }), jobs, "jobs");
      await entriesFollow(again, "after the recovery");
      const due = jobs.filter(({ state }) => state === "delayed");
      equal(idsOf(await again.promote(TEST_NOW + 1_000, 200)).sort(), idsOf(due), "promoted");
      const open = jobs.filter(({ state, topic }) => !isFinal(state) && state !== "reserved" && topic === "a");
      equal(idsOf(await reserve(again, 200, "a")), idsOf(open), "reserved");
      const held = jobs.filter(({ state }) => state === "reserved");
      equal(idsOf(await again.expire(TEST_NOW + 5_000, 200)).sort(), idsOf(held), "expired");
    },
  },
  {
    id: "P-86",
    title: "a reservation outlives a reopening: its token holds, and its lease ends when it said",
    needs: "durable",
    async run({ store, reopen }) {
      await insert(store, testJob(1), testJob(2));
      await reserve(store, 2);
      const again = await reopen();
      await recover(again, 10);
      equal(await reserve(again, 5), [], "reserve");
      equal((await change(again, { type: "done", id: testId(1), token: 1 })).state, "done", "the holder");
      equal(idsOf(await again.expire(TEST_NOW + 30_000, 5)), [testId(2)], "expired");
      await put(again, { remove: [testId(1)] });
      equal(idsOf(await reserve(again, 5)), [testId(2)], "reserved again");
    },
  },
  {
    id: "P-88",
    title: "a job that cannot be read takes down neither recovery nor claims, promotion or the ends of leases",
    needs: "damage",
    async run({ store, damage }) {
      await insert(store, ...testJobs(3), ...[11, 12, 13].map((number) => delayed(number, 0)));
      await insert(store, ...testJobs(3, 21, { topic: "held" }));
      await reserve(store, 3, "held");
      let left = store;
      for (const number of [2, 12, 22]) left = await damage(testId(number));
      await recover(left, 1); // a page that is less than full would end it
      equal(idsOf(await left.promote(TEST_NOW, 10)).sort(), [11, 13].map(testId), "promoted");
      equal(idsOf(await left.expire(TEST_NOW + 30_000, 10)).sort(), [21, 23].map(testId), "expired");
      for (const number of [1, 3, 11, 13]) equal(idsOf(await reserve(left, 1)), [testId(number)], "reserved");
      equal(idsOf(await reserve(left, 5, "held")), [21, 23].map(testId), "reserved again");
    },
  },
];
