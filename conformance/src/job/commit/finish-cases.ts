import type { Change, JobRepository } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { commitAll, insert, put, type UnitParts } from "../../commit.ts";
import { TEST_NOW, testId, testJob } from "../../test-job.ts";
import { sorted } from "../model/tally.ts";

const id = testId;
const ROUNDS = 12;

const reserve = (number: number): Change => ({ type: "reserve", id: id(number), by: "holder" });
const link = (number: number): Change => ({ type: "link", id: id(number) });
const note = (number: number) => ({ id: id(number), kind: "log", key: "1", value: "v", at: TEST_NOW }) as const;

/** Completes a job that was reserved once, and purges it. */
const finish = (number: number, token = 1): UnitParts => ({
  apply: [{ type: "done", id: id(number), token, result: "r" }],
  purge: [id(number)],
});

type Handles = readonly [JobRepository, JobRepository];

/** Who links and who finishes, at once: a job to which a link was stored stays until that is told, any other is gone. */
async function linksAndFinishes([jobs, other]: Handles): Promise<void> {
  const numbers = Array.from({ length: ROUNDS }, (_, index) => index + 1);
  await insert(jobs, ...numbers.map((number) => testJob(number)));
  await put(jobs, { apply: numbers.map(reserve) });
  for (const number of numbers) {
    const linking = () => commitAll(jobs, [{ apply: [link(number)] }]);
    const finishing = () => commitAll(other, [finish(number)]);
    const work = number % 2 ? [linking(), finishing(), linking()] : [finishing(), linking(), linking()];
    const outcomes = (await Promise.all(work)).flat();
    const links = outcomes.filter((outcome) => outcome.ok && outcome.changed[0]?.state === "reserved").length;
    const [job] = await jobs.get([id(number)]);
    equal(job && [job.state, job.links], links ? ["done", links] : undefined, `the job of round ${number}`);
  }
}

/** Units that each complete a job and purge it, as a service has it that keeps no job that is done. */
export const finishCases: readonly Fact<JobRepository>[] = [
  {
    id: "J-67",
    title: "jobs that are completed and purged by a unit each are gone, unless they are others' or owe links",
    async run({ store: jobs }) {
      const tags = { tag: "value" };
      await insert(jobs, ...[1, 2, 3, 4, 5].map((number) => testJob(number, number > 1 ? { tags } : {})));
      await put(jobs, { apply: [1, 2, 3, 4].map(reserve), note: [2, 3, 4].map(note) });
      await put(jobs, { apply: [link(4)] });
      const outcomes = await commitAll(jobs, [finish(1), finish(2), finish(3, 2), finish(4), finish(5)]);
      const told = outcomes.map((outcome): unknown =>
        outcome.ok
          ? [outcome.changed.map(({ state, finishedAt }) => [state, finishedAt]), outcome.removed]
          : outcome.code,
      );
      const done = [["done", TEST_NOW]];
      equal(told, [[done, [id(1)]], [done, [id(2)]], "LEASE_LOST", [done, []], "LEASE_LOST"], "outcomes");
      const left = [3, 4, 5].map(id);
      equal(
        (await jobs.find({ limit: 9 })).map((job) => job.id),
        left,
        "what is left",
      );
      equal(
        (await jobs.find({ limit: 9, tags })).map((job) => job.id),
        left,
        "by tag",
      );
      equal(
        await Promise.all([2, 3, 4].map(async (number) => (await jobs.notes(id(number))).length)),
        [0, 1, 1],
        "notes",
      );
      equal((await jobs.get([id(4)]))[0]?.result, "r", "the result of a job that owes");
      const states = (["done", "ready", "reserved"] as const).map((state) => ({ topic: "topic", state, count: 1 }));
      equal(sorted(await jobs.tally()), states, "tally");
    },
  },
  {
    id: "J-68",
    title: "a link that races the completion and purge of its job keeps it, or is refused",
    run: ({ store }) => linksAndFinishes([store, store]),
  },
  {
    id: "J-69",
    title: "a link that races the completion and purge of its job through another handle keeps it, or is refused",
    needs: "shared",
    run: async ({ store, second }) => linksAndFinishes([store, await second()]),
  },
];
