import { copyHead, type JobHead, type Timestamp } from "@jobq/core";
import type { Report } from "../report.ts";
import type { StoredChange, StoredChangeType } from "./stored-change.ts";

/**
 * Called with what was stored, in order. The next list is passed once the returned promise has settled, and contains
 * everything that was stored meanwhile. A failure becomes an `error` event.
 */
export type OnStored = (changes: readonly StoredChange[]) => unknown;

/**
 * Selects the changes for a hook. It is called for every change, so it must be fast. Read `job` at once and do not keep
 * it.
 */
export type WantsStored = (job: JobHead, what: StoredChangeType) => boolean;

/** Gathers what was stored for one hook of a module, and passes it on in lists. */
export class StoredHook {
  readonly #told: OnStored;
  readonly #wants: WantsStored;
  readonly #report: Report;
  #pending: StoredChange[] = [];
  #running: Promise<void> | undefined;

  constructor(told: OnStored, wants: WantsStored, report: Report) {
    this.#told = told;
    this.#wants = wants;
    this.#report = report;
  }

  /** Keeps the change for the hook, if it wants it. */
  offer(job: JobHead, what: StoredChangeType, at: Timestamp): void {
    if (!this.#isWanted(job, what)) return;
    this.#pending.push({ job: copyHead(job), what, at });
    this.#running ??= this.#run();
  }

  /** Resolves when the hook has been told of everything so far. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #isWanted(job: JobHead, what: StoredChangeType): boolean {
    try {
      return this.#wants(job, what);
    } catch (error) {
      this.#report(error, "asking a module what it wants to hear of");
      return false;
    }
  }

  async #run(): Promise<void> {
    await undefined; // what is stored in the same turn goes along
    while (this.#pending.length > 0) {
      const changes = this.#pending;
      this.#pending = [];
      try {
        await this.#told(changes);
      } catch (error) {
        this.#report(error, "telling a module what was stored");
      }
    }
    this.#running = undefined;
  }
}
