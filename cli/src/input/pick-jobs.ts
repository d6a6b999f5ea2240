import { isFinal, type JobHead, type JobId } from "@jobq/core";
import { isModuleState, meantBy, withoutCopies, withoutLiveParents } from "@jobq/service/module";
import { jobsText } from "../output/number-text.ts";
import type { Queue } from "../queue/queue.ts";
import { allJobs, type FilterOptions } from "./job-filter.ts";
import { waitingCopies } from "./waiting-copies.ts";

/** Jobs that were picked by what they are. */
export interface Picked {
  readonly jobs: readonly JobHead[];
  /** What to say about those that pass but were left out, and about copies that wait elsewhere. */
  readonly notes: readonly string[];
}

/** Which jobs a command can be done to. */
export interface Fitting {
  readonly fits: (job: JobHead) => boolean;
  /** Leaves ended members and children out whose bundle or run has not ended, and is not picked itself. */
  readonly leavesNeeded: boolean;
  /** Leaves copies on dead-letter topics out, unless the topic is named. */
  readonly leavesCopies: boolean;
}

const AT_ONCE = 100;

/** Picks all jobs that pass. What modules keep of their own, such as schedules, is left unless its topic is named. */
export async function pickJobs(queue: Queue, options: FilterOptions, which: Fitting): Promise<Picked> {
  const fitting = (await allJobs(queue, options)).filter(which.fits);
  const work = meantBy(options, fitting);
  const once = which.leavesCopies ? await withoutCopies(options, work, (ids) => statusesOf(queue, ids)) : work;
  const needed = which.leavesNeeded ? await neededOf(queue, once) : new Set();
  const topics = [...new Set(fitting.map(({ topic }) => topic))].filter(isModuleState).join(", ");
  const jobs = once.filter(({ id }) => !needed.has(id));
  return {
    jobs,
    notes: [
      ...(which.leavesCopies ? await waitingCopies(queue, jobs) : []),
      ...note(fitting.length - work.length, `on ${topics}: --topic picks what modules keep there`),
      ...note(work.length - once.length, "as copies on a dead-letter topic: --topic picks them"),
      ...note(needed.size, "that bundles or runs still need; by id they can be deleted"),
    ],
  };
}

function note(count: number, what: string): readonly string[] {
  return count > 0 ? [`${jobsText(count)} left ${what}`] : [];
}

/** Those whose bundle or run would miss them. */
async function neededOf(queue: Queue, jobs: readonly JobHead[]): Promise<ReadonlySet<JobId>> {
  const own = new Set(jobs.map(({ id }) => id));
  const ended = jobs.filter(({ state, parent }) => isFinal(state) && parent !== undefined && !own.has(parent));
  const spare = new Set(await withoutLiveParents(ended, (ids) => statusesOf(queue, ids)));
  return new Set(ended.filter((job) => !spare.has(job)).map(({ id }) => id));
}

/** The jobs of these ids, without payloads; undefined where there is none. */
export async function statusesOf(queue: Queue, ids: readonly JobId[]): Promise<(JobHead | undefined)[]> {
  const all: (JobHead | undefined)[] = [];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    all.push(...(await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => queue.status(id)))));
  }
  return all;
}
