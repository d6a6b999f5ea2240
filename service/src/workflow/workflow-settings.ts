import { outOfRange } from "@jobq/core";
import { checkType } from "../module.ts";

/**
 * How strictly a replay is compared with the record. `explicit`: every step that it reaches must match. `strict`: it
 * must also reach everything recorded, and may not use non-deterministic functions. `bestEffort`: a mismatch is
 * reported, and the step runs again.
 */
export type Determinism = "explicit" | "strict" | "bestEffort";

/**
 * Begins a transaction on the database of the jobs and topics, runs `work` in it, and commits if that resolves or rolls
 * back if it rejects: `(work) => kysely.transaction().execute(work)`. With another library, pass the same transaction
 * in the form that the store takes as `within`.
 */
export type BeginTransaction = (work: (transaction: object, within?: object) => Promise<void>) => Promise<unknown>;

/** How a workflow is run: what its definition says, and where it says nothing, its service. */
export interface WorkflowSettings {
  readonly determinism: Determinism;
  /** How transactions begin; without it there are none. */
  readonly transaction?: BeginTransaction | undefined;
}

export const DEFAULT_SETTINGS: WorkflowSettings = { determinism: "explicit" };

const DETERMINISM: readonly Determinism[] = ["explicit", "strict", "bestEffort"];

/** @throws {RangeError} none of them */
function checkDeterminism(determinism: Determinism): Determinism {
  if (DETERMINISM.includes(determinism)) return determinism;
  throw outOfRange("determinism", DETERMINISM.join(", "), determinism);
}

/**
 * What was said of them, checked.
 * @throws {TypeError | RangeError} an invalid option
 */
export function settingsOf({ determinism, transaction }: GivenSettings): Partial<WorkflowSettings> {
  return {
    ...(determinism !== undefined && { determinism: checkDeterminism(determinism) }),
    ...(transaction !== undefined && { transaction: checkType(transaction, "function", "transaction") }),
  };
}

/** Settings of which some may not be said. */
export interface GivenSettings {
  readonly determinism?: Determinism | undefined;
  readonly transaction?: BeginTransaction | undefined;
}
