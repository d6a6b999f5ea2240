import type { TopicRepository } from "@jobq/core";
import { type Case, casesAbout, type Harness, type Runner, registerCases } from "../case.ts";
import { closeCases } from "./close-cases.ts";
import { extremeCases } from "./extreme-cases.ts";
import { failureCases } from "./failure-cases.ts";
import { handleCases } from "./handle-cases.ts";
import { lifetimeCases } from "./lifetime-cases.ts";
import { pauseCases } from "./pause-cases.ts";
import { popCases } from "./pop-cases.ts";
import { pushCases } from "./push-cases.ts";
import { raceCases } from "./race-cases.ts";

/** The cases that every topic repository must pass. */
export const topicRepositoryCases: readonly Case<TopicRepository>[] = casesAbout("topics", [
  ...lifetimeCases,
  ...pushCases,
  ...popCases,
  ...pauseCases,
  ...raceCases,
  ...handleCases,
  ...closeCases,
  ...extremeCases,
  ...failureCases,
]);

/**
 * Registers a test for each case of a topic repository.
 * @throws {TypeError} a wrong runner or harness
 */
export function topicRepositorySuite(runner: Runner, harness: Harness<TopicRepository>): void {
  registerCases(runner, "topic repository", topicRepositoryCases, harness);
}
