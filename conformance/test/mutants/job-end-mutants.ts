import {
  type CancelReason,
  heldKey,
  isFinal,
  isRefusal,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  JobqError,
  type Unit,
  type UnitOutcome,
  type Write,
} from "@jobq/core";
import type { Guard } from "../reference/guarded.ts";
import { type JobData, ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A unique key that these jobs keep although they have ended. */
const kept = (keeps: (job: Job, data: JobData) => boolean): JobMutant =>
  class extends ReferenceJobs {
    override holder(unique: string): JobId | undefined {
      const live = super.holder(unique);
      if (live) return live;
      return [...this.data.jobs.values()].find((job) => job.unique === unique && keeps(job, this.data))?.id;
    }
  };

const keptFor = (reason: CancelReason): JobMutant => kept((job) => job.reason === reason);

/** Commits of one unit that wait between the look-up and the write. */
const slow = (waits: (unit: Unit) => boolean, again: (unit: Unit) => boolean): JobMutant =>
  class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      if (units.length !== 1 || !waits(unit)) return super.commit(units);
      const work = this.work(unit);
      await tick();
      await tick();
      if (again(unit)) return super.commit(units);
      if (!isRefusal(work.outcome)) this.keep(work.writes, work.notes);
      return [this.answer(work.outcome)];
    }
  };

const closing = (guard: Guard): JobMutant =>
  class extends ReferenceJobs {
    static readonly guard = guard;
  };

/** Methods that take a turn of the event loop, and a close that does not wait for them. */
const unawaited = (name: "commit" | "get" | "find" | "tally" | "nextLeaseEndAt" | "notes"): JobMutant =>
  class extends ReferenceJobs {
    constructor(data?: JobData) {
      super(data);
      const right = this[name].bind(this) as (...args: unknown[]) => Promise<unknown>;
      Object.assign(this, {
        async [name](...args: unknown[]): Promise<unknown> {
          await turn();
          return right(...args);
        },
      });
    }
  };

const failing = (name: "get" | "find" | "tally" | "notes"): JobMutant =>
  class extends ReferenceJobs {
    #closed = false;
    constructor(data?: JobData) {
      super(data);
      const right = this[name].bind(this) as (...args: unknown[]) => Promise<unknown>;
      Object.assign(this, {
        [name]: async (...args: unknown[]): Promise<unknown> => {
          await tick();
          if (this.#closed) throw new JobqError("CLOSED", "closed meanwhile");
          return right(...args);
        },
      });
    }
    override async close(): Promise<void> {
      this.#closed = true;
    }
  };

/** Faults of ends: of unique keys, of notes, of finds under way, of the store itself. */
export const jobEndMutants: Readonly<Record<string, JobMutant>> = {
  "never frees the unique key of a poison job": keptFor("poison"),
  "never frees the unique key of a rejected job": keptFor("rejected"),
  "never frees the unique key of a job whose dependency failed": keptFor("dependency"),
  "never frees the unique key of an expired job": keptFor("expired"),
  "never frees the unique key of a job canceled while it is reserved": kept(
    ({ reason, token }) => reason === "canceled" && token > 0,
  ),
  "frees unique keys with the next commit only": class extends ReferenceJobs {
    #taken = new Map<string, JobId>();
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      this.#taken = new Map(
        [...this.data.jobs.values()].flatMap((job) => (heldKey(job) ? [[job.unique as string, job.id]] : [])),
      );
      const outcomes = await super.commit(units);
      this.#taken.clear();
      return outcomes;
    }
    override holder(unique: string): JobId | undefined {
      return super.holder(unique) ?? this.#taken.get(unique);
    }
  },
  "takes the key of an ended job when that is inserted again": class extends ReferenceJobs {
    readonly #taken = new Map<string, JobId>();
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      for (const { id, unique } of unit.insert ?? []) {
        const job = this.data.jobs.get(id);
        if (unique && job && isFinal(job.state) && !super.holder(unique)) this.#taken.set(unique, id);
      }
      return outcome;
    }
    override holder(unique: string): JobId | undefined {
      return super.holder(unique) ?? this.#taken.get(unique);
    }
  },
  "frees a key when an ended job with it is inserted again": class extends ReferenceJobs {
    readonly #freed = new Set<string>();
    override store(unit: Unit): UnitOutcome {
      const outcome = super.store(unit);
      for (const { id, unique } of unit.insert ?? []) {
        const job = this.data.jobs.get(id);
        if (unique && job && isFinal(job.state)) this.#freed.add(unique);
        else if (unique) this.#freed.delete(unique);
      }
      return outcome;
    }
    override holder(unique: string): JobId | undefined {
      return this.#freed.has(unique) ? undefined : super.holder(unique);
    }
  },
  "never frees unique keys that a lenient comparison changes": class extends ReferenceJobs {
    readonly #taken = new Map<string, JobId>();
    override write(write: Write<Job>): void {
      super.write(write);
      const key = heldKey(write.after);
      if (key !== undefined && key !== key.trim().normalize()) this.#taken.set(key, write.after?.id as JobId);
    }
    override holder(unique: string): JobId | undefined {
      return super.holder(unique) ?? this.#taken.get(unique);
    }
  },
  "keeps unique keys composed": class extends ReferenceJobs {
    override write({ before, after }: Write<Job>): void {
      const unique = after?.unique?.normalize("NFC");
      if (after) super.write({ before, after: unique === undefined ? after : { ...after, unique } });
      else if (before) super.write({ before, after });
    }
  },
  "keeps unique keys without what lies beyond U+FFFF": class extends ReferenceJobs {
    override async get(ids: readonly JobId[]): Promise<(Job | undefined)[]> {
      const plain = (text: string | undefined) => text?.replace(/[\ud800-\udfff]/g, "\ufffd");
      return (await super.get(ids)).map((job) => job && { ...job, unique: plain(job.unique) });
    }
  },
  "checks the key of a reset before it waits, and not again": slow(
    ({ apply = [] }) => apply.some(({ type }) => type === "reset"),
    () => false,
  ),
  "checks the keys of inserts before it waits, and not again": slow(
    ({ insert = [] }) => insert.some(({ unique }) => unique),
    () => false,
  ),
  "looks for the job of a note before it waits, and not again": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [{ note = [], ...rest }] = units as readonly [Unit];
      if (units.length !== 1 || note.length !== 1 || rest.apply || rest.insert) return super.commit(units);
      const { outcome } = this.work({ ...rest, note });
      await tick();
      if (!isRefusal(outcome)) for (const one of note) this.note(one);
      return [this.answer(outcome)];
    }
  },
  "removes a job, waits, and removes its notes": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const notes = new Map(this.data.notes);
      const outcomes = await super.commit(units);
      if (units.length !== 1 || !units[0]?.remove) return outcomes;
      // The notes that were there go later; what was added meanwhile stays.
      for (const [key, note] of notes) if (!this.data.notes.has(key)) this.data.notes.set(key, note);
      await tick();
      await tick();
      for (const [key, { id }] of notes) if (units[0].remove.includes(id)) this.data.notes.delete(key);
      return outcomes;
    }
  },
  "finds in two steps, between which jobs move": class extends ReferenceJobs {
    override async find(query: JobQuery): Promise<JobHead[]> {
      const found = this.select(query);
      const heads = found.slice(0, found.length / 2).map((job) => this.copy(this.headOf(job)));
      await tick();
      const after = heads.at(-1)?.id;
      const rest = after === undefined ? query : { ...query, after, limit: query.limit - heads.length };
      return rest.limit > 0 ? [...heads, ...this.select(rest).map((job) => this.copy(this.headOf(job)))] : heads;
    }
  },
  "finds ids, waits, and reads their jobs": class extends ReferenceJobs {
    override async find(query: JobQuery): Promise<JobHead[]> {
      const ids = this.select(query).map(({ id }) => id);
      await tick();
      return ids.flatMap((id) => {
        const job = this.data.jobs.get(id);
        return job ? this.copy(this.headOf(job)) : [];
      });
    }
  },
  "finds ids, and reads each job a moment later": class extends ReferenceJobs {
    override async find(query: JobQuery): Promise<JobHead[]> {
      const heads: JobHead[] = [];
      for (const { id } of this.select(query)) {
        const job = this.data.jobs.get(id);
        if (job && this.matches(query, job)) heads.push(this.copy(this.headOf(job)));
        if (heads.length % 25 === 0) await tick();
      }
      return heads;
    }
  },
  "answers nothing in particular after close": closing({ instead: () => Promise.resolve(undefined) }),
  "fails with anything after close": closing({ instead: () => Promise.reject(new Error("not open")) }),
  "fails with STORE_FAILED after close": closing({
    instead: () => Promise.reject(new JobqError("STORE_FAILED", "not open")),
  }),
  ...Object.fromEntries(
    ["commit", "get", "find", "tally", "nextLeaseEndAt", "notes"].map((name) => [
      `goes on with ${name} after close`,
      closing({ exempt: [name] }),
    ]),
  ),
  "does not notice a close when there is nothing to do": closing({
    notices: ([what]) => !Array.isArray(what) || what.length > 0,
  }),
  ...Object.fromEntries(
    (["commit", "get", "find", "tally", "nextLeaseEndAt", "notes"] as const).map((name) => [
      `closes without waiting for ${name}`,
      unawaited(name),
    ]),
  ),
  ...Object.fromEntries(
    (["get", "find", "tally", "notes"] as const).map((name) => [`ends ${name} when it is closed`, failing(name)]),
  ),
};
