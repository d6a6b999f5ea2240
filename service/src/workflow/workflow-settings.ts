import { outOfRange } from "@jobq/core";

/**
 * How a replay is held to what is recorded: `explicit`, it must match wherever it comes; `strict`, it must also come to
 * all of it; `bestEffort`, what does not match is reported and done again.
 */
export type Determinism = "explicit" | "strict" | "bestEffort";

/** How a workflow is run: what its definition says, and where it says nothing, its service. */
export interface WorkflowSettings {
  readonly determinism: Determinism;
}

export const DEFAULT_SETTINGS: WorkflowSettings = { determinism: "explicit" };

const DETERMINISM: readonly Determinism[] = ["explicit", "strict", "bestEffort"];

/** @throws {RangeError} none of them */
export function checkDeterminism(determinism: Determinism): Determinism {
  if (DETERMINISM.includes(determinism)) return determinism;
  throw outOfRange("determinism", DETERMINISM.join(", "), determinism);
}
