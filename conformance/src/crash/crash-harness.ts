import { checkOptions, type OptionNames, type QueueStore, wrongType } from "@jobq/core";
import { checkCount, checkMember, checkNameAndOpen, checkStore } from "../check-harness.ts";
import type { FailAt } from "../write-faults.ts";

/** A pair on a simulated machine that dies at a write. */
export interface MortalStore {
  /** The store: empty, and used by nothing else. */
  readonly store: QueueStore;
  /**
   * Makes the write with this number fail with that fate, and all later writes with nothing stored. Counts from 1, from
   * now on, over both repositories; writes to what does not survive a process are not counted. Pass `dieAt` of a
   * `WriteFaults`.
   */
  dieAt: FailAt;
  /** Opens what survived, as the next process would. Nothing fails in it. */
  reopen(): Promise<QueueStore>;
  /** Cleans up; called after the handle that `reopen` returned is closed. */
  dispose?(): Promise<void>;
}

/** Tells the kit how to open pairs of an adapter and make them crash. */
export interface CrashHarness {
  /** Names the adapter in the title of the suite and in errors. */
  readonly name: string;
  /** Opens an empty pair. Called once for each crash. */
  open(): Promise<MortalStore>;
  /** Crashes at every n-th write only; 1, at each of them. */
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
