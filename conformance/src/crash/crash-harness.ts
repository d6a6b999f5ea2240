import { checkOptions, type OptionNames, type QueueStore, wrongType } from "@jobq/core";
import type { FailAt } from "../write-faults.ts";

/** A pair whose machine can be told to die at a write. */
export interface MortalStore {
  /** Empty, and used by nobody else. */
  readonly store: QueueStore;
  /**
   * Has the write with this number, counted from 1 over both repositories from now on, fail, with that fate, and every
   * later one as well, with nothing stored. What outlives no process is not counted. `dieAt` of `WriteFaults` does it.
   */
  dieAt: FailAt;
  /** Opens what outlived the death, as the next process does, in which nothing dies. */
  reopen(): Promise<QueueStore>;
  /** Cleans up; the handle that `reopen` returned is closed by then. */
  dispose?(): Promise<void>;
}

/** How the kit gets at the pairs of an adapter that are to be killed. */
export interface CrashHarness {
  /** Stands in the title of the suite. */
  readonly name: string;
  /** Called once for each death. */
  open(): Promise<MortalStore>;
  /** Every how many writes to kill: 1, each of them. */
  readonly every?: number | undefined;
}

const HARNESS: OptionNames<CrashHarness> = { name: true, open: true, every: true };

/** @throws {TypeError} a harness that lacks a member, or has one that there is not */
export function checkCrashHarness(harness: CrashHarness): void {
  if (harness === undefined) throw wrongType("the harness", "an object", harness);
  checkOptions(harness, HARNESS, "the harness");
  if (typeof harness.name !== "string") throw wrongType("name of the harness", "a string", harness.name);
  if (typeof harness.open !== "function") throw wrongType("open of the harness", "a function", harness.open);
}
