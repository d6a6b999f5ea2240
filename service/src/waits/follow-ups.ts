import {
  type Clock,
  Deadline,
  isFinal,
  type JobHead,
  type JobId,
  type JobqError,
  type JobRepository,
  type NewId,
  type QueueStore,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  waitsForSlot,
} from "@jobq/core";
import { closedError } from "../closed-error.ts";
import type { StoredChangeType } from "../events/stored-change.ts";
import type { Report } from "../report.ts";
import type { Writes } from "../store/writes.ts";
import { noLaterThan } from "../time/no-later-than.ts";
import { Failures } from "./failures.ts";
import { GroupEnds, type HasCanceled } from "./group-ends.ts";
import { SlotAdmission } from "./slot-admission.ts";
import { ToldEnds } from "./told-ends.ts";

/** What follow-ups need of their service. */
export interface FollowUpsOptions {
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly writes: () => Writes;
  readonly now: () => Timestamp;
  readonly newId: NewId;
  /** Tells who finishes what has nothing to run. */
  readonly by: () => string;
  readonly report: Report;
  /** Asked for when a follow-up failed: what is left undone is found by looking. */
  readonly recoverSoon: () => void;
}

/** Jobs that recovery looks at together. */
const PAGE = 1000;

/** What is done at once: enough that units leave together, few enough that a service can stop between them. */
const LANES = 100;

/** What takes longer, such as when somebody has locked a job, holds up nothing else any more. */
const SLOW_MS = 100;

/** One thing to do, by a name of its own, which tells what failed. */
type Task = readonly [doing: string, run: () => Promise<void>];

/** False for a job that nobody waits for, and that waits for no group and no slot. */
export function isLinked({ links, group, limit, awaits }: JobHead): boolean {
  return links !== undefined || group !== undefined || limit !== undefined || !!awaits;
}

/**
 * What follows when a job ends, or begins to wait: those that wait for it are told, its group is looked at, its slot is
 * given to the next. Each looks after its own commit, so that the last of two sees the other; everything here can be
 * done twice, by anybody, and after a death recovery does it. Jobs that nobody waits for never come here.
 */
export class FollowUps {
  readonly #options: FollowUpsOptions;
  readonly #toldEnds: ToldEnds;
  readonly #groupEnds: GroupEnds;
  readonly #slots: SlotAdmission;
  /** What is to be done next; whatever comes while it is done is done together after it. */
  readonly #pending = new Map<string, Task[1]>();
  /** What is known of the members of the groups that are to be looked at. */
  readonly #groups = new Map<string, HasCanceled>();
  /** What is done now. It is not done twice at once, however often it is asked for. */
  readonly #underWay = new Set<string>();
  #running: Promise<void> | undefined;
  #hasGivenUp = false;

  constructor(options: FollowUpsOptions) {
    const { store, now, newId, by } = options;
    const jobs = this.#untilGivenUp(store.jobs);
    const commit = async (unit: Unit): Promise<UnitOutcome> => {
      this.#assertGoing();
      return options.writes().commit(unit);
    };
    this.#options = options;
    this.#groupEnds = new GroupEnds({ jobs, now, commit, by });
    this.#toldEnds = new ToldEnds({ jobs, now, newId, commit, groupEnds: this.#groupEnds });
    this.#slots = new SlotAdmission({ jobs, now, commit });
  }

  /** Does in the background what follows from a change. */
  offer(job: JobHead, what: StoredChangeType): void {
    const { links, group, parent, limit, awaits, state } = job;
    if (!isLinked(job)) return;
    const isOver = what === "remove" || isFinal(state);
    if (links !== undefined && what !== "remove" && isOver) this.#tellOf(job);
    if (group !== undefined && parent !== undefined && isOver)
      this.#lookAt(group, parent, state === "canceled" ? "yes" : "no");
    if (awaits && state === "delayed") this.#lookAt(awaits, job.id, "no");
    if (limit && (isOver || waitsForSlot(job))) this.#admit(limit.key);
  }

  /** Looks for what a death has left undone, page by page: the caller can stop between them. */
  async *recover(): AsyncGenerator<void> {
    yield* this.#each({ owes: true }, (job) => this.#tellOf(job));
    yield* this.#each({ awaitsGroup: true }, (job) => this.#lookAt(job.awaits as string, job.id, "unknown"));
    yield* this.#each({ slot: "awaited" }, (job) => job.limit && this.#admit(job.limit.key));
  }

  /** Tells those that wait for a job that has ended, now. */
  tell(ended: JobHead): Promise<void> {
    return this.#toldEnds.tell(ended);
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Does nothing more than what is under way; the rest is left to the recovery of any service over the store. */
  giveUp(): void {
    this.#hasGivenUp = true;
  }

  /** Whether somebody else will do it, because this service closes. */
  #isLeft(error: unknown): boolean {
    return this.#hasGivenUp && (error as Partial<JobqError>)?.code === "CLOSED";
  }

  #assertGoing(): void {
    if (this.#hasGivenUp) throw closedError();
  }

  #untilGivenUp(jobs: JobRepository): Pick<JobRepository, "get" | "find" | "notes" | "slots"> {
    const going = (): JobRepository => {
      this.#assertGoing();
      return jobs;
    };
    return {
      get: async (ids) => going().get(ids),
      find: async (query) => going().find(query),
      notes: async (id, kind) => going().notes(id, kind),
      slots: async (limitKeys, count) => going().slots(limitKeys, count),
    };
  }

  #tellOf(ended: JobHead): void {
    this.#add(`telling those that wait for job ${ended.id}`, () => this.#toldEnds.tell(ended));
  }

  #lookAt(group: string, parent: JobId, hasCanceled: HasCanceled): void {
    const before = this.#groups.get(group) ?? "no";
    this.#groups.set(group, hasCanceled === "no" || before === "yes" ? before : hasCanceled);
    this.#add(`looking whether group ${group} has ended`, () => {
      const known = this.#groups.get(group) ?? "no";
      this.#groups.delete(group);
      return this.#groupEnds.look(group, parent, known);
    });
  }

  #admit(limitKey: string): void {
    this.#add(`giving out the slots of limit key ${JSON.stringify(limitKey)}`, () => this.#slots.admit(limitKey));
  }

  #add(...[doing, run]: Task): void {
    this.#pending.set(doing, run);
    this.#running ??= this.#run();
  }

  async *#each(
    query: { owes: true } | { awaitsGroup: true } | { slot: "awaited" },
    take: (job: JobHead) => unknown,
  ): AsyncGenerator<void> {
    for (let page: JobHead[] = [], after: JobId | undefined; ; after = page.at(-1)?.id) {
      page = await this.#options.store.jobs.find({ ...query, limit: PAGE, after });
      yield;
      for (const job of page) take(job);
      await this.idle();
      if (page.length < PAGE) return;
    }
  }

  async #run(): Promise<void> {
    await undefined; // what is stored in the same turn goes along
    const rounds = new Set<Promise<void>>();
    for (let tasks = this.#take(); tasks.length + rounds.size > 0; tasks = this.#take()) {
      const round = tasks.length > 0 ? this.#round(tasks) : Promise.race(rounds);
      if (tasks.length > 0) rounds.add(round);
      void round.finally(() => rounds.delete(round));
      await noLaterThan(new Deadline(this.#options.clock, SLOW_MS), round);
    }
    this.#running = undefined;
  }

  async #round(tasks: readonly Task[]): Promise<void> {
    const left = tasks.values();
    const failures = new Failures();
    const lane = async (): Promise<void> => {
      for (const [doing, run] of left) {
        await run().catch((error) => this.#isLeft(error) || failures.add(error, doing));
        this.#underWay.delete(doing);
      }
    };
    await Promise.all(Array.from({ length: Math.min(tasks.length, LANES) }, lane));
    if (failures.report(this.#options.report)) this.#options.recoverSoon();
  }

  /** All that is to be done now. What is under way waits for its end, since what came after may need another look. */
  #take(): readonly Task[] {
    const tasks = [...this.#pending].filter(([doing]) => !this.#underWay.has(doing));
    for (const [doing] of tasks) {
      this.#pending.delete(doing);
      this.#underWay.add(doing);
    }
    return tasks;
  }
}
