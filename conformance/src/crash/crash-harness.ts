import { checkOptions, type OptionNames, type QueueStore, wrongType } from "@jobq/core";
import { checkCount, checkMember, checkNameAndOpen, checkStore } from "../check-harness.ts";
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
const OPENED: OptionNames<MortalStore> = { store: true, dieAt: true, reopen: true, dispose: true };

/** @throws {TypeError} a harness that lacks a member, or has one that does not exist or is of the wrong type */
export function checkCrashHarness(harness: CrashHarness): void {
  if (harness === undefined) throw wrongType("the harness", "an object", harness);
  checkOptions(harness, HARNESS, "the harness");
  checkNameAndOpen(harness);
  if (harness.every !== undefined) checkCount(harness.every, "every of the harness");
}

/** Opens the pair for one death. @throws {TypeError} as `checkOpened` does */
export async function openMortal(harness: CrashHarness): Promise<MortalStore> {
  const mortal = await harness.open();
  const whose = `what open() of the harness "${harness.name}" resolves with`;
  if (mortal?.store === undefined) throw wrongType(whose, "an object with a store", mortal);
  checkOptions(mortal, OPENED, whose);
  for (const member of ["dieAt", "reopen"] as const) checkMember(mortal[member], "function", `${member} of ${whose}`);
  if (mortal.dispose !== undefined) checkMember(mortal.dispose, "function", `dispose of ${whose}`);
  checkStore(`the store of the harness "${harness.name}"`, "pair", mortal.store);
  return mortal;
}
