import type { ModuleContext, ReservedJob } from "../module.ts";
import { isLost } from "./is-lost.ts";
import type { JobRunner } from "./job-runner.ts";
import type { LeaseRenewal } from "./lease-renewal.ts";
import type { Slots } from "./slots.ts";

/** A job that is reserved and not begun yet. */
interface Waiting {
  readonly topic: string;
  readonly job: ReservedJob;
}

/** What a line of jobs needs of its worker. */
export interface JobLineOptions {
  readonly slots: Slots;
  readonly runner: Pick<JobRunner, "work">;
  readonly renewal: LeaseRenewal;
  readonly report: ModuleContext["report"];
  /** Aborts when the worker stops. */
  readonly signal: AbortSignal;
}

/** The jobs that a worker has reserved: they begin in the order in which they came, as soon as there are slots. */
export class JobLine {
  readonly #options: JobLineOptions;
  #waiting: Waiting[] = [];
  /** How many of each topic wait: counting hundreds anew for every job takes longer than a job does in memory. */
  readonly #counts = new Map<string, number>();
  #changed: (() => void)[] = [];
  readonly #begun = new Set<() => void>();

  constructor(options: JobLineOptions) {
    this.#options = options;
  }

  /**
   * How many jobs of the topic to reserve: none while more than half of those prefetched wait, since many cost little
   * more than one.
   */
  room(topic: string, prefetch: number): number {
    return this.#count(topic) > prefetch / 2 ? 0 : this.capacity(topic, prefetch);
  }

  /** How many jobs of the topic may wait here, or begin. */
  capacity(topic: string, prefetch: number): number {
    const { slots } = this.#options;
    return Math.max(0, slots.free(topic) + prefetch - this.#count(topic) - slots.settling(topic));
  }

  take(topic: string, jobs: readonly ReservedJob[]): void {
    for (const job of jobs) {
      this.#options.renewal.add(job);
      this.#waiting.push({ topic, job });
    }
    this.#counted(topic, jobs.length);
    this.#beginWaiting();
  }

  /** The slots that the topic asked for and has not taken are there for others. */
  endAsk(topic: string): void {
    if (!this.#options.slots.ask(topic, 0)) return;
    this.#beginWaiting();
    this.wake();
  }

  /** Gives back what was not begun, of all topics or of one. */
  async giveBack(topic?: string): Promise<void> {
    const isMeant = (one: Waiting): boolean => topic === undefined || one.topic === topic;
    const meant = this.#waiting.filter(isMeant);
    this.#waiting = this.#waiting.filter((one) => !isMeant(one));
    for (const one of meant) this.#counted(one.topic, -1);
    await Promise.all(meant.map(({ job }) => this.release(job)));
  }

  async release(job: ReservedJob): Promise<void> {
    this.#options.renewal.delete(job);
    try {
      await job.release();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (!isLost(error) && code !== "INVALID_STATE") this.#options.report(error, `giving job ${job.id} back`);
    }
  }

  /** Resolves when no job runs, and all that have run are settled. */
  async idle(): Promise<void> {
    while (!this.#options.slots.isIdle) await this.change();
  }

  /** Resolves when a slot was freed or a job settled, or the worker stops. */
  change(): Promise<void> {
    return new Promise((resolve) => void this.#changed.push(resolve));
  }

  wake(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  /** Calls `begun` whenever a job has begun, until the function that is returned is called. */
  onBegun(begun: () => void): () => void {
    this.#begun.add(begun);
    return () => void this.#begun.delete(begun);
  }

  #count(topic: string): number {
    return this.#counts.get(topic) ?? 0;
  }

  #counted(topic: string, more: number): void {
    this.#counts.set(topic, this.#count(topic) + more);
  }

  /** Begins what there is room for, in the order in which it came. */
  #beginWaiting(): void {
    const { slots, renewal, signal } = this.#options;
    for (let at = 0; at < this.#waiting.length && !slots.isFull && !signal.aborted; ) {
      const { topic, job } = this.#waiting[at] as Waiting;
      if (!job.isOver && slots.free(topic) === 0) at++;
      else {
        if (at === 0)
          this.#waiting.shift(); // which moves nothing
        else this.#waiting.splice(at, 1);
        this.#counted(topic, -1);
        if (job.isOver)
          renewal.delete(job); // canceled meanwhile, or somebody else's
        else this.#begin(topic, job);
      }
    }
    for (const begun of this.#begun) begun();
  }

  /** The next one begins when the handler has ended; others are reserved in its place when it is settled. */
  #begin(topic: string, job: ReservedJob): void {
    const { slots, runner } = this.#options;
    let runs = true;
    const hasRun = (): void => {
      if (!runs) return;
      runs = false;
      slots.end(topic);
      this.#beginWaiting();
      if (!slots.isFull) this.wake(); // a slot that nothing here needs is there for other topics
    };
    slots.begin(topic);
    void runner.work(job, hasRun).then(() => {
      hasRun();
      slots.settled(topic);
      this.wake();
    });
  }
}
