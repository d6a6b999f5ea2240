import type { ModuleContext, ReservedJob } from "../module.ts";
import { isLost } from "./is-lost.ts";
import type { JobRunner } from "./job-runner.ts";
import type { LeaseRenewal } from "./lease-renewal.ts";
import type { Slots } from "./slots.ts";

/** A job that is reserved and not begun yet. */
interface Waiting {
  readonly job: ReservedJob;
  /** How many came before it, of all topics. */
  readonly place: number;
}

/** What a line of jobs needs of its worker. */
export interface JobLineOptions {
  readonly topics: Iterable<string>;
  readonly slots: Slots;
  readonly runner: Pick<JobRunner, "work">;
  readonly renewal: LeaseRenewal;
  readonly report: ModuleContext["report"];
  /** Aborts when the worker stops. */
  readonly signal: AbortSignal;
}

/**
 * The jobs that a worker has reserved: they begin in the order in which they came, as soon as there are slots. What a
 * job takes does not grow with the number of topics, as long as these do not compete for slots.
 */
export class JobLine {
  readonly #options: JobLineOptions;
  readonly #waiting = new Map<string, Waiting[]>();
  #places = 0;
  /** Who waits for a change, by the topic that matters to them: any, if it is undefined. */
  readonly #changed = new Map<string | undefined, (() => void)[]>();
  readonly #begun = new Set<() => void>();

  constructor(options: JobLineOptions) {
    this.#options = options;
    for (const topic of options.topics) this.#waiting.set(topic, []);
  }

  /**
   * How many jobs of the topic to reserve: none while more than half of those prefetched wait, since many cost little
   * more than one.
   */
  room(topic: string, prefetch: number): number {
    return this.#waitingOf(topic).length > prefetch / 2 ? 0 : this.capacity(topic, prefetch);
  }

  /** How many jobs of the topic may wait here, or begin. */
  capacity(topic: string, prefetch: number): number {
    const { slots } = this.#options;
    return Math.max(0, slots.free(topic) + prefetch - this.#waitingOf(topic).length - slots.settling(topic));
  }

  take(topic: string, jobs: readonly ReservedJob[]): void {
    const waiting = this.#waitingOf(topic);
    for (const job of jobs) {
      this.#options.renewal.add(job);
      waiting.push({ job, place: this.#places++ });
    }
    this.#beginWaiting(topic);
  }

  /** The slots that the topic asked for and has not taken are there for others. */
  endAsk(topic: string): void {
    if (!this.#options.slots.ask(topic, 0)) return;
    this.#beginWaiting(topic);
    this.wake();
  }

  /** Gives back what was not begun, of all topics or of one. */
  async giveBack(topic?: string): Promise<void> {
    const lines = topic === undefined ? [...this.#waiting.values()] : [this.#waitingOf(topic)];
    await Promise.all(lines.flatMap((line) => line.splice(0).map(({ job }) => this.release(job))));
  }

  async release(job: ReservedJob): Promise<void> {
    try {
      await job.release();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (!isLost(error) && code !== "INVALID_STATE") this.#options.report(error, `giving job ${job.id} back`);
    }
    this.#options.renewal.delete(job);
  }

  /** Resolves when no job runs, and all that have run are settled. */
  async idle(): Promise<void> {
    while (!this.#options.slots.isIdle) await this.change();
  }

  /** Resolves when a slot was freed that the topic may use, or a job of it settled, or the worker stops. */
  change(topic?: string): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.#changed.get(topic);
      if (waiters) waiters.push(resolve);
      else this.#changed.set(topic, [resolve]);
    });
  }

  /** Tells of a change to the topic, or to all. */
  wake(topic?: string): void {
    for (const key of topic === undefined ? [...this.#changed.keys()] : [topic, undefined]) {
      const waiters = this.#changed.get(key);
      if (!waiters) continue;
      this.#changed.delete(key);
      for (const resolve of waiters) resolve();
    }
  }

  /** Calls `begun` whenever a job has begun, until the function that is returned is called. */
  onBegun(begun: () => void): () => void {
    this.#begun.add(begun);
    return () => void this.#begun.delete(begun);
  }

  #waitingOf(topic: string): Waiting[] {
    return this.#waiting.get(topic) as Waiting[]; // the worker asks for its own topics only
  }

  /** Begins what there is room for, after a change to a topic: of that one, or of all that compete with it. */
  #beginWaiting(changed: string): void {
    for (let topic = this.#next(changed); topic !== undefined; topic = this.#next(changed)) {
      this.#begin(topic, (this.#waitingOf(topic).shift() as Waiting).job);
      if (topic !== changed) this.wake(topic); // it may reserve others
    }
    for (const begun of this.#begun) begun();
  }

  /** A slot that nothing here needs is there for what is reserved next: of any topic, where they compete. */
  #offerSlot(topic: string): void {
    const { slots } = this.#options;
    if (!slots.areScarce) {
      if (slots.free(topic) > 0) this.wake(topic);
    } else if (!slots.isFull) this.wake();
  }

  /** The topic whose job begins next: of those that have a slot, that whose first job came first. */
  #next(changed: string): string | undefined {
    const { slots, signal } = this.#options;
    if (slots.isFull || signal.aborted) return undefined;
    let next: string | undefined;
    let least = Infinity;
    for (const topic of slots.areScarce ? this.#waiting.keys() : [changed]) {
      const place = this.#first(topic)?.place ?? Infinity;
      if (place < least && slots.free(topic) > 0) [next, least] = [topic, place];
    }
    return next;
  }

  /** The first job of the topic that waits: those before it are dropped that were canceled meanwhile, or are lost. */
  #first(topic: string): Waiting | undefined {
    const waiting = this.#waitingOf(topic);
    if (waiting[0]?.job.isOver) {
      while (waiting[0]?.job.isOver) this.#options.renewal.delete((waiting.shift() as Waiting).job);
      this.wake(topic);
    }
    return waiting[0];
  }

  /** The next one begins when the handler has ended; others are reserved in its place when it is settled. */
  #begin(topic: string, job: ReservedJob): void {
    const { slots, runner } = this.#options;
    let runs = true;
    const hasRun = (): void => {
      if (!runs) return;
      runs = false;
      slots.end(topic);
      this.#beginWaiting(topic);
      this.#offerSlot(topic);
    };
    slots.begin(topic);
    void runner.work(job, hasRun).then(() => {
      hasRun();
      slots.settled(topic);
      this.wake(topic);
    });
  }
}
