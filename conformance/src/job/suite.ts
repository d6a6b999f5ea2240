import type { JobRepository } from "@jobq/core";
import { type Case, casesAbout, type Harness, type Runner, registerCases } from "../case.ts";
import { changeCases } from "./commit/change-cases.ts";
import { failureCases } from "./commit/failure-cases.ts";
import { finishCases } from "./commit/finish-cases.ts";
import { insertCases } from "./commit/insert-cases.ts";
import { raceCases } from "./commit/race-cases.ts";
import { rivalryCases } from "./commit/rivalry-cases.ts";
import { unitCases } from "./commit/unit-cases.ts";
import { clockCases } from "./handle/clock-cases.ts";
import { closeCases } from "./handle/close-cases.ts";
import { handleCases } from "./handle/handle-cases.ts";
import { lifetimeCases } from "./handle/lifetime-cases.ts";
import { keyCases } from "./keys/key-cases.ts";
import { slotCases } from "./keys/slot-cases.ts";
import { uniqueCases } from "./keys/unique-cases.ts";
import { uniqueEndCases } from "./keys/unique-end-cases.ts";
import { groupCases } from "./links/group-cases.ts";
import { linkCases } from "./links/link-cases.ts";
import { noteCases } from "./notes/note-cases.ts";
import { noteKindCases } from "./notes/note-kind-cases.ts";
import { findCases } from "./read/find-cases.ts";
import { isolationCases } from "./read/isolation-cases.ts";
import { linkFindCases } from "./read/link-find-cases.ts";
import { readCases } from "./read/read-cases.ts";
import { damageCases } from "./values/damage-cases.ts";
import { dataCases } from "./values/data-cases.ts";
import { extremeCases } from "./values/extreme-cases.ts";
import { fieldCases } from "./values/field-cases.ts";
import { idCases } from "./values/id-cases.ts";
import { sizeCases } from "./values/size-cases.ts";

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
