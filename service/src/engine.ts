import type { Claim, Clock, QueueStore, Timestamp } from "@jobq/core";
import { closedError } from "./closed-error.ts";
import { Enqueuer } from "./enqueue/enqueuer.ts";
import { CompletionWaiters } from "./events/completion-waiters.ts";
import { EventHub } from "./events/event-hub.ts";
import { Notifier } from "./events/notifier.ts";
import { JobFactory } from "./input/job-factory.ts";
import { type ServiceSettings, serviceSettings } from "./input/service-settings.ts";
import type { Report } from "./report.ts";
import { Dispatcher } from "./reserve/dispatcher.ts";
import { Reservations } from "./reserve/reservations.ts";
import type { ReservedJob } from "./reserve/reserved-job.ts";
import type { ServiceOptions } from "./service-options.ts";
import { StopHooks } from "./stop-hooks.ts";
import { compose } from "./store/compose.ts";
import { createWrites } from "./store/create-writes.ts";
import type { Writes } from "./store/writes.ts";
import { Maintenance } from "./time/maintenance.ts";
import { noLaterThan } from "./time/no-later-than.ts";
import { FollowUps } from "./waits/follow-ups.ts";

/** The parts of a service and how they are wired: what its public face and its modules stand on. */
export class Engine {
  readonly settings: ServiceSettings;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly events = new EventHub();
  readonly notifier = new Notifier(this.events);
  /** Every write; modules may put theirs before it. */
  writes: Writes;
  readonly factory: JobFactory;
  readonly enqueuer = new Enqueuer(this);
  readonly followUps: FollowUps;
  readonly dispatcher: Dispatcher<ReservedJob>;
  readonly reservations: Reservations;
  readonly completionWaiters: CompletionWaiters;
  readonly stopHooks: StopHooks;
  /** Makes a failure in the background an `error` event. */
  readonly report: Report;

  readonly #maintenance: Maintenance;
  readonly #stopListening: (() => void) | undefined;
  #synced = false;
  #closing: Promise<void> | undefined;

  constructor(options: ServiceOptions) {
    const { jobs, topics } = options;
    const settings = serviceSettings(options);
    const { newId } = settings;
    const report: Report = (error, doing) => this.events.emit({ type: "error", at: jobs.clock.now(), error, doing });
    const store = compose(jobs, topics, { fused: options.fused, report });
    const { clock } = store.jobs;
    const shared = jobs.capabilities.shared || topics.capabilities.shared;
    const pollMs = shared ? settings.pollMs : undefined;
    const { notifier } = this;

    this.settings = settings;
    this.store = store;
    this.clock = clock;
    this.report = report;
    this.factory = new JobFactory(settings);
    this.stopHooks = new StopHooks(report);
    this.writes = createWrites(store, notifier);
    this.reservations = new Reservations({ ...settings, clock, writes: () => this.writes, report });
    const by = newId(clock.now());
    this.followUps = new FollowUps({
      store,
      writes: () => this.writes,
      now: () => clock.now(),
      by,
      report,
      recoverSoon: () => this.#maintenance.recoverSoon(),
    });
    this.#maintenance = new Maintenance({
      store,
      followUps: this.followUps,
      notifier,
      report,
      pollMs,
      recoveryMs: shared ? settings.recoveryMs : undefined,
    });
    this.dispatcher = new Dispatcher({
      clock,
      by,
      pollMs,
      claim: (claims) => this.#claim(claims),
      release: (held) => this.#release(held),
    });
    this.completionWaiters = new CompletionWaiters(jobs, pollMs);
    notifier.connect(this.#targets());
    this.#stopListening = store.topics.onPush?.(
      (topic) => this.dispatcher.wake(topic),
      (error) => report(error, "listening to other processes"),
    );
    this.#maintenance.start();
  }

  /** True once the store's clock has found the time. */
  get isSynced(): boolean {
    return this.#synced;
  }

  /** @throws {JobqError} CLOSED */
  now(): Timestamp {
    if (this.#closing) throw closedError();
    return this.clock.now();
  }

  /**
   * The time, once the store's clock has found it.
   * @throws {JobqError} CLOSED
   */
  async sync(): Promise<Timestamp> {
    this.now();
    await this.clock.sync();
    this.#synced = true;
    return this.now();
  }

  /**
   * The store, once its clock has found the time.
   * @throws {JobqError} CLOSED
   */
  async open(): Promise<QueueStore> {
    await this.sync();
    return this.store;
  }

  /** Closes everything; what is held may be settled for so long. Further calls wait for the first. */
  close(deadlineMs: number): Promise<void> {
    this.#closing ??= this.#close(this.clock.now() + deadlineMs);
    return this.#closing;
  }

  async #close(until: Timestamp): Promise<void> {
    const { clock, store } = this;
    this.#stopListening?.();
    const stopped = noLaterThan(clock, until, this.stopHooks.run(until));
    try {
      await this.dispatcher.close();
      await stopped;
      await this.reservations.close(until);
    } finally {
      await this.#maintenance.stop();
      await noLaterThan(clock, until, this.followUps.idle());
      await this.writes.idle();
      await noLaterThan(clock, until, this.notifier.idle());
      this.completionWaiters.close();
      this.events.close();
      await Promise.all([store.topics.close(), store.jobs.close()]);
    }
  }

  /** Catches up with time first, so that a plain pull loop is all that has to run. */
  async #claim(claims: readonly Claim[]): Promise<ReservedJob[][]> {
    try {
      await this.#maintenance.catchUp();
      return await this.reservations.claim(claims);
    } catch (error) {
      this.#maintenance.recoverSoon();
      throw error;
    }
  }

  #release(held: readonly ReservedJob[]): void {
    for (const job of held) job.release().catch((error) => this.report(error, "giving a job back"));
  }

  #targets(): Parameters<Notifier["connect"]>[0] {
    return {
      ready: (topic, expected) => this.dispatcher.wake(topic, expected),
      due: (at) => this.#maintenance.due(at),
      moved: (job, gone) => this.reservations.moved(job, gone),
      ended: (id) => this.completionWaiters.ended(id),
      followed: (job, what) => this.followUps.offer(job, what),
    };
  }
}
