import {
  compareEntries,
  heldKey,
  heldSlot,
  isFinal,
  type Job,
  type JobId,
  type JobQuery,
  SortedList,
  waitsForSlot,
} from "@jobq/core";

type ById = SortedList<{ readonly id: JobId }, Job>;

const byId = (): ById => new SortedList((a, b) => a.id < b.id);

/** The members of a group. */
interface Group {
  readonly members: ById;
  readonly live: ById;
}

/**
 * Where to find jobs by what most of them do not have: a key, a group, a limit, others that wait for them. A job `leaves`
 * before it changes and `enters` after it; one that has nothing of the sort costs a few comparisons.
 */
export class SpecialJobs {
  readonly #keys = new Map<string, Job>();
  readonly #slots = new Map<string, Job>();
  readonly #groups = new Map<string, Group>();
  /** By limit key: the holders of slots, and those that wait for one, in the order in which they run. */
  readonly #holders = new Map<string, Set<Job>>();
  readonly #waiting = new Map<string, SortedList<Pick<Job, "id" | "weight">, Job>>();
  readonly #owing = byId();
  readonly #awaiting = byId();

  /** The job that holds the unique key or the slot that this one holds or would hold, other than `itself`. */
  holderOf(job: Job, itself?: Job): Job | undefined {
    if (isPlain(job)) return undefined;
    const [key, slot] = [heldKey(job), heldSlot(job)];
    const [keyHolder, slotHolder] = [this.#keys.get(key ?? ""), this.#slots.get(slot ?? "")];
    return [keyHolder, slotHolder].find((holder) => holder && holder !== itself);
  }

  /** The jobs that wait for a slot of the key, in the order in which they run. */
  waitingForSlot(limitKey: string): Iterable<Job> {
    return this.#waiting.get(limitKey)?.from() ?? [];
  }

  /** The slots of the key that are held. */
  heldSlots(limitKey: string): number[] {
    return [...(this.#holders.get(limitKey) ?? [])].map(({ slot }) => slot as number);
  }

  /**
   * Everything that can match the query, by id, where it asks for something that few jobs have; undefined where it does
   * not.
   */
  candidates({ unique, group, live, limitKey, slot, owes, awaitsGroup, after }: JobQuery): Iterable<Job> | undefined {
    const from = after === undefined ? undefined : { id: after };
    if (unique !== undefined) return [this.#keys.get(unique) ?? []].flat();
    if (slot !== undefined) return sorted(this.#ofLimits(slot === "held" ? this.#holders : this.#waiting, limitKey));
    if (owes) return this.#owing.from(from);
    if (awaitsGroup) return this.#awaiting.from(from);
    if (group === undefined) return undefined;
    const found = this.#groups.get(group);
    return (live ? found?.live : found?.members)?.from(from) ?? [];
  }

  enter(job: Job): void {
    if (isPlain(job)) return;
    const { group, limit, state } = job;
    const [key, slot] = [heldKey(job), heldSlot(job)];
    if (key !== undefined) this.#keys.set(key, job);
    if (slot !== undefined) this.#slots.set(slot, job);
    if (group !== undefined) this.#join(group, job);
    if (limit && job.slot !== undefined) mapped(this.#holders, limit.key, () => new Set()).add(job);
    else if (limit && waitsForSlot(job)) {
      mapped(this.#waiting, limit.key, () => new SortedList((a, b) => compareEntries(a, b) < 0)).add(job);
    }
    if (job.links !== undefined && isFinal(state)) this.#owing.add(job);
    if (job.awaits && state === "delayed") this.#awaiting.add(job);
  }

  /** @param gone whether it will not come back */
  leave(job: Job, gone = false): void {
    if (isPlain(job)) return;
    const { group, limit } = job;
    const [key, slot] = [heldKey(job), heldSlot(job)];
    if (key !== undefined && this.#keys.get(key) === job) this.#keys.delete(key);
    if (slot !== undefined && this.#slots.get(slot) === job) this.#slots.delete(slot);
    if (group !== undefined) this.#part(group, job, gone);
    if (limit) this.#leaveLimit(limit.key, job);
    this.#owing.delete(job);
    this.#awaiting.delete(job);
  }

  #join(name: string, job: Job): void {
    const group = mapped(this.#groups, name, () => ({ members: byId(), live: byId() }));
    group.members.add(job);
    if (!isFinal(job.state)) group.live.add(job);
  }

  #part(name: string, job: Job, gone: boolean): void {
    const group = this.#groups.get(name);
    group?.live.delete(job);
    if (!gone) return;
    group?.members.delete(job);
    if (group?.members.size === 0) this.#groups.delete(name);
  }

  #leaveLimit(key: string, job: Job): void {
    const holders = this.#holders.get(key);
    if (holders?.delete(job) && holders.size === 0) this.#holders.delete(key);
    const waiting = this.#waiting.get(key);
    if (waiting?.delete(job) && waiting.size === 0) this.#waiting.delete(key);
  }

  *#ofLimits(of: Map<string, Set<Job> | SortedList<Pick<Job, "id" | "weight">, Job>>, key?: string): Generator<Job> {
    const all = key === undefined ? of.values() : [of.get(key) ?? new Set<Job>()];
    for (const jobs of all) yield* jobs instanceof Set ? jobs : jobs.from();
  }
}

function isPlain(job: Job): boolean {
  const { unique, group, limit, links, awaits } = job;
  return (
    unique === undefined && group === undefined && limit === undefined && links === undefined && awaits === undefined
  );
}

function sorted(jobs: Iterable<Job>): Job[] {
  return [...jobs].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function mapped<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
