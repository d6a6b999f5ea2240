import type { JobRepository, UnitOutcome } from "@jobq/core";
import type { Fact } from "../../case.ts";
import { equal } from "../../check.ts";
import { commitAll, plain } from "../../commit.ts";
import { headOf, TEST_NOW } from "../../test-job.ts";
import { live } from "../model/history.ts";
import { LINK_PROBES, linkTrialsOf, mixedTrials } from "../model/link-trial.ts";
import { sorted, tallyOf } from "../model/tally.ts";
import { allTrials, CHANGE_TYPES, historyOf, type Trial, trialsOf, unitOf } from "../model/trial.ts";

/** Fails unless the store holds exactly the jobs after the trials. */
async function agree(jobs: JobRepository, outcomes: readonly UnitOutcome[], trials: readonly Trial[]): Promise<void> {
  const ids = trials.map(({ before }) => before.id);
  const found = await jobs.get(ids);
  trials.forEach(({ title, outcome, after }, index) => {
    equal(plain(outcomes[index] as UnitOutcome), outcome, title);
    equal(found[index], after, `the job after ${title}`);
  });
  const after = trials.map((trial) => trial.after);
  equal(sorted(await jobs.tally()), tallyOf(after), "tally");
  const leases = after.flatMap(({ leaseUntil }) => leaseUntil ?? []);
  equal(await jobs.nextLeaseEndAt(), leases.length ? Math.min(...leases) : undefined, "next lease end");
  const heads = after.map(headOf).sort((a, b) => (a.id < b.id ? -1 : 1));
  const listed = await jobs.find({ limit: heads.length + 1 });
  equal(listed.map(headOf), heads, "all jobs");
}

const LINK_TYPES = Object.keys(LINK_PROBES) as (keyof typeof LINK_PROBES)[];

/** Takes the store through the trials, one batch for all of them. */
async function tryAll(jobs: JobRepository, trials: readonly Trial[]): Promise<void> {
  await live(jobs, trials.map(historyOf));
  await agree(jobs, await commitAll(jobs, trials.map(unitOf)), trials);
}

/** Every change from every state, against the `transition` of core. */
export const changeCases: readonly Fact<JobRepository>[] = [
  ...CHANGE_TYPES.map(
    (type, index): Fact<JobRepository> => ({
      id: `J-${30 + index}`,
      title: `${type} does from every state what core's transition says`,
      run: ({ store }) => tryAll(store, trialsOf(type, 1)),
    }),
  ),
  ...LINK_TYPES.map(
    (type, index): Fact<JobRepository> => ({
      id: `J-${43 + index}`,
      title: `${type} does from every state what core's transition says`,
      run: ({ store }) => tryAll(store, linkTrialsOf(type, 1)),
    }),
  ),
  {
    id: "J-49",
    title:
      "older changes do what core's transition says to jobs with limits, links, groups, times to live and spans of keys",
    run: ({ store }) => tryAll(store, mixedTrials(1)),
  },
  {
    id: "J-41",
    title: "a change in a unit with other parts does what it does alone, and a refused one takes them along",
    async run({ store: jobs }) {
      const trials = allTrials();
      await live(jobs, trials.map(historyOf));
      const noteOn = (id: string) => ({ id, kind: "log", key: "k", value: "v", at: TEST_NOW }) as const;
      const units = trials.map(({ unit, before }) => ({ ...unit, note: [noteOn(before.id)] }));
      await agree(jobs, await commitAll(jobs, units), trials);
      for (const { title, before, outcome } of trials.filter((_, index) => index % 7 === 0)) {
        equal((await jobs.notes(before.id, "log")).length, outcome.ok ? 1 : 0, `notes after ${title}`);
      }
    },
  },
  {
    id: "J-42",
    title: "changes committed one by one, all at the same time, do what they do in a batch",
    async run({ store: jobs }) {
      const trials = allTrials();
      await live(jobs, trials.map(historyOf));
      const outcomes = await Promise.all(trials.map(({ unit }) => commitAll(jobs, [unit])));
      await agree(jobs, outcomes.flat(), trials);
    },
  },
];
