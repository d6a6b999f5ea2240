import type { Clock, Timestamp } from "@jobq/core";
import { turns } from "../record/completion-order.ts";
import { earliest, type Waiting } from "./waiting.ts";

/** What a turn does when nothing is done in it any more. */
export interface TurnActivityOptions {
  readonly clock: Clock;
  /** True when the code has been told of all that there is to tell. */
  readonly isDrained: () => boolean;
  /** Lets go of the run, or has what is due go on. */
  readonly rest: () => Promise<void>;
}

/** What is done in a turn and what is waited for: it rests when all of its code waits. */
export class TurnActivity {
  readonly #options: TurnActivityOptions;
  readonly #waits = new Set<Waiting>();
  /** Steps that are being done. */
  #active = 0;
  /** Grows with whatever the code does. */
  #moves = 0;
  #isCalming = false;
  #isOver = false;
  #idle: (() => void)[] = [];
  #unsetAlarm: (() => void) | undefined;

  constructor(options: TurnActivityOptions) {
    this.#options = options;
  }

  /** What the code waits for. */
  get waits(): ReadonlySet<Waiting> {
    return this.#waits;
  }

  get isActive(): boolean {
    return this.#active > 0;
  }

  /** The code has done something. */
  moved(): void {
    this.#moves++;
    if (this.#waits.size > 0) this.#calm();
  }

  /** Does a step; the turn does not rest meanwhile. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#active++;
    this.#moves++;
    try {
      return await work();
    } finally {
      this.#active--;
      this.#calm();
    }
  }

  /** Waits, within a step. */
  async wait(waiting: Omit<Waiting, "proceed">): Promise<void> {
    this.#active--;
    await new Promise<void>((resolve) => {
      const one: Waiting = {
        ...waiting,
        proceed: () => {
          this.#waits.delete(one);
          this.#active++;
          this.#moves++;
          resolve();
        },
      };
      this.#waits.add(one);
      this.#calm();
    });
  }

  /** Has what waits for an instant that has come go on; says whether there was any. */
  proceedDue(now: Timestamp): boolean {
    const due = [...this.#waits].filter(({ until = Infinity }) => until <= now);
    for (const one of due) one.proceed();
    return due.length > 0;
  }

  /** Nothing is waited for any more. */
  forgetWaits(): void {
    this.#waits.clear();
  }

  /** Resolves when no step is being done, or the turn is over. */
  async idle(): Promise<void> {
    while (this.#active > 0 && !this.#isOver) await new Promise<void>((resolve) => void this.#idle.push(resolve));
  }

  /** Resolves when the code has come as far as it comes by itself. */
  async still(): Promise<void> {
    for (let moves = -1; moves !== this.#moves || !this.#options.isDrained(); ) {
      await this.idle();
      moves = this.#moves;
      await turns();
      if (this.#isOver) return;
    }
  }

  over(): void {
    this.#isOver = true;
    this.#unsetAlarm?.();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Rests when the code has come to a stop everywhere. */
  #calm(): void {
    if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve();
    if (this.#isCalming || this.#isOver || this.#waits.size === 0) return;
    this.#isCalming = true;
    void this.#whenCalm();
  }

  async #whenCalm(): Promise<void> {
    while (!this.#isOver) {
      for (let moves = -1; moves !== this.#moves; ) {
        moves = this.#moves;
        await turns();
      }
      if (this.#waits.size === 0 || !this.#options.isDrained()) break;
      if (this.#active > 0) {
        this.#arm();
        break;
      }
      await this.#options.rest();
    }
    this.#isCalming = false;
  }

  /** While something is done elsewhere in the code, what waits for an instant goes on in this very turn. */
  #arm(): void {
    const { clock } = this.#options;
    const at = earliest(this.#waits);
    this.#unsetAlarm?.();
    this.#unsetAlarm =
      at === undefined
        ? undefined
        : clock.alarm(at, () => {
            if (!this.#isOver) this.proceedDue(clock.now());
          });
  }
}
