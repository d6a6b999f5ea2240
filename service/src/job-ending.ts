import type { Job, JobStatus } from "@jobq/core";
import type { PayloadCodec } from "./input/payload-codec.ts";

/** How a job ended. */
export type JobEnding =
  | { readonly state: "done"; readonly result: unknown }
  | {
      readonly state: "canceled";
      readonly reason: NonNullable<JobStatus["reason"]>;
      readonly error?: string | undefined;
    }
  | { readonly state: "removed" };

/**
 * How the job ended; without one, it was removed.
 * @throws {JobqError} PAYLOAD_INVALID its result does not decode
 */
export function jobEnding(job: Job | undefined, codec: PayloadCodec): JobEnding {
  if (!job) return { state: "removed" };
  const { state, reason = "canceled", error, result } = job;
  return state === "canceled"
    ? { state, reason, error: codec.decodeError(error) }
    : { state: "done", result: codec.decode(result) };
}
