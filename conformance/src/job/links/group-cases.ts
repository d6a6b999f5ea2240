import type { Change, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal, holds } from "../../check.ts";
import { change, insert, put } from "../../commit.ts";
import { testId, testJob, testJobs } from "../../test-job.ts";
import { sorted } from "../model/tally.ts";

const id = testId;
const ROUNDS = 12;
const MANY_MEMBERS = 10_000;

const reserve = (number: number): Change => ({ type: "reserve", id: id(number), by: "holder" });
const cancel = (number: number): Change => ({ type: "cancel", id: id(number), reason: "canceled" });

const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map((job) => job.id);
const anyLive = async (jobs: JobRepository, group: string) =>
  (await jobs.find({ group, live: true, limit: 1 })).length > 0;

type Handles = readonly [JobRepository, JobRepository];

/** Those who end the last members of a group and then look see that none is live: at least one of those who look. */
async function lastMembers([jobs, other]: Handles): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    const group = `group ${round}`;
    const members = [round * 10, round * 10 + 1];
    await insert(jobs, ...members.map((number) => testJob(number, { group })));
    const looks = await Promise.all(
      [jobs, other].map(async (handle, index) => {
        await put(handle, { apply: [cancel(members[index] as number)] });
        return anyLive(handle, group);
      }),
    );
    holds(looks.includes(false), `somebody sees that no member is live in round ${round}`);
  }
}

/** Groups: jobs that are waited for together. */
export const groupCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-193",
    title: "the members of a group are found and counted by what they are now, and none is live once all have ended",
    async run({ store: jobs }) {
      const group = "group";
      const members = [1, 2, 3, 4].map((number) => testJob(number, { group, topic: number % 2 ? "a" : "b" }));
      await insert(jobs, ...members, testJob(5, { group: "Group" }), testJob(6));
      const live = async () => idsOf(await jobs.find({ group, live: true, limit: 9 }));
      const counts = async () =>
        sorted(await jobs.tally(group)).map(({ topic, state, count }) => `${topic} ${state} ${count}`);
      equal([await live(), await counts()], [[1, 2, 3, 4].map(id), ["a ready 2", "b ready 2"]], "at first");
      await put(jobs, { apply: [reserve(1), cancel(2)] });
      equal(
        [await live(), await counts()],
        [[1, 3, 4].map(id), ["a ready 1", "a reserved 1", "b canceled 1", "b ready 1"]],
        "later",
      );
      await put(jobs, { apply: [{ type: "done", id: id(1), token: 1 }, cancel(3)], remove: [id(4)] });
      equal([await live(), await anyLive(jobs, group)], [[], false], "once all have ended");
      equal(await counts(), ["a canceled 1", "a done 1", "b canceled 1"], "counts then");
      equal(idsOf(await jobs.find({ group, limit: 9 })), [1, 2, 3].map(id), "members then");
      await change(jobs, { type: "reset", id: id(2) });
      equal(
        [await live(), await anyLive(jobs, "none"), await jobs.tally("none")],
        [[id(2)], false, []],
        "a reset member",
      );
      equal(await anyLive(jobs, "Group"), true, "another group");
    },
  },
  {
    id: "J-194",
    title: "a group of 10,000 is counted, and whether any member is live is told",
    async run({ store: jobs }) {
      const group = "group";
      const all = testJobs(MANY_MEMBERS, 1, { group });
      await insert(jobs, ...all, testJob(MANY_MEMBERS + 1));
      equal(await jobs.tally(group), [{ topic: "topic", state: "ready", count: MANY_MEMBERS }], "tally");
      const ends = all.map(({ id: member }): Change => ({ type: "cancel", id: member, reason: "canceled" }));
      for (let from = 0; from < ends.length; from += 1_000) {
        equal(await anyLive(jobs, group), true, `any live before the end of ${from}`);
        await put(jobs, { apply: ends.slice(from, from + 1_000) });
      }
      equal(await anyLive(jobs, group), false, "any live at the end");
      equal(await jobs.tally(group), [{ topic: "topic", state: "canceled", count: MANY_MEMBERS }], "tally at the end");
      equal((await jobs.find({ group, limit: MANY_MEMBERS + 1 })).length, MANY_MEMBERS, "members");
    },
  },
  {
    id: "J-195",
    title: "find tells which jobs wait for the end of a group: those that are suspended and not yet woken",
    async run({ store: jobs }) {
      const suspend = (number: number, awaits: string): Change => ({
        type: "suspend",
        id: id(number),
        token: 1,
        awaits,
      });
      const waiting = async (query: object = {}) =>
        (await jobs.find({ awaitsGroup: true, limit: 9, ...query })).map((job) => [job.id, job.awaits]);
      await insert(jobs, ...testJobs(6), testJob(7, { state: "delayed", awaits: "given" }));
      await put(jobs, { apply: [...[1, 2, 3, 4, 5].map(reserve), suspend(3, "a"), suspend(1, "b"), suspend(2, "")] });
      await put(jobs, {
        apply: [{ type: "wake", id: id(4) }, suspend(4, "c"), { type: "release", id: id(5), token: 1 }],
      });
      equal(
        await waiting(),
        [
          [id(1), "b"],
          [id(3), "a"],
          [id(7), "given"],
        ],
        "suspended",
      );
      equal(await waiting({ after: id(1), limit: 1 }), [[id(3), "a"]], "a page");
      await put(jobs, { apply: [{ type: "wake", id: id(3) }, cancel(1)] });
      equal(await waiting(), [[id(7), "given"]], "after a wake and an end");
    },
  },
  {
    id: "J-211",
    title: "of those that end the last members of a group at once and look, one sees that none is live",
    run: ({ store }) => lastMembers([store, store]),
  },
  {
    id: "J-212",
    title: "of two handles that end the last members of a group at once and look, one sees that none is live",
    needs: "shared",
    run: async ({ store, second }) => lastMembers([store, await second()]),
  },
];
