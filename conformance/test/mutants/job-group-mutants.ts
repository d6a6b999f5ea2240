import {
  compareEntries,
  isFinal,
  type Job,
  type JobHead,
  type JobId,
  type JobQuery,
  type LimitSlots,
  matches,
  type Tally,
  type Unit,
  type UnitOutcome,
  type Write,
  waitsForSlot,
} from "@jobq/core";
import { ReferenceJobs } from "../reference/reference-jobs.ts";
import type { JobMutant } from "./mutant.ts";

const tick = (): Promise<void> => Promise.resolve();

const asking = (change: (query: JobQuery) => JobQuery): JobMutant =>
  class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      return super.select(change(query));
    }
  };

const matching = (match: (query: JobQuery, job: Job) => boolean): JobMutant =>
  class extends ReferenceJobs {
    override matches(query: JobQuery, job: Job): boolean {
      return match(query, job);
    }
  };

/** Who waits for a slot, told as the mutant says. */
const waiting = (tell: (jobs: Job[], count: number) => Job[]): JobMutant =>
  class extends ReferenceJobs {
    override slotsOf(limitKey: string, count: number): LimitSlots {
      const jobs = [...this.data.jobs.values()].filter(({ limit }) => limit?.key === limitKey);
      const waiting = tell(jobs, count).map((job) => this.copy(this.headOf(job)));
      return { held: this.heldSlots(limitKey), waiting };
    }
  };

const inLine = (jobs: Job[]) => jobs.filter(waitsForSlot).sort(compareEntries);

const FILTERS = [
  "live",
  "unique",
  "group",
  "awaitsGroup",
  "limitKey",
  "slot",
  "owes",
  "reservedBefore",
  "finishedFrom",
  "before",
  "order",
] as const;

/** Faults with groups, notes of any kind, and what is found since version 2. */
export const jobGroupMutants: Readonly<Record<string, JobMutant>> = {
  ...Object.fromEntries(
    FILTERS.map((filter) => [`finds without minding ${filter}`, asking(({ [filter]: _, ...query }) => query)]),
  ),
  "goes newest first only without a limit": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      const found = super.select({ ...query, order: "oldest" });
      return query.order === "newest" ? found.reverse() : found;
    }
  },
  "begins at the start when the job at the end of a page is gone": class extends ReferenceJobs {
    override select({ before, ...query }: JobQuery): Job[] {
      return super.select(before && this.data.jobs.has(before) ? { before, ...query } : query);
    }
  },
  "finds the job at the end of a page again": matching(
    ({ before, ...query }, job) => (before === undefined || job.id <= before) && matches(query, job),
  ),
  "minds either end of a range": matching(({ before, after, ...query }, job) =>
    matches({ ...query, ...(after === undefined ? { before } : { after }) }, job),
  ),
  "finds jobs by the unique key that they had": matching(
    ({ unique, ...query }, job) => matches(query, job) && (unique === undefined || job.unique === unique),
  ),
  "finds jobs by their unique key while they live": matching(
    (query, job) => matches(query, job) && (query.unique === undefined || !isFinal(job.state)),
  ),
  "finds as owed what lives": matching(
    ({ owes, ...query }, job) => matches(query, job) && (!owes || job.links !== undefined),
  ),
  "finds as owed what is canceled only": matching(
    (query, job) => matches(query, job) && (!query.owes || job.state === "canceled"),
  ),
  "finds whatever awaits something": matching(
    ({ awaitsGroup, ...query }, job) => matches(query, job) && (!awaitsGroup || job.awaits !== undefined),
  ),
  "finds as waiting for a slot what waits for more": matching(({ slot, ...query }, job) =>
    slot === "awaited"
      ? matches(query, job) && job.state === "delayed" && job.limit !== undefined && job.slot === undefined
      : matches({ slot, ...query }, job),
  ),
  "finds what was reserved at that instant": matching(
    ({ reservedBefore, ...query }, job) =>
      matches(query, job) &&
      (reservedBefore === undefined || (job.state === "reserved" && (job.reservedAt ?? Infinity) <= reservedBefore)),
  ),
  "finds what was reserved once": matching(
    ({ reservedBefore, ...query }, job) =>
      matches(query, job) && (reservedBefore === undefined || (job.reservedAt ?? Infinity) < reservedBefore),
  ),
  "finds what ended later only": matching(
    (query, job) => matches(query, job) && (query.finishedFrom === undefined || job.finishedAt !== query.finishedFrom),
  ),
  "finds groups without their case": matching(
    ({ group, ...query }, job) =>
      matches(query, job) && (group === undefined || job.group?.toLowerCase() === group.toLowerCase()),
  ),
  "takes a member for live that was when the store was opened": class extends ReferenceJobs {
    readonly #ended = new Set<JobId>();
    override write(write: Write<Job>): void {
      super.write(write);
      if (write.after && isFinal(write.after.state)) this.#ended.add(write.after.id);
    }
    override matches({ live, ...query }: JobQuery, job: Job): boolean {
      return matches(query, job) && (!live || !this.#ended.has(job.id));
    }
  },
  "looks at 1,000 members": class extends ReferenceJobs {
    override select(query: JobQuery): Job[] {
      if (query.group === undefined) return super.select(query);
      const members = this.inOrder()
        .filter(({ group }) => group === query.group)
        .slice(0, 1_000);
      return members.filter((job) => this.matches(query, job)).slice(0, query.limit);
    }
  },
  "counts 1,000 members": class extends ReferenceJobs {
    override async tally(group?: string): Promise<Tally[]> {
      const tally = await super.tally(group);
      return group === undefined ? tally : tally.map((one) => ({ ...one, count: Math.min(one.count, 1_000) }));
    }
  },
  "counts all jobs as members": class extends ReferenceJobs {
    override tally(): Promise<Tally[]> {
      return super.tally();
    }
  },
  "counts live members": class extends ReferenceJobs {
    override async tally(group?: string): Promise<Tally[]> {
      const tally = await super.tally(group);
      return group === undefined ? tally : tally.filter(({ state }) => !isFinal(state));
    }
  },
  "looks for live members in what it has seen a moment ago": class extends ReferenceJobs {
    #seen: Job[] | undefined;
    override async find(query: JobQuery): Promise<JobHead[]> {
      if (!query.live) return super.find(query);
      const jobs = this.#seen ?? [...this.data.jobs.values()];
      this.#seen = jobs;
      await tick();
      this.#seen = undefined;
      return jobs
        .filter((job) => matches(query, job))
        .slice(0, query.limit)
        .map((job) => this.copy(this.headOf(job)));
    }
  },
  "ends members a moment after it says so": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const [unit] = units as readonly [Unit];
      if (units.length !== 1 || unit.apply?.length !== 1 || unit.apply[0]?.type !== "cancel")
        return super.commit(units);
      const { outcome, writes, notes } = this.work(unit);
      void tick()
        .then(tick)
        .then(tick)
        .then(tick)
        .then(() => this.keep(writes, notes));
      return [this.answer(outcome)];
    }
  },
  "lets who waits for a slot wait by id": waiting((jobs, count) =>
    inLine(jobs)
      .sort((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, count),
  ),
  "lets the heaviest go first": waiting((jobs, count) =>
    inLine(jobs)
      .sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1))
      .slice(0, count),
  ),
  "lets any number wait": waiting((jobs) => inLine(jobs)),
  "limits who waits before it sorts them": waiting((jobs, count) =>
    jobs.filter(waitsForSlot).slice(0, count).sort(compareEntries),
  ),
  "lets jobs wait that wait for more": waiting((jobs, count) =>
    jobs
      .filter(({ state, slot }) => state === "delayed" && slot === undefined)
      .sort(compareEntries)
      .slice(0, count),
  ),
  "lets jobs wait that have a slot": waiting((jobs, count) =>
    jobs
      .filter(({ state }) => !isFinal(state))
      .sort(compareEntries)
      .slice(0, count),
  ),
  "tells whole jobs of who waits": class extends ReferenceJobs {
    override slotsOf(limitKey: string, count: number): LimitSlots {
      const jobs = [...this.data.jobs.values()].filter(({ limit }) => limit?.key === limitKey);
      const waiting = inLine(jobs).slice(0, count);
      return { held: this.heldSlots(limitKey), waiting: waiting.map((job) => this.copy(job)) };
    }
  },
  "counts the slots of ended jobs as held": class extends ReferenceJobs {
    override heldSlots(limitKey: string): number[] {
      const held = [...this.data.jobs.values()].filter(({ limit, token }) => limit?.key === limitKey && token > 0);
      return [...super.heldSlots(limitKey), ...held.flatMap(({ state }) => (isFinal(state) ? 0 : []))];
    }
  },
  "holds slots of other limits": class extends ReferenceJobs {
    override heldSlots(): number[] {
      return this.select({ slot: "held", limit: Infinity }).flatMap(({ slot }) => slot ?? []);
    }
  },
  "tells slots in the order of their keys": class extends ReferenceJobs {
    override slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
      return super.slots([...limitKeys].sort(), count);
    }
  },
  "tells everything twice of a key that is asked for twice": class extends ReferenceJobs {
    override async slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
      const asked = (key: string) => limitKeys.filter((one) => one === key);
      const slots = await super.slots(limitKeys, count);
      return slots.map((one, at) => ({ ...one, held: asked(limitKeys[at] as string).flatMap(() => one.held) }));
    }
  },
  "tells so many of who waits over all keys": class extends ReferenceJobs {
    override async slots(limitKeys: readonly string[], count: number): Promise<LimitSlots[]> {
      let left = count;
      return limitKeys.map((key) => {
        const slots = this.slotsOf(key, left);
        left -= slots.waiting.length;
        return slots;
      });
    }
  },
  "frees slots before it gives any out": class extends ReferenceJobs {
    override async commit(units: readonly Unit[]): Promise<UnitOutcome[]> {
      const admits = (unit: Unit): boolean => !!unit.apply?.some(({ type }) => type === "admit");
      const order = [...units.keys()].sort(
        (a, b) => Number(admits(units[a] as Unit)) - Number(admits(units[b] as Unit)),
      );
      const outcomes = await super.commit(order.map((at) => units[at] as Unit));
      return units.map((_, at) => outcomes[order.indexOf(at)] as UnitOutcome);
    }
  },
  "hands its own limits out": class extends ReferenceJobs {
    override slotsOf(limitKey: string, count: number): LimitSlots {
      const { held, waiting } = super.slotsOf(limitKey, count);
      return { held, waiting: waiting.map((job) => ({ ...job, limit: this.data.jobs.get(job.id)?.limit })) };
    }
    override async find(query: JobQuery): Promise<JobHead[]> {
      return (await super.find(query)).map((job) => ({ ...job, limit: this.data.jobs.get(job.id)?.limit }));
    }
  },
  "purges what owes": class extends ReferenceJobs {
    override store({ remove = [], purge = [], ...unit }: Unit): UnitOutcome {
      const ended = purge.filter((id) => {
        const job = this.data.jobs.get(id);
        const canceled = unit.apply?.some((change) => change.id === id && change.type === "cancel");
        return job && (isFinal(job.state) || canceled) && !remove.includes(id);
      });
      return super.store({ ...unit, remove: [...remove, ...ended] });
    }
  },
};
