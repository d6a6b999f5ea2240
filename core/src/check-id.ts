import { outOfRange, wrongType } from "./errors.ts";
import type { JobId } from "./job.ts";

/** Neither spaces, which some database does not count at the end, nor what some column of ids could not hold. */
const ID = /^[!-~]{1,64}$/;

/** True for a valid id of a job: 1 to 64 printable ASCII characters without spaces. */
export function isJobId(id: string): boolean {
  return typeof id === "string" && ID.test(id);
}

/**
 * Checks the id of a job, see {@link isJobId}, and returns it.
 * @throws {TypeError} not a string
 * @throws {RangeError} empty, too long, or with a character that ids must not have
 */
export function checkJobId(id: JobId, what = "id"): JobId {
  if (typeof id !== "string") throw wrongType(what, "a string", id);
  if (isJobId(id)) return id;
  throw outOfRange(what, "1 to 64 printable ASCII characters without spaces", id);
}
