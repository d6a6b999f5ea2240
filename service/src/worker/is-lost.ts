import { JobqError } from "@jobq/core";

/** True for the error of a reservation that is over. */
export function isLost(error: unknown): boolean {
  return error instanceof JobqError && error.code === "LEASE_LOST";
}
