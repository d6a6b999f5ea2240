import { outOfRange } from "@jobq/core";
import { checkType } from "../module.ts";

/**
 * How a replay is held to what is recorded: `explicit`, it must match wherever it comes; `strict`, it must also come to
 * all of it; `bestEffort`, what does not match is reported and done again.
 */
export type Determinism = "explicit" | "strict" | "bestEffort";

/**
 * Begins a transaction on the database of jobs and topics, does the work in it, and commits if that resolves or rolls
 * back if it rejects: `(work) => kysely.transaction().execute(work)`. Where the code uses another library, `within` is the
 * same transaction as the store takes it.
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
 * @throws {TypeError | RangeError} an option that means nothing
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
