import {
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
import { andMore, Failures } from "./failures.ts";
import { GroupEnds, type HasCanceled } from "./group-ends.ts";
import { SlotAdmission } from "./slot-admission.ts";
import { ToldEnds } from "./told-ends.ts";

/** What follow-ups need of their service. */
export interface FollowUpsOptions {
  readonly store: QueueStore;
  readonly writes: () => Writes;
  readonly now: () => Timestamp;
  readonly newId: NewId;
  /** Tells who finishes what has nothing to run. */
  readonly by: () => string;
  readonly report: Report;
  /** Asked for when a follow-up failed: what is left undone is found by looking. */
  readonly recoverSoon: () => void;
}

/** A group to look at. */
interface GroupToLookAt {
  readonly parent: JobId;
  readonly hasCanceled: HasCanceled;
}

/** Jobs that recovery looks at together. */
const PAGE = 1000;

/** What is done at once: enough that units leave together, few enough that a service can stop between them. */
const LANES = 100;

/** One thing to do, and what to call it if it fails. */
interface Task {
  readonly doing: string;
  readonly run: () => Promise<void>;
}

/** False for a job that nobody waits for, and that waits for no group and no slot. */
export function isLinked({ links, group, limit, awaits }: JobHead): boolean {
  return links !== undefined || group !== undefined || limit !== undefined || !!awaits;
}

/**
 * What follows when a job ends, or begins to wait: those that wait for it are told, its group is looked at, its slot is
 * given to the next. Whoever commits looks afterwards, so that the last of two sees the other; everything here can be
 * done twice, by anybody, and after a death recovery does it. Jobs that nobody waits for never come here.
 */
export class FollowUps {
  readonly #options: FollowUpsOptions;
  readonly #toldEnds: ToldEnds;
  readonly #groupEnds: GroupEnds;
  readonly #slots: SlotAdmission;
  /** What is to be done next; whatever comes while it is done is done together after it. */
  #ended = new Map<JobId, JobHead>();
  #groups = new Map<string, GroupToLookAt>();
  #limitKeys = new Set<string>();
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
    if (links !== undefined && what !== "remove" && isOver) this.#ended.set(job.id, job);
    if (group !== undefined && parent !== undefined && isOver)
      this.#lookAt(group, parent, state === "canceled" ? "yes" : "no");
    if (awaits && state === "delayed") this.#lookAt(awaits, job.id, "no");
    if (limit && (isOver || waitsForSlot(job))) this.#limitKeys.add(limit.key);
    this.#start();
  }

  /** Looks for what a death has left undone, page by page: whoever iterates can stop between them. */
  async *recover(): AsyncGenerator<void> {
    yield* this.#each({ owes: true }, (job) => this.#ended.set(job.id, job));
    yield* this.#each({ awaitsGroup: true }, (job) => this.#lookAt(job.awaits as string, job.id, "unknown"));
    yield* this.#each({ slot: "awaited" }, (job) => job.limit && this.#limitKeys.add(job.limit.key));
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

  #lookAt(group: string, parent: JobId, hasCanceled: HasCanceled): void {
    const before = this.#groups.get(group)?.hasCanceled ?? "no";
    this.#groups.set(group, { parent, hasCanceled: hasCanceled === "no" || before === "yes" ? before : hasCanceled });
  }

  async *#each(
    query: { owes: true } | { awaitsGroup: true } | { slot: "awaited" },
    take: (job: JobHead) => unknown,
  ): AsyncGenerator<void> {
    for (let page: JobHead[] = [], after: JobId | undefined; ; after = page.at(-1)?.id) {
      page = await this.#options.store.jobs.find({ ...query, limit: PAGE, after });
      yield;
      for (const job of page) take(job);
      this.#start();
      await this.idle();
      if (page.length < PAGE) return;
    }
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    await undefined; // what is stored in the same turn goes along
    while (this.#ended.size + this.#groups.size + this.#limitKeys.size > 0) {
      const tasks = this.#take().values();
      const failures = new Failures();
      const lane = async (): Promise<void> => {
        for (const { run, doing } of tasks)
          await run().catch((error) => this.#isLeft(error) || failures.add(error, doing));
      };
      await Promise.all(Array.from({ length: LANES }, lane));
      if (failures.report(this.#options.report)) this.#options.recoverSoon();
    }
    this.#running = undefined;
  }

  /** All that is to be done now. */
  #take(): Task[] {
    const [ended, groups, limitKeys] = [this.#ended, this.#groups, this.#limitKeys];
    this.#ended = new Map();
    this.#groups = new Map();
    this.#limitKeys = new Set();
    return [
      ...[...ended.values()].map((job) => ({
        doing: `telling those that wait for job ${job.id}`,
        run: () => this.#toldEnds.tell(job),
      })),
      ...[...groups].map(([group, { parent, hasCanceled }]) => ({
        doing: `looking whether group ${group} has ended`,
        run: () => this.#groupEnds.look(group, parent, hasCanceled),
      })),
      ...this.#admissions([...limitKeys]),
    ];
  }

  #admissions(limitKeys: readonly string[]): Task[] {
    if (limitKeys.length === 0) return [];
    const doing = `giving out the slots of limit key ${JSON.stringify(limitKeys[0])}`;
    return [{ doing: andMore(doing, limitKeys.length - 1), run: () => this.#slots.admit(limitKeys) }];
  }
}
