import {
  heldKey,
  heldSlot,
  isFinal,
  isRefusal,
  type Job,
  type JobId,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();

/** Jobs stored as the mutant says. */
const storing = (change: (job: Job, before: Job | undefined) => Job): JobMutant =>
  class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      if (after) super.write({ before, after: change(after, before) });
      else if (before) super.write({ before, after });
    }
  };

const holding = (holds: (job: Job, unique: string) => boolean): JobMutant =>
  class extends ReferenceJobs {
    override holder(unique: string): JobId | undefined {
      for (const job of this.data.jobs.values()) if (holds(job, unique)) return job.id;
      return undefined;
    }
  };

const seating = (holds: (job: Job, slot: string) => boolean): JobMutant =>
  class extends ReferenceJobs {
    override slotHolder(slot: string): JobId | undefined {
      for (const job of this.data.jobs.values()) if (holds(job, slot)) return job.id;
      return undefined;
    }
  };

/** A slot that ended jobs of this sort keep. */
const keepsSlot = (keeps: (job: Job) => boolean): JobMutant =>
  class extends ReferenceJobs {
    readonly #kept = new Map<string, JobId>();
    override write(write: Write<Job>): void {
      const slot = heldSlot(write.before);
      if (slot !== undefined && write.after && keeps(write.after)) this.#kept.set(slot, write.after.id);
      super.write(write);
    }
    override slotHolder(slot: string): JobId | undefined {
      return super.slotHolder(slot) ?? this.#kept.get(slot);
    }
  };

/** Faults with spans of unique keys, and with slots. */
export const jobSlotMutants: Readonly<Record<string, JobMutant>> = {
  "holds every key until the end": holding((job, unique) => job.unique === unique && !isFinal(job.state)),
  "holds queued keys until the end": holding((job, unique) =>
    job.uniqueSpan === "queued" ? job.unique === unique && !isFinal(job.state) : heldKey(job) === unique,
  ),
  "frees queued keys while a job is reserved only": holding((job, unique) =>
    job.uniqueSpan === "queued"
      ? job.unique === unique && (job.state === "ready" || job.state === "delayed")
      : heldKey(job) === unique,
  ),
  "frees queued keys of delayed jobs": holding((job, unique) =>
    job.uniqueSpan === "queued" ? heldKey(job) === unique && job.state === "ready" : heldKey(job) === unique,
  ),
  "frees kept keys at the end": holding((job, unique) => heldKey(job) === unique && !isFinal(job.state)),
  "frees kept keys of canceled jobs": holding((job, unique) => heldKey(job) === unique && job.state !== "canceled"),
  "keeps every key": holding((job, unique) => job.unique === unique),
  "checks no slot": seating(() => false),
  "checks no slot of a job that holds a key": class extends ReferenceJobs {
    override work(unit: Unit, lookup = this.lookup()) {
      const holdsKey = (id: JobId): boolean => heldKey(this.data.jobs.get(id)) !== undefined;
      const isAdmitted = unit.apply?.some(({ type, id }) => type === "admit" && holdsKey(id));
      return super.work(unit, isAdmitted ? { ...lookup, slotHolder: () => undefined } : lookup);
    }
  },
  "checks slots whatever their key": seating((job, slot) => heldSlot(job)?.split("/")[0] === slot.split("/")[0]),
  "checks slots of keys without their case": seating(
    (job, slot) => heldSlot(job)?.toLowerCase() === slot.toLowerCase(),
  ),
  "lets a delayed job hold no slot": seating((job, slot) => job.state !== "delayed" && heldSlot(job) === slot),
  "lets a reserved job hold no slot": seating((job, slot) => job.state !== "reserved" && heldSlot(job) === slot),
  "never frees the slot of a done job": keepsSlot(({ state }) => state === "done"),
  ...Object.fromEntries(
    (["exhausted", "poison", "rejected", "canceled"] as const).map((reason) => [
      `never frees the slot of a job that is ${reason}`,
      keepsSlot((job) => job.reason === reason),
    ]),
  ),
  "never frees the slot of a removed job": class extends ReferenceJobs {
    readonly #kept = new Map<string, JobId>();
    override forget(id: JobId): void {
      const slot = heldSlot(this.data.jobs.get(id));
      if (slot !== undefined) this.#kept.set(slot, id);
      super.forget(id);
    }
    override slotHolder(slot: string): JobId | undefined {
      return super.slotHolder(slot) ?? this.#kept.get(slot);
    }
  },
  "lets go of a slot at every retry": storing((job, before) =>
    before?.state === "reserved" && job.state !== "reserved" ? { ...job, slot: undefined } : job,
  ),
  "takes its slot back at reset": class extends ReferenceJobs {
    readonly #last = new Map<JobId, number>();
    override write({ before, after }: Write<Job>): void {
      if (before?.slot !== undefined) this.#last.set(before.id, before.slot);
      const reset = before && after && after.resetCount > before.resetCount;
      if (!after) super.write({ before: before as Job, after });
      else super.write({ before, after: reset ? { ...after, slot: this.#last.get(after.id) } : after });
    }
  },
  "admits by a look before it waits": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      if (units.length !== 1 || !unit.apply?.some(({ type }) => type === "admit")) return super.commit(units);
      const { outcome, writes, notes } = this.work(unit);
      await tick();
      if (!isRefusal(outcome)) this.keep(writes, notes);
      return [this.answer(outcome)];
    }
  },
  "links by a look before it waits": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      if (units.length !== 1 || !unit.apply?.some(({ type }) => type === "link" || type === "wake"))
        return super.commit(units);
      const { outcome, writes, notes } = this.work(unit);
      await tick();
      if (!isRefusal(outcome)) this.keep(writes, notes);
      return [this.answer(outcome)];
    }
  },
};
