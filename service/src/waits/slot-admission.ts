import type { JobRepository, Timestamp, Unit, UnitOutcome } from "@jobq/core";

/** What giving out slots takes. */
export interface SlotAdmissionOptions {
  readonly jobs: Pick<JobRepository, "find" | "waitingForSlot">;
  readonly now: () => Timestamp;
  readonly commit: (unit: Unit) => Promise<UnitOutcome>;
}

/** Jobs that are looked at and admitted at once. */
const PAGE = 100;
/** More live jobs of one key do not hold slots. */
const MAX_HOLDERS = 10_000;

/**
 * Admits the jobs that wait for a slot of a limit's key while there is one free, strictly in the order in which they run.
 * Slots are unique among live jobs, so that no two processes give one to two jobs, and none is ever lost.
 */
export class SlotAdmission {
  readonly #options: SlotAdmissionOptions;

  constructor(options: SlotAdmissionOptions) {
    this.#options = options;
  }

  async admit(limitKey: string): Promise<void> {
    const { now, commit } = this.#options;
    for (;;) {
      const units = (await this.#admissions(limitKey)).map(
        ({ id, slot }): Unit => ({ now: now(), apply: [{ type: "admit", id, slot }] }),
      );
      if (units.length === 0) return;
      await Promise.all(units.map(commit)); // one that is refused was admitted, or its slot taken, by another process
    }
  }

  async #admissions(limitKey: string): Promise<{ id: string; slot: number }[]> {
    const { jobs } = this.#options;
    const waiting = await jobs.waitingForSlot(limitKey, PAGE);
    if (waiting.length === 0) return [];
    const holders = await jobs.find({ limitKey, slot: "held", limit: MAX_HOLDERS });
    const taken = new Set(holders.map(({ slot }) => slot));
    const admissions: { id: string; slot: number }[] = [];
    let slot = 0;
    for (const { id, limit } of waiting) {
      while (taken.has(slot)) slot++;
      // Who comes later must not overtake, even where it would be let in by a higher limit of its own.
      if (!limit || slot >= limit.concurrency) break;
      admissions.push({ id, slot });
      slot++;
    }
    return admissions;
  }
}
