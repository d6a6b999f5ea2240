import {
  type Change,
  isRefusal,
  type Job,
  type JobHead,
  type JobId,
  type Refusal,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  type UnitStored,
} from "@jobq/core";
import { equal, Fault } from "./check.ts";
import { headOf, TEST_NOW } from "./test-job.ts";

/** What takes units: a job repository, or a queue store. */
export interface Committer {
  commit(units: readonly Unit[]): Promise<UnitOutcome[]>;
}

/** A unit that may leave out its instant, which is then the one of the test jobs. */
export type UnitParts = Omit<Unit, "now"> & { readonly now?: Timestamp };

/** Commits the units in one call and returns their outcomes. */
export async function commitAll(store: Committer, units: readonly UnitParts[]): Promise<UnitOutcome[]> {
  const outcomes = await store.commit(units.map((unit) => ({ now: TEST_NOW, ...unit })));
  equal(outcomes.length, units.length, "number of outcomes");
  return outcomes;
}

/** Commits one unit that has to be stored. */
export async function put(store: Committer, unit: UnitParts): Promise<UnitStored> {
  const [outcome] = await commitAll(store, [unit]);
  return stored(outcome as UnitOutcome);
}

/** Commits one unit that has to be refused. */
export async function refuse(store: Committer, unit: UnitParts): Promise<Refusal> {
  const [outcome] = await commitAll(store, [unit]);
  return refused(outcome as UnitOutcome);
}

/** Inserts the jobs in one unit. */
export async function insert(store: Committer, ...jobs: readonly Job[]): Promise<void> {
  await put(store, { insert: jobs });
}

/** Applies one change that has to be allowed and returns the job after it. */
export async function change(store: Committer, apply: Change, now: Timestamp = TEST_NOW): Promise<JobHead> {
  const { changed } = await put(store, { now, apply: [apply] });
  equal(changed.length, 1, "number of changed jobs");
  return changed[0] as JobHead;
}

/** Reserves the jobs for "holder", each in a unit of its own. */
export async function reserveAll(store: Committer, ids: readonly JobId[], now: Timestamp = TEST_NOW): Promise<void> {
  const units = ids.map((id) => ({ now, apply: [{ type: "reserve" as const, id, by: "holder" }] }));
  for (const outcome of await commitAll(store, units)) stored(outcome);
}

/** The outcome, which has to be a stored unit. */
export function stored(outcome: UnitOutcome): UnitStored {
  if (isRefusal(outcome)) throw new Fault(`expected the unit to be stored, got ${outcome.code}`, outcome);
  return outcome;
}

/** The outcome, which has to be a refusal. */
export function refused(outcome: UnitOutcome): Refusal {
  if (!isRefusal(outcome)) throw new Fault("expected the unit to be refused, but it was stored", outcome);
  return outcome;
}

/** The outcome with heads in place of whole jobs: a store may hand out more than the head. */
export function plain(outcome: UnitOutcome): UnitOutcome {
  if (!isRefusal(outcome)) return { ...outcome, changed: outcome.changed.map(headOf) };
  return outcome.job ? { ...outcome, job: headOf(outcome.job) } : outcome;
}
