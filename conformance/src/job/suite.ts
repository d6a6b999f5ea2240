import type { JobRepository } from "@jobq/core";
import { type Case, casesAbout, type Harness, type Runner, registerCases } from "../case.ts";
import { changeCases } from "./change-cases.ts";
import { clockCases } from "./clock-cases.ts";
import { closeCases } from "./close-cases.ts";
import { damageCases } from "./damage-cases.ts";
import { dataCases } from "./data-cases.ts";
import { extremeCases } from "./extreme-cases.ts";
import { failureCases } from "./failure-cases.ts";
import { fieldCases } from "./field-cases.ts";
import { findCases } from "./find-cases.ts";
import { finishCases } from "./finish-cases.ts";
import { groupCases } from "./group-cases.ts";
import { handleCases } from "./handle-cases.ts";
import { idCases } from "./id-cases.ts";
import { insertCases } from "./insert-cases.ts";
import { isolationCases } from "./isolation-cases.ts";
import { keyCases } from "./key-cases.ts";
import { lifetimeCases } from "./lifetime-cases.ts";
import { linkCases } from "./link-cases.ts";
import { linkFindCases } from "./link-find-cases.ts";
import { noteCases } from "./note-cases.ts";
import { noteKindCases } from "./note-kind-cases.ts";
import { raceCases } from "./race-cases.ts";
import { readCases } from "./read-cases.ts";
import { rivalryCases } from "./rivalry-cases.ts";
import { sizeCases } from "./size-cases.ts";
import { slotCases } from "./slot-cases.ts";
import { uniqueCases } from "./unique-cases.ts";
import { uniqueEndCases } from "./unique-end-cases.ts";
import { unitCases } from "./unit-cases.ts";

/** The cases that every job repository must pass. */
export const jobRepositoryCases: readonly Case<JobRepository>[] = casesAbout("jobs", [
  ...lifetimeCases,
  ...insertCases,
  ...unitCases,
  ...changeCases,
  ...uniqueCases,
  ...noteCases,
  ...findCases,
  ...readCases,
  ...isolationCases,
  ...dataCases,
  ...raceCases,
  ...clockCases,
  ...closeCases,
  ...handleCases,
  ...uniqueEndCases,
  ...rivalryCases,
  ...sizeCases,
  ...extremeCases,
  ...fieldCases,
  ...keyCases,
  ...slotCases,
  ...finishCases,
  ...linkCases,
  ...groupCases,
  ...noteKindCases,
  ...linkFindCases,
  ...idCases,
  ...damageCases,
  ...failureCases,
]);

/**
 * Registers a test for each case of a job repository.
 * @throws {TypeError} a wrong runner or harness
 */
export function jobRepositorySuite(runner: Runner, harness: Harness<JobRepository>): void {
  registerCases(runner, "job repository", jobRepositoryCases, harness);
}
