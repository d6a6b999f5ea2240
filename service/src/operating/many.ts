import { type Change, checkOptions, type JobHead, type JobQuery } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { checkReason } from "../input/error-text.ts";
import { resetChanges } from "../reset-job.ts";
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
  const changes = (job: JobHead): Change[] => resetChanges(job, engine.name(), engine.clock.now());
  return changeEach(engine, found, isDryRun(options) ? undefined : changes);
}

/** Cancels the jobs that match and have not ended; returns how many there were. */
export async function cancelMany(engine: Engine, query: CancelManyQuery, options: CancelManyOptions): Promise<number> {
  checkOptions(options, { dryRun: true, reason: true });
  const error = checkReason(options.reason);
  const found = manyQuery(query, ["delayed", "ready", "reserved"], PAGE);
  const changes = ({ id }: JobHead): Change[] => [{ type: "cancel", id, reason: "canceled", error }];
  return changeEach(engine, found, isDryRun(options) ? undefined : changes);
}

/** Without `changes` it only counts. One that is refused has moved meanwhile, and is not counted. */
async function changeEach(
  engine: Engine,
  query: JobQuery,
  changes: ((job: JobHead) => Change[]) | undefined,
): Promise<number> {
  await engine.open();
  const { writes, clock } = engine;
  const end = engine.settings.newId(clock.now()); // what is enqueued because of this is not meant
  let count = 0;
  await eachPage(engine, query, async (page) => {
    const old = page.filter(({ id }) => id < end);
    const outcomes = changes
      ? await Promise.all(old.map((job) => writes.commit({ now: clock.now(), apply: changes(job) })))
      : old;
    count += outcomes.filter((outcome) => !("ok" in outcome) || outcome.ok).length;
    return old.length === page.length;
  });
  return count;
}
