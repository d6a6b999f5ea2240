import { checkOptions, type JobHead, type JobQuery, type Timestamp, type Unit } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { checkReason } from "../input/error-text.ts";
import { meantBy } from "../input/topic-names.ts";
import { resetUnit } from "../reset-job.ts";
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
  const found = manyQuery(query, ["done", "canceled"], PAGE);
  const unitOf: UnitOf = (job, now) => resetUnit(job, engine.name(), now);
  return changeEach(engine, found, isDryRun(options) ? undefined : unitOf);
}

/** Cancels the jobs that match and have not ended; returns how many there were. */
export async function cancelMany(engine: Engine, query: CancelManyQuery, options: CancelManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true, reason: true });
  const error = checkReason(options.reason);
  const found = manyQuery(query, ["delayed", "ready", "reserved"], PAGE);
  const unitOf: UnitOf = ({ id }, now) => ({ now, apply: [{ type: "cancel", id, reason: "canceled", error }] });
  return changeEach(engine, found, isDryRun(options) ? undefined : unitOf);
}

type UnitOf = (job: JobHead, now: Timestamp) => Unit;

/** Commits a unit for each; without `unitOf` it only counts. One that is refused has moved meanwhile, and is not counted. */
async function changeEach(engine: Engine, query: JobQuery, unitOf: UnitOf | undefined): Promise<number> {
  await engine.open();
  const { writes, clock } = engine;
  const end = engine.settings.newId(clock.now()); // what is enqueued because of this is not meant
  let count = 0;
  await eachPage(engine, query, async (page) => {
    const old = page.filter(({ id }) => id < end);
    const meant = meantBy(query, old);
    const outcomes = unitOf ? await Promise.all(meant.map((job) => writes.commit(unitOf(job, clock.now())))) : meant;
    count += outcomes.filter((outcome) => !("ok" in outcome) || outcome.ok).length;
    return old.length === page.length;
  });
  return count;
}
