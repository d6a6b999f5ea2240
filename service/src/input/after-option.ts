import { checkJobId, checkOptions, type JobId, type OptionNames, wrongType } from "@jobq/core";
import type { Link } from "../waits/link.ts";
import { checkInteger } from "./check.ts";

/** Which jobs to wait for, and how. In `enqueueMany`, a number is the position of another request of the same call. */
export interface AfterOption {
  /** Up to 1,000 jobs; with none there is nothing to wait for. `any` takes at least one. */
  readonly jobs: readonly (JobId | number)[];
  /** Wait for `all` of them, the default, or for `any` one. */
  readonly need?: "all" | "any" | undefined;
  /** If one is canceled or removed: `cancel` this job as `dependency`, the default, or `run` it anyway. */
  readonly onCanceled?: "cancel" | "run" | undefined;
}

/** What a job waits for, checked. */
export interface Waits extends Link {
  readonly on: readonly (JobId | number)[];
}

const AFTER_OPTIONS: OptionNames<AfterOption> = { jobs: true, need: true, onCanceled: true };
const MAX_BLOCKERS = 1000;

/**
 * What a job waits for; undefined if that is nothing.
 * @param places how many requests there are that a number can stand for
 * @throws {TypeError | RangeError} an invalid option
 */
export function waitsOf(after: readonly (JobId | number)[] | AfterOption, places: number): Waits | undefined {
  const isObject = typeof after === "object" && after !== null;
  if (!isObject) throw wrongType("after", "an array of ids, or an object", after);
  const option: AfterOption = Array.isArray(after) ? { jobs: after } : (after as AfterOption);
  checkOptions(option, AFTER_OPTIONS, "after");
  const { jobs, need = "all", onCanceled = "cancel" } = option;
  if (!Array.isArray(jobs)) throw wrongType("after.jobs", "an array", jobs);
  if (need !== "all" && need !== "any") throw wrongType("after.need", "all or any", need);
  if (onCanceled !== "cancel" && onCanceled !== "run") throw wrongType("after.onCanceled", "cancel or run", onCanceled);
  const on = [...new Set(jobs as readonly (JobId | number)[])];
  checkInteger(on.length, "the number of jobs in after", need === "any" ? 1 : 0, MAX_BLOCKERS);
  for (const one of on) {
    if (typeof one === "number" && places > 0) checkInteger(one, "a place in after", 0, places - 1);
    else checkJobId(one as JobId, "an id in after");
  }
  return on.length > 0 ? { on, need, onCanceled } : undefined;
}
