import { JobqError } from "@jobq/core";

/** What every call to a closed service rejects with. */
export function closedError(): JobqError {
  return new JobqError("CLOSED", "the service is closed");
}
