import { type Clock, Deadline, type Timestamp } from "@jobq/core";

/** How long a tick that failed waits before it is tried again. */
const RETRY_AFTER_MS = 1000;

const NEVER = (): void => {};

/**
 * One alarm for everything that time brings, set for the next instant or the end of the next wait that matters, and not
 * set when there is neither. Each tick returns the next instant at which one is due, `Infinity` when there is none.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #tick: () => Promise<Timestamp>;
  readonly #failed: (error: unknown) => void;
  readonly #mayRing: () => boolean;
  #dueAt = Infinity;
  #undoAlarm = NEVER;
  #dueBy: Deadline;
  #undoDeadline = NEVER;
  #running: Promise<void> | undefined;
  #stopped = false;

  /** @param mayRing false while ticks are for callers alone */
  constructor(
    clock: Clock,
    tick: () => Promise<Timestamp>,
    failed: (error: unknown) => void,
    mayRing: () => boolean = () => true,
  ) {
    this.#clock = clock;
    this.#tick = tick;
    this.#failed = failed;
    this.#mayRing = mayRing;
    this.#dueBy = new Deadline(clock, Infinity);
  }

  /** In how many milliseconds a tick is due: 0 when it is, `Infinity` when none is. */
  get dueInMs(): number {
    return Math.max(Math.min(this.#dueAt - this.#clock.now(), this.#dueBy.leftMs), 0);
  }

  /** Makes sure of a tick at `at` or earlier. */
  arm(at: Timestamp): void {
    if (this.#stopped || at >= this.#dueAt) return;
    this.#dueAt = at;
    this.#undoAlarm();
    this.#undoAlarm = this.#clock.alarm(at, () => this.#ring(), true);
  }

  /** Makes sure of a tick in `ms` or earlier. */
  armIn(ms: number): void {
    if (this.#stopped || ms >= this.#dueBy.leftMs) return;
    this.#dueBy = new Deadline(this.#clock, ms);
    this.#undoDeadline();
    this.#undoDeadline = this.#dueBy.onOver(() => this.#ring(), true);
  }

  /** Runs a tick that is due, and waits for one under way: what a caller does where timers may not have fired. */
  async runDue(): Promise<void> {
    if (this.#running || this.dueInMs === 0) await this.run();
  }

  /** Runs a tick, or waits for the one that is running. A failure is tried again, and passed on. */
  async run(): Promise<void> {
    if (this.#stopped) return;
    this.#running ??= this.#runOnce().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  /** Stops for good and waits for a tick that is running. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#disarm();
    await this.#running?.catch(() => {});
  }

  #ring(): void {
    if (this.#mayRing()) this.#runRung().catch(this.#failed);
  }

  /** A tick that is running may have looked before what is due now was there. */
  async #runRung(): Promise<void> {
    await this.#running?.catch(() => {});
    await this.runDue();
    // The alarm has rung, yet what it was set for need not have come: clocks are put right.
    const at = this.#dueAt;
    this.#dueAt = Infinity;
    this.arm(at);
  }

  #disarm(): void {
    this.#undoAlarm();
    this.#undoDeadline();
    this.#dueAt = Infinity;
    this.#dueBy = new Deadline(this.#clock, Infinity);
  }

  async #runOnce(): Promise<void> {
    this.#disarm();
    try {
      this.arm(await this.#tick());
    } catch (error) {
      this.armIn(RETRY_AFTER_MS);
      throw error;
    }
  }
}
