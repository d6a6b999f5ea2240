import type { Clock, Timestamp } from "@jobq/core";

/** How long a tick that failed waits before it is tried again. */
const RETRY_AFTER_MS = 1000;

/**
 * One alarm for everything that time brings, set for the next instant that matters and not set when none does. Each
 * tick answers when the next one is due, `Infinity` when none is.
 */
export class Ticker {
  readonly #clock: Clock;
  readonly #tick: (now: Timestamp) => Promise<Timestamp>;
  readonly #failed: (error: unknown) => void;
  #dueAt = Infinity;
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(clock: Clock, tick: (now: Timestamp) => Promise<Timestamp>, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#tick = tick;
    this.#failed = failed;
  }

  /** Makes sure of a tick at `at` or earlier. */
  arm(at: Timestamp): void {
    if (this.#stopped || at >= this.#dueAt) return;
    this.#dueAt = at;
    this.#cancel?.();
    this.#cancel = this.#clock.alarm(at, () => void this.#ring().catch(this.#failed), true);
  }

  /** A tick that is running may have looked before what is due now was there. */
  async #ring(): Promise<void> {
    await this.#running?.catch(() => {});
    await this.runDue();
    // The alarm has rung, yet what it was set for need not have come: clocks are put right.
    const at = this.#dueAt;
    this.#dueAt = Infinity;
    this.arm(at);
  }

  /** Runs a tick that is due, and waits for one under way: what a caller does where timers may not have fired. */
  async runDue(): Promise<void> {
    if (this.#running || this.#dueAt <= this.#clock.now()) await this.run();
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
    this.#cancel?.();
    await this.#running?.catch(() => {});
  }

  async #runOnce(): Promise<void> {
    this.#cancel?.();
    this.#dueAt = Infinity;
    const now = this.#clock.now();
    try {
      this.arm(await this.#tick(now));
    } catch (error) {
      this.arm(now + RETRY_AFTER_MS);
      throw error;
    }
  }
}
