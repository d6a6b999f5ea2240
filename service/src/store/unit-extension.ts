import type { ChangeType, Job, Unit } from "@jobq/core";

/** Adds to units of others before they are committed. The additions are stored with the unit or not at all. */
export interface UnitExtension {
  /**
   * Returns whether it adds something to the unit that inserts or settles this job. It is called for every one, so it
   * must be fast. `job` is the job before the change: read it at once and do not keep it.
   */
  wants(job: Job, what: "insert" | ChangeType): boolean;
  /**
   * Returns the unit with further inserts, changes, notes or removals appended. They are not extended in turn. It is
   * called again if its additions were refused. If it throws, the call that asked for the unit rejects.
   * @param transaction that of the user, if the unit is part of one: other connections may have to wait for it
   */
  extend(unit: Unit, job: Job, transaction: object | undefined): Unit | Promise<Unit>;
}
