import type { JobHead, JobRepository, Timestamp, Unit, UnitOutcome } from "@jobq/core";

/** What giving out slots takes. */
export interface SlotAdmissionOptions {
  readonly jobs: Pick<JobRepository, "find" | "waitingForSlot">;
  readonly now: () => Timestamp;
  readonly commit: (unit: Unit) => Promise<UnitOutcome>;
}

/** Jobs that are looked at and admitted at once: few at first, since an end frees one slot, then more. */
const FIRST_PAGE = 4;
const LAST_PAGE = 100;
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
    const { jobs, now, commit } = this.#options;
    for (let count = FIRST_PAGE; ; count = Math.min(count * 5, LAST_PAGE)) {
      const waiting = await jobs.waitingForSlot(limitKey, count);
      const admissions = waiting.length === 0 ? [] : await this.#admissions(limitKey, waiting);
      const outcomes = await Promise.all(
        admissions.map(({ id, slot }) => commit({ now: now(), apply: [{ type: "admit", id, slot }] })),
      );
      // One that is refused was admitted, or its slot taken, by another process: there may be a slot for the next.
      if (admissions.length < count && outcomes.every(({ ok }) => ok)) return;
    }
  }

  async #admissions(limitKey: string, waiting: readonly JobHead[]): Promise<{ id: string; slot: number }[]> {
    const holders = await this.#options.jobs.find({ limitKey, slot: "held", limit: MAX_HOLDERS });
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
