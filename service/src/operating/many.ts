import { checkOptions, type JobHead, type JobId, type JobQuery, type Timestamp, type Unit } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { checkReason } from "../input/error-text.ts";
import { meantBy } from "../input/topic-names.ts";
import { resetUnit } from "../reset-job.ts";
import { childrenFirst } from "./children-first.ts";
import {
  type CancelManyOptions,
  type CancelManyQuery,
  isDryRun,
  type ManyOptions,
  manyQuery,
  type ResetManyQuery,
} from "./many-options.ts";
import { eachPage } from "./purge.ts";
import { withoutCopies } from "./without-copies.ts";

/** Jobs that are found, and changed, together. */
const PAGE = 1000;

/** Resets the jobs that match, but no copies of them on dead-letter topics; returns how many there were. */
export async function resetMany(engine: Engine, query: ResetManyQuery, options: ManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true });
  // The newest first, since members are younger than their bundle.
  const found: JobQuery = { ...manyQuery(query, ["done", "canceled"], PAGE), order: "newest" };
  const isDry = isDryRun(options);
  const unitOf: UnitOf = (job, now) => resetUnit(job, engine.name(), now);
  let count = 0;
  await eachPage(engine, await untilNow(engine, found), async (page) => {
    const picked = await withoutCopies(query, meantBy(query, page), (ids) => engine.store.jobs.get(ids));
    for (const turn of childrenFirst(picked)) count += (isDry ? turn : await commitEach(engine, turn, unitOf)).length;
    return true;
  });
  return count;
}

/**
 * Cancels the jobs that match and have not ended; returns how many there were. A bundle that is canceled takes its members
 * with it, maybe before their page is found: so all that match are noted before, and what has gone this way counts too.
 */
export async function cancelMany(engine: Engine, query: CancelManyQuery, options: CancelManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true, reason: true });
  const error = checkReason(options.reason);
  const isDry = isDryRun(options);
  const found = await untilNow(engine, manyQuery(query, ["delayed", "ready", "reserved"], PAGE));
  const meant = new Set<JobId>();
  await eachPage(engine, found, async (page) => {
    for (const { id } of meantBy(query, page)) meant.add(id);
    return true;
  });
  if (isDry) return meant.size;
  let count = 0;
  await eachPage(engine, found, async (page) => {
    const unitOf: UnitOf = ({ id }, now) => ({ now, apply: [{ type: "cancel", id, reason: "canceled", error }] });
    for (const id of await commitEach(engine, meantBy(query, page), unitOf)) {
      meant.delete(id);
      count++;
    }
    return true;
  });
  const left = [...meant];
  for (let at = 0; at < left.length; at += PAGE) {
    const jobs = await engine.store.jobs.get(left.slice(at, at + PAGE));
    count += jobs.filter((job) => job?.state === "canceled").length;
  }
  return count;
}

type UnitOf = (job: JobHead, now: Timestamp) => Unit;

/** Commits a unit for each; resolves with the ids of those that were not refused. One that is refused has moved meanwhile. */
async function commitEach(engine: Engine, jobs: readonly JobHead[], unitOf: UnitOf): Promise<JobId[]> {
  const { writes, clock } = engine;
  const outcomes = await Promise.all(jobs.map((job) => writes.commit(unitOf(job, clock.now()))));
  return jobs.filter((_, at) => outcomes[at]?.ok).map(({ id }) => id);
}

/** The query without what is enqueued from now on, such as because of what it finds. */
async function untilNow(engine: Engine, query: JobQuery): Promise<JobQuery> {
  await engine.open();
  return { ...query, before: engine.settings.newId(engine.clock.now()) };
}
