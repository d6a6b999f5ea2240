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
import { withoutCopies } from "./without-copies.ts";

/** Jobs that are found, and changed, together. */
const PAGE = 1000;

/** Resets the jobs that match, but no copies of them on dead-letter topics; returns how many there were. */
export async function resetMany(engine: Engine, query: ResetManyQuery, options: ManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true });
  // The newest first, since members are younger than their bundle.
  const found: JobQuery = { ...manyQuery(query, ["done", "canceled"], PAGE), order: "newest" };
  const unitOf: UnitOf = (job, now) => resetUnit(job, engine.name(), now);
  const pick: Pick = async (page) =>
    childrenFirst(await withoutCopies(query, page, (ids) => engine.store.jobs.get(ids)));
  return changeEach(engine, found, isDryRun(options) ? undefined : unitOf, pick);
}

/** Cancels the jobs that match and have not ended; returns how many there were. */
export async function cancelMany(engine: Engine, query: CancelManyQuery, options: CancelManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true, reason: true });
  const error = checkReason(options.reason);
  const found = manyQuery(query, ["delayed", "ready", "reserved"], PAGE);
  const unitOf: UnitOf = ({ id }, now) => ({ now, apply: [{ type: "cancel", id, reason: "canceled", error }] });
  return changeEach(engine, found, isDryRun(options) ? undefined : unitOf, (page) => [page]);
}

type UnitOf = (job: JobHead, now: Timestamp) => Unit;

/** Those of a page that are changed, in turns, each of which is over before the next one. */
type Turns = readonly (readonly JobHead[])[];
type Pick = (page: readonly JobHead[]) => Turns | Promise<Turns>;

/** Commits a unit for each; without `unitOf` it only counts. One that is refused has moved meanwhile, and is not counted. */
async function changeEach(engine: Engine, query: JobQuery, unitOf: UnitOf | undefined, pick: Pick): Promise<number> {
  await engine.open();
  const { writes, clock } = engine;
  const before = engine.settings.newId(clock.now()); // what is enqueued because of this is not meant
  let count = 0;
  await eachPage(engine, { ...query, before }, async (page) => {
    for (const turn of await pick(meantBy(query, page))) {
      const outcomes = unitOf && (await Promise.all(turn.map((job) => writes.commit(unitOf(job, clock.now())))));
      count += outcomes ? outcomes.filter(({ ok }) => ok).length : turn.length;
    }
    return true;
  });
  return count;
}
