import {
  type ChangeType,
  type Clock,
  Deadline,
  type JobHead,
  JobqError,
  type QueueStore,
  type Timestamp,
} from "@jobq/core";
import type { Notifier } from "../events/notifier.ts";
import type { Report } from "../report.ts";
import type { FollowUps } from "../waits/follow-ups.ts";
import { Ticker } from "./ticker.ts";
import type { Due } from "./watch-over.ts";

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
const RECOVER_AFTER_MS = 10_000;

/** The first and the longest pause before what is due is tried again that somebody else holds, in a transaction say. */
const FIRST_RETRY_MS = 10;
const LONGEST_RETRY_MS = 1000;

/** What time brings: delayed jobs become ready, ended leases expire, lost entries come back. */
export class Maintenance implements Due {
  readonly #options: MaintenanceOptions;
  readonly #clock: Clock;
  readonly #ticker: Ticker;
  /** Over when so much time has passed since the last tick that other processes may have brought something due. */
  #current: Deadline;
  /** Over when entries are to be looked for, as they are at the start. */
  #recovery: Deadline;
  #recovering: Promise<void> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #stopped = false;
  /** Somebody else has the store: it is not taken from here, once it is free, unless a call asks for it. */
  #isLockedOut = false;

  constructor(options: MaintenanceOptions) {
    const { clock } = options.store.jobs;
    this.#options = options;
    this.#clock = clock;
    this.#current = new Deadline(clock, 0);
    this.#recovery = new Deadline(clock, 0);
    this.#ticker = new Ticker(
      clock,
      () => this.#tick(),
      (error) => this.#failed(error),
      () => !this.#isLockedOut,
    );
  }

  /** True after somebody else was found to have the store, until a call has it. */
  get isLockedOut(): boolean {
    return this.#isLockedOut;
  }

  /** Looks for the first time, at what came while nobody did. */
  start(): void {
    this.#ticker.run().catch((error) => this.#failed(error));
  }

  /** Something will be due at that instant. */
  due(at: Timestamp): void {
    this.#ticker.arm(at);
  }

  readonly dueInMs = (): number => this.#ticker.dueInMs;

  readonly act = (): void => {
    this.#ticker.runDue().catch((error) => this.#failed(error));
  };

  /** Catches up with time before jobs are handed out. */
  async catchUp(): Promise<void> {
    await (this.#current.isOver ? this.#ticker.run() : this.#ticker.runDue());
  }

  /** Jobs could not be reserved, moved or stored: entries may be lost, and what follows an end may be left undone. */
  recoverSoon(): void {
    this.#recoverIn(RECOVER_AFTER_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ticker.stop();
    await this.#recovering;
  }

  async #tick(): Promise<Timestamp> {
    const { store, pollMs = Infinity } = this.#options;
    await this.#clock.sync();
    const now = this.#clock.now();
    this.#current = new Deadline(this.#clock, pollMs);
    try {
      await this.#each("promote", (limit) => store.promote(now, limit), now);
      await this.#each("expire", (limit) => store.expire(now, limit), now);
    } catch (error) {
      this.#isLockedOut = error instanceof JobqError && error.code === "STORE_LOCKED";
      this.recoverSoon();
      throw error;
    }
    this.#isLockedOut = false;
    if (this.#recovery.isOver) this.#recovering ??= this.#recover();
    const dueAt = (await store.topics.nextDueAt()) ?? Infinity;
    const leaseEndAt = (await store.jobs.nextLeaseEndAt()) ?? Infinity;
    return this.#after(now, Math.min(dueAt, leaseEndAt));
  }

  /** What is still due although it was seen to is somebody else's for now: tried again in ever longer pauses. */
  #after(now: Timestamp, next: Timestamp): Timestamp {
    if (!this.#recovering) this.#ticker.armIn(this.#recovery.leftMs);
    if (next > now) {
      this.#retryMs = FIRST_RETRY_MS;
      return next;
    }
    this.#ticker.armIn(this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    return Infinity;
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
    const { store, notifier, report, recoveryMs = Infinity } = this.#options;
    this.#recovery = new Deadline(this.#clock, Infinity);
    try {
      for await (const count of store.recover(PAGE)) {
        if (count > 0) {
          notifier.recovered();
          this.#ticker.arm((await store.topics.nextDueAt()) ?? Infinity);
        }
        if (this.#stopped) break;
      }
      if (!this.#stopped) for await (const _ of this.#options.followUps.recover()) if (this.#stopped) break;
      this.#recoverIn(recoveryMs);
    } catch (error) {
      this.recoverSoon();
      if (!this.#stopped) report(error, "recovering"); // else the next start does it
    }
    this.#recovering = undefined;
    this.#ticker.armIn(this.#recovery.leftMs);
  }

  #failed(error: unknown): void {
    this.#options.report(error, "ticking");
  }

  #recoverIn(ms: number): void {
    if (ms < this.#recovery.leftMs) this.#recovery = new Deadline(this.#clock, ms);
    this.#ticker.armIn(ms);
  }
}
