import {
  type Claim,
  type Clock,
  Deadline,
  type MonotonicClock,
  monotonicOf,
  type QueueStore,
  type Timestamp,
} from "@jobq/core";
import { closedError } from "./closed-error.ts";
import type { EnqueuePort } from "./enqueue/enqueue-port.ts";
import { Enqueuer } from "./enqueue/enqueuer.ts";
import { CompletionWaiters } from "./events/completion-waiters.ts";
import { EventHub } from "./events/event-hub.ts";
import type { OnChanged } from "./events/listen-to-changes.ts";
import { Notifier } from "./events/notifier.ts";
import { JobFactory } from "./input/job-factory.ts";
import { type ServiceSettings, serviceSettings } from "./input/service-settings.ts";
import type { HandlerInfo } from "./operating/handler-info.ts";
import type { Report } from "./report.ts";
import { Dispatcher } from "./reserve/dispatcher.ts";
import { Reservations } from "./reserve/reservations.ts";
import type { ReservedJob } from "./reserve/reserved-job.ts";
import type { ServiceOptions } from "./service-options.ts";
import { StopHooks } from "./stop-hooks.ts";
import { compose } from "./store/compose.ts";
import { createWrites } from "./store/create-writes.ts";
import type { Writes } from "./store/writes.ts";
import { boundedBy } from "./time/bounded-by.ts";
import { Maintenance } from "./time/maintenance.ts";
import { noLaterThan } from "./time/no-later-than.ts";
import { FollowUps, isLinked } from "./waits/follow-ups.ts";

/**
 * The parts of a service and how they are wired: what its public face and its modules stand on. Nothing is begun before
 * the first call: where modules are loaded, some runtimes allow no timers, no random numbers and no I/O.
 */
export class Engine {
  readonly settings: ServiceSettings;
  readonly store: QueueStore;
  readonly clock: Clock;
  readonly monotonic: MonotonicClock;
  /** How long at most to go without looking at what other processes do; undefined where there are none. */
  readonly pollMs: number | undefined;
  readonly events = new EventHub();
  readonly notifier = new Notifier(this.events);
  /** Every write; modules may put theirs before it. */
  writes: Writes;
  readonly factory: JobFactory;
  /** Stores what users enqueue; modules may put theirs before it. */
  enqueuer: EnqueuePort = new Enqueuer(this);
  readonly followUps: FollowUps;
  readonly dispatcher: Dispatcher<ReservedJob>;
  readonly reservations: Reservations;
  readonly completionWaiters: CompletionWaiters;
  readonly stopHooks: StopHooks;
  readonly changeHooks = new Set<OnChanged>();
  /** What the workers of this process run. */
  readonly handlers = new Set<HandlerInfo>();
  /** Makes a failure in the background an `error` event. */
  readonly report: Report;

  readonly #maintenance: Maintenance;
  #stopListening: (() => void) | undefined;
  #started = false;
  #by: string | undefined;
  #closing: Promise<void> | undefined;
  #closeBy: Deadline | undefined;

  constructor(options: ServiceOptions) {
    const { jobs, topics } = options;
    const settings = serviceSettings(options);
    const report: Report = (error, doing) => this.events.emit({ type: "error", at: jobs.clock.now(), error, doing });
    const store = compose(jobs, topics, { fused: options.fused, report });
    const { clock } = store.jobs;
    const shared = jobs.capabilities.shared || topics.capabilities.shared;
    const pollMs = shared ? settings.pollMs : undefined;
    const { notifier } = this;

    this.settings = settings;
    this.store = store;
    this.clock = clock;
    this.monotonic = monotonicOf(clock);
    this.pollMs = pollMs;
    this.report = report;
    this.factory = new JobFactory(settings);
    this.stopHooks = new StopHooks(report);
    this.writes = createWrites(store, notifier, settings.lockMs);
    this.reservations = new Reservations({ ...settings, clock, writes: () => this.writes, report });
    const by = (): string => this.name();
    this.followUps = new FollowUps({
      store,
      clock,
      writes: () => this.writes,
      now: () => clock.now(),
      newId: settings.newId,
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
      maintenance: this.#maintenance,
      claim: (claims) => this.#claim(claims),
      release: (held) => this.#release(held),
      report,
    });
    this.completionWaiters = new CompletionWaiters(jobs, pollMs, this.#maintenance, report);
    notifier.connect(this.#targets());
  }

  /**
   * The time.
   * @throws {JobqError} CLOSED
   */
  now(): Timestamp {
    this.assertOpen();
    return this.clock.now();
  }

  /**
   * Every call asks for it first, and the first call starts what goes on in the background.
   * @throws {JobqError} CLOSED
   */
  assertOpen(): void {
    if (this.#closing) throw closedError();
    if (!this.#started) this.#start();
  }

  /**
   * Brings the clock in line with the store's; returns undefined when it is, so that nothing has to be waited for.
   * @throws {JobqError} CLOSED
   */
  syncClock(): Promise<void> | undefined {
    this.assertOpen();
    return this.clock.sync();
  }

  /**
   * The time, once the clock is in line with the store's.
   * @throws {JobqError} CLOSED
   */
  async sync(): Promise<Timestamp> {
    await this.syncClock();
    return this.now();
  }

  /**
   * The store, once the clock is in line with it.
   * @throws {JobqError} CLOSED
   */
  async open(): Promise<QueueStore> {
    await this.sync();
    return this.store;
  }

  /** Closes everything; what is held may be settled for so long. Further calls hurry the first, and wait for it. */
  close(deadlineMs: number): Promise<void> {
    this.#closeBy?.hurry(deadlineMs);
    this.#closeBy ??= new Deadline(this.clock, deadlineMs);
    this.#closing ??= this.#close(this.#closeBy);
    return this.#closing;
  }

  /** True while nothing in the background is to reach for the store, since somebody else has it. */
  get isLockedOut(): boolean {
    return this.#maintenance.isLockedOut;
  }

  /** Who holds the reservations of this service. */
  name(): string {
    this.#by ??= this.settings.newId(this.clock.now());
    return this.#by;
  }

  /** Does what is not always needed with parts that are loaded for it, unless the close has begun by then. */
  load(use: (parts: typeof import("./operating/index.ts")) => unknown): void {
    import("./operating/index.ts")
      .then((parts) => this.#closing || use(parts))
      .catch((error) => this.report(error, "loading a part of the service"));
  }

  #start(): void {
    this.#started = true;
    this.#stopListening = this.store.topics.onPush?.(
      (topic) => this.dispatcher.wake(topic),
      (error) => this.report(error, "listening to other processes"),
    );
    if (this.store.jobs.onChange) this.load(({ listenToChanges }) => this.stopHooks.add(listenToChanges(this)));
    this.store.jobs.onDamage?.((error) => this.report(error, "reading a job"));
    const { keep, maintenance } = this.settings;
    if (maintenance) this.#maintenance.start();
    if (keep) this.load(({ keepSoLong }) => this.stopHooks.add(keepSoLong(this, keep)));
  }

  async #close(deadline: Deadline): Promise<void> {
    const { store, writes } = this;
    const within = boundedBy(deadline, this.clock, (error) => this.report(error, "closing"));
    this.#stopListening?.();
    const stopped = noLaterThan(deadline, this.stopHooks.run(deadline));
    const giveUp = (): void => {
      this.followUps.giveUp();
      writes.giveUp();
    };
    const keep = deadline.onOver(giveUp, true);
    try {
      await within(this.dispatcher.close(), "a claim under way");
      await stopped;
      await within(this.reservations.close(deadline), "giving jobs back");
    } finally {
      await within(this.#maintenance.stop(), "a tick or recovery under way");
      await noLaterThan(deadline, this.followUps.idle());
      await noLaterThan(deadline, writes.idle());
      giveUp();
      await within(writes.idle(), "a write under way");
      await noLaterThan(deadline, this.notifier.idle());
      keep();
      this.completionWaiters.close();
      this.events.close();
      await within(Promise.all([store.topics.close(), store.jobs.close()]), "closing the repositories");
    }
  }

  /** Catches up with time first, so that a plain pull loop is all that has to run. */
  async #claim(claims: readonly Claim[]): Promise<ReservedJob[][]> {
    try {
      await this.#maintenance.catchUp();
      await this.clock.sync();
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
      ready: (topic) => this.dispatcher.wake(topic, true),
      due: (at) => this.#maintenance.due(at),
      moved: (job, gone) => this.reservations.moved(job, gone),
      ended: (id) => this.completionWaiters.ended(id),
      followed: (job, what) => this.followUps.offer(job, what),
      unknown: () => this.#maintenance.recoverSoon(),
      expected: (job) => isLinked(job) && this.load(({ afterCommitOf }) => afterCommitOf(this).expect(job)),
    };
  }
}
