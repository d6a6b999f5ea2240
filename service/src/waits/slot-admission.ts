import type { Change, JobRepository, LimitSlots, Timestamp, Unit, UnitOutcome } from "@jobq/core";

/** What giving out slots takes. */
export interface SlotAdmissionOptions {
  readonly jobs: Pick<JobRepository, "slots">;
  readonly now: () => Timestamp;
  readonly commit: (unit: Unit) => Promise<UnitOutcome>;
}

/** Jobs of a key that are looked at and admitted at once: few at first, since an end frees one slot, then more. */
const FIRST_PAGE = 4;
const LAST_PAGE = 100;
/**
 * Admits the jobs that wait for slots of limits' keys while there are free ones, of each key strictly in the order in
 * which they run. Slots are unique among live jobs, so that no two processes give one to two jobs, and none is ever lost.
 */
export class SlotAdmission {
  readonly #options: SlotAdmissionOptions;
  #asked: string[] = [];
  #look: Promise<LimitSlots[]> | undefined;

  constructor(options: SlotAdmissionOptions) {
    this.#options = options;
  }

  /** Keys that are asked for in one turn are looked at together, so that what they admit leaves together. */
  async admit(limitKey: string): Promise<void> {
    const at = this.#asked.push(limitKey) - 1;
    this.#look ??= this.#lookAtAll();
    let slots = (await this.#look)[at] as LimitSlots;
    for (let count = FIRST_PAGE; await this.#fill(slots, count); ) {
      count = Math.min(count * 5, LAST_PAGE);
      [slots] = (await this.#options.jobs.slots([limitKey], count)) as [LimitSlots];
    }
  }

  async #lookAtAll(): Promise<LimitSlots[]> {
    await undefined;
    const keys = this.#asked;
    this.#asked = [];
    this.#look = undefined;
    return this.#options.jobs.slots(keys, FIRST_PAGE);
  }

  /**
   * Whether there may be a slot for another one: as many were admitted as were looked at, or one was refused, since
   * another process has admitted it or taken its slot.
   */
  async #fill(slots: LimitSlots, count: number): Promise<boolean> {
    const { now, commit } = this.#options;
    const admissions = admissionsTo(slots);
    const outcomes = await Promise.all(admissions.map((change) => commit({ now: now(), apply: [change] })));
    return admissions.length === count || !outcomes.every(({ ok }) => ok);
  }
}

function admissionsTo({ held, waiting }: LimitSlots): Change[] {
  const taken = new Set(held);
  const admissions: Change[] = [];
  let slot = 0;
  for (const { id, limit } of waiting) {
    while (taken.has(slot)) slot++;
    // Who comes later must not overtake, even where it would be let in by a higher limit of its own.
    if (!limit || slot >= limit.concurrency) break;
    admissions.push({ type: "admit", id, slot });
    slot++;
  }
  return admissions;
}
