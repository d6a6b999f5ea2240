import type { QueueStore } from "@jobq/core";
import { type Case, casesAbout, type Harness, type Runner, registerCases } from "../case.ts";
import { commitCases } from "./commit-cases.ts";
import { directCases } from "./direct-cases.ts";
import { failureCases } from "./failure-cases.ts";
import { handleCases } from "./handle-cases.ts";
import { jobCases } from "./job-cases.ts";
import { lifeCases } from "./life-cases.ts";
import { limitCases } from "./limit-cases.ts";
import { linkCases } from "./link-cases.ts";
import { lockCases } from "./lock-cases.ts";
import { recoveryCases } from "./recovery-cases.ts";
import { reserveCases } from "./reserve-cases.ts";
import { timeCases } from "./time-cases.ts";
import { traceCases } from "./trace-cases.ts";
import { withinCases } from "./within-cases.ts";

/** The cases that every pair of repositories must pass, composed or fused. */
export const pairCases: readonly Case<QueueStore>[] = casesAbout("pair", [
  ...commitCases,
  ...reserveCases,
  ...timeCases,
  ...lifeCases,
  ...recoveryCases,
  ...withinCases,
  ...lockCases,
  ...directCases,
  ...traceCases,
  ...handleCases,
  ...limitCases,
  ...linkCases,
  ...jobCases,
  ...failureCases,
]);

/**
 * Registers a test for each case of a pair.
 * @throws {TypeError} a wrong runner or harness
 */
export function pairSuite(runner: Runner, harness: Harness<QueueStore>): void {
  registerCases(runner, "pair", pairCases, harness);
}
