import { checkOptions, type JobHead, type JobQuery, type Timestamp, type Unit } from "@jobq/core";
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

/** Jobs that are found, and changed, together. */
const PAGE = 1000;

/** Resets the jobs that match; returns how many there were. */
export async function resetMany(engine: Engine, query: ResetManyQuery, options: ManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true });
  // The newest first, since members are younger than their bundle.
  const found: JobQuery = { ...manyQuery(query, ["done", "canceled"], PAGE), order: "newest" };
  const unitOf: UnitOf = (job, now) => resetUnit(job, engine.name(), now);
  return changeEach(engine, found, isDryRun(options) ? undefined : unitOf, childrenFirst);
}

/** Cancels the jobs that match and have not ended; returns how many there were. */
export async function cancelMany(engine: Engine, query: CancelManyQuery, options: CancelManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true, reason: true });
  const error = checkReason(options.reason);
  const found = manyQuery(query, ["delayed", "ready", "reserved"], PAGE);
  const unitOf: UnitOf = ({ id }, now) => ({ now, apply: [{ type: "cancel", id, reason: "canceled", error }] });
  return changeEach(engine, found, isDryRun(options) ? undefined : unitOf, (jobs) => [jobs]);
}

type UnitOf = (job: JobHead, now: Timestamp) => Unit;

/** Puts jobs into turns, each of which is over before the next one. */
type TurnsOf = (jobs: readonly JobHead[]) => readonly (readonly JobHead[])[];

/** Commits a unit for each; without `unitOf` it only counts. One that is refused has moved meanwhile, and is not counted. */
async function changeEach(
  engine: Engine,
  query: JobQuery,
  unitOf: UnitOf | undefined,
  turnsOf: TurnsOf,
): Promise<number> {
  await engine.open();
  const { writes, clock } = engine;
  const before = engine.settings.newId(clock.now()); // what is enqueued because of this is not meant
  let count = 0;
  await eachPage(engine, { ...query, before }, async (page) => {
    const meant = meantBy(query, page);
    if (!unitOf) count += meant.length;
    else {
      for (const turn of turnsOf(meant)) {
        const outcomes = await Promise.all(turn.map((job) => writes.commit(unitOf(job, clock.now()))));
        count += outcomes.filter(({ ok }) => ok).length;
      }
    }
    return true;
  });
  return count;
}
