import type { ChangeType, Job, Unit } from "@jobq/core";

/** Adds to units of others before they are committed, so that what is added is stored with them or not at all. */
export interface UnitExtension {
  /**
   * Whether it adds something to the unit that inserts or settles this job. Asked for every one, so it is quick; `job`
   * is as it is before the change, read at once and not kept.
   */
  wants(job: Job, what: "insert" | ChangeType): boolean;
  /**
   * The unit with more inserts, changes, notes or removals, behind those it has; what is added is not extended in turn.
   * Called again when what it added was refused. What it throws rejects the call that asked for the unit.
   * @param transaction the user's, when the unit is part of one: other connections may have to wait for it
   */
  extend(unit: Unit, job: Job, transaction: object | undefined): Unit | Promise<Unit>;
}
