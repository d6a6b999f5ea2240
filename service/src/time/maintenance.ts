import type { ChangeType, JobHead, QueueStore, Timestamp } from "@jobq/core";
import type { Notifier } from "../events/notifier.ts";
import type { Report } from "../report.ts";
import type { FollowUps } from "../waits/follow-ups.ts";
import { Ticker } from "./ticker.ts";

/** What maintenance needs of its service. */
export interface MaintenanceOptions {
  readonly store: QueueStore;
  /** Looks for what ends of jobs have left undone. */
  readonly followUps: Pick<FollowUps, "recover">;
  /** Told of the jobs that time moves. */
  readonly notifier: Notifier;
  readonly report: Report;
  /** How long at most time goes unlooked at while jobs are asked for; undefined where no other process moves jobs. */
  readonly pollMs: number | undefined;
  /** How long between two recoveries; undefined where one, at the start, is all it takes. */
  readonly recoveryMs: number | undefined;
}

/** Jobs that one step takes on. */
const PAGE = 1000;

/** How long after a failure entries are looked for. */
const RETRY_AFTER_MS = 10_000;

/** What time brings: delayed jobs become ready, ended leases expire, lost entries come back. */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  readonly #ticker: Ticker;
  #tickedAt = 0;
  /** At once, that is: the clock may not have found the time yet. */
  #recoverAt = 0;
  #recovering: Promise<void> | undefined;
  #stopped = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
    this.#ticker = new Ticker(
      options.store.jobs.clock,
      () => this.#tick(),
      (error) => this.#failed(error),
    );
  }

  /** Looks for the first time, at what came while nobody did. */
  start(): void {
    this.#ticker.run().catch((error) => this.#failed(error));
  }

  /** Something will be due at that instant. */
  due(at: Timestamp): void {
    this.#ticker.arm(at);
  }

  /** Catches up with time before jobs are handed out. */
  async catchUp(): Promise<void> {
    const { pollMs = Infinity, store } = this.#options;
    const late = store.jobs.clock.now() - this.#tickedAt >= pollMs;
    await (late ? this.#ticker.run() : this.#ticker.runDue());
  }

  /** Jobs could not be reserved or moved: entries that had been taken out for that may be lost. */
  recoverSoon(): void {
    this.#recoverIn(RETRY_AFTER_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ticker.stop();
    await this.#recovering;
  }

  async #tick(): Promise<Timestamp> {
    const { store } = this.#options;
    await store.jobs.clock.sync();
    const now = store.jobs.clock.now();
    this.#tickedAt = now;
    try {
      await this.#each("promote", (limit) => store.promote(now, limit), now);
      await this.#each("expire", (limit) => store.expire(now, limit), now);
    } catch (error) {
      this.recoverSoon();
      throw error;
    }
    if (this.#recoverAt <= now) this.#recovering ??= this.#recover();
    const dueAt = (await store.topics.nextDueAt()) ?? Infinity;
    const leaseEndAt = (await store.jobs.nextLeaseEndAt()) ?? Infinity;
    return Math.max(now + 1, Math.min(dueAt, leaseEndAt, this.#recovering ? Infinity : this.#recoverAt));
  }

  async #each(type: ChangeType, step: (limit: number) => Promise<JobHead[]>, now: Timestamp): Promise<void> {
    let count = PAGE;
    while (count === PAGE && !this.#stopped) {
      const jobs = await step(PAGE);
      for (const job of jobs) this.#options.notifier.changed(job, type, now);
      count = jobs.length;
    }
  }

  /** In the background: nobody who reserves waits for it. */
  async #recover(): Promise<void> {
    const { store, notifier, report, recoveryMs } = this.#options;
    this.#recoverAt = Infinity;
    try {
      for await (const count of store.recover(PAGE)) {
        if (count > 0) {
          notifier.recovered();
          this.#ticker.arm((await store.topics.nextDueAt()) ?? Infinity);
        }
        if (this.#stopped) break;
      }
      if (!this.#stopped) await this.#options.followUps.recover();
      this.#recoverIn(recoveryMs);
    } catch (error) {
      this.recoverSoon();
      report(error, "recovering");
    }
    this.#recovering = undefined;
    this.#ticker.arm(this.#recoverAt);
  }

  #failed(error: unknown): void {
    this.#options.report(error, "ticking");
  }

  #recoverIn(ms = Infinity): void {
    this.#recoverAt = Math.min(this.#options.store.jobs.clock.now() + ms, this.#recoverAt);
    this.#ticker.arm(this.#recoverAt);
  }
}
