import { JobqError } from "@jobq/core";

/** True for the error of a reservation that is over. */
export function isLost(error: unknown): error is JobqError {
  return error instanceof JobqError && error.code === "LEASE_LOST";
}
