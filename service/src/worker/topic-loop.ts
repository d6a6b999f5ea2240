import type { Duration, JobqError } from "@jobq/core";
import { type JobService, type ModuleContext, onAbort, type ReservedJob } from "../module.ts";
import type { JobLine } from "./job-line.ts";
import type { JobRunner } from "./job-runner.ts";
import type { LeaseRenewal } from "./lease-renewal.ts";
import { pause } from "./pause.ts";
import type { Rate } from "./rate/rate.ts";
import type { Slots } from "./slots.ts";
import type { Suspects } from "./suspects.ts";

/** A loop waits so long for a job before it asks again. */
const WAIT: Duration = "1h";

/** What a loop needs of its worker. */
export interface TopicLoopOptions {
  readonly service: JobService;
  readonly context: ModuleContext;
  readonly slots: Slots;
  readonly line: JobLine;
  readonly renewal: LeaseRenewal;
  readonly runner: Pick<JobRunner, "handles">;
  readonly suspects: Suspects;
  readonly leaseMs: number;
  readonly prefetch: number;
  /** Aborts when the worker stops. */
  readonly signal: AbortSignal;
}

/** Reserves for one topic whatever there is room for, as long as the worker works. */
export class TopicLoop {
  readonly #topic: string;
  readonly #rate: Rate | undefined;
  readonly #prefetch: number;
  readonly #options: TopicLoopOptions;
  /** Whether it waits for jobs without keeping slots from other topics: there were none when it looked last. */
  #isIdle: boolean;

  constructor(topic: string, rate: Rate | undefined, options: TopicLoopOptions) {
    this.#topic = topic;
    this.#rate = rate;
    this.#prefetch = rate ? 0 : options.prefetch; // what waits would begin together with what a later span allows
    this.#options = options;
    this.#isIdle = !options.slots.areScarce;
  }

  async run(): Promise<void> {
    const { line, signal, context } = this.#options;
    while (!signal.aborted) {
      const room = line.room(this.#topic, this.#prefetch);
      if (room <= 0) {
        await line.change(this.#topic);
        continue;
      }
      try {
        await this.#fill(room);
      } catch (error) {
        if (signal.aborted || (error as JobqError).code === "CLOSED") return;
        context.report(error, `reserving jobs of ${this.#topic}`);
        await pause(context.clock, signal);
      } finally {
        line.endAsk(this.#topic);
      }
    }
  }

  async #fill(room: number): Promise<void> {
    const { line, context, signal, suspects } = this.#options;
    const rate = this.#rate;
    const most = rate ? Math.min(room, await this.#unlessStopped(() => rate.free())) : room;
    if (most === 0) return pause(context.clock, signal, rate?.nextInMs);
    const reserved = await suspects.admit((await this.#reserve(most)) ?? (await this.#wait(most)));
    const fitting = line.capacity(this.#topic, this.#prefetch); // other topics may have taken the slots meanwhile
    const jobs = reserved.slice(0, fitting);
    if (rate) await this.#takeAtRate(jobs, rate);
    else line.take(this.#topic, jobs);
    await Promise.all(reserved.slice(fitting).map((job) => line.release(job)));
  }

  /** Looks for jobs, for which slots are kept meanwhile; undefined where there are none, or none are to be kept. */
  async #reserve(most: number): Promise<readonly ReservedJob[] | undefined> {
    const { service, slots, line, leaseMs } = this.#options;
    if (this.#isIdle) return undefined;
    slots.ask(this.#topic, Math.min(most, slots.free(this.#topic)));
    const jobs = await service.reserve(this.#topic, most, { lease: leaseMs });
    if (jobs.length > 0) return jobs;
    this.#isIdle = true;
    line.endAsk(this.#topic);
    return undefined;
  }

  /** Waits for jobs; no longer than there is room for one, since other topics may take the slots. */
  async #wait(most: number): Promise<readonly ReservedJob[]> {
    const { service, slots, line, leaseMs, signal } = this.#options;
    const reserve = (until: AbortSignal) =>
      service.reserve(this.#topic, most, { wait: WAIT, lease: leaseMs, signal: until });
    if (!slots.areScarce) return reserve(signal);
    const wait = new AbortController();
    const check = (): void => {
      if (signal.aborted || line.room(this.#topic, this.#prefetch) <= 0) wait.abort();
    };
    const undo = [onAbort(signal, check), line.onBegun(check)];
    try {
      check();
      const jobs = await reserve(wait.signal);
      this.#isIdle = false;
      return jobs;
    } catch (error) {
      if (wait.signal.aborted && !signal.aborted) return [];
      throw error;
    } finally {
      for (const end of undo) end();
    }
  }

  /** Begins as many as the rate allows, and gives back those that do not begin now. */
  async #takeAtRate(jobs: readonly ReservedJob[], rate: Rate): Promise<void> {
    const { line, renewal, runner } = this.#options;
    const own = jobs.filter((job) => runner.handles(job));
    const others = jobs.filter((job) => !runner.handles(job)); // left to other workers, they take no places
    let taken = 0;
    for (const job of own) renewal.add(job); // the store may take its time
    try {
      if (own.length > 0) taken = await this.#unlessStopped(() => rate.take(own.length));
    } finally {
      line.take(this.#topic, [...own.slice(0, taken), ...others]);
      await Promise.all([...own.slice(taken).map((job) => line.release(job)), line.giveBack(this.#topic)]);
    }
  }

  /** How many places there are, or none as soon as the worker stops, however long the store takes. */
  async #unlessStopped(places: () => number | Promise<number>): Promise<number> {
    const { signal } = this.#options;
    if (signal.aborted) return 0;
    let undo = (): void => {};
    const stopped = new Promise<number>((resolve) => {
      undo = onAbort(signal, () => resolve(0));
    });
    try {
      return await Promise.race([places(), stopped]);
    } finally {
      undo();
    }
  }
}
