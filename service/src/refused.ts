import { type ChangeType, JobqError, type Refusal } from "@jobq/core";

/** The error that a refusal is to whoever asked for the change. */
export function refused({ code, id, job, holder }: Refusal, doing: ChangeType | "insert" | "remove"): JobqError {
  const details = {
    id,
    doing,
    ...(job && { state: job.state }),
    ...(job?.reason && { reason: job.reason }),
    ...(holder !== undefined && { holder }),
  };
  return new JobqError(code, messageOf(code, id, job?.state, doing, holder), { details });
}

function messageOf(
  code: Refusal["code"],
  id: string,
  state: string | undefined,
  doing: string,
  holder: string | undefined,
): string {
  switch (code) {
    case "JOB_NOT_FOUND":
      return `there is no job ${id}`;
    case "LEASE_LOST":
      return `job ${id} is no longer held by this reservation: it is ${state ?? "gone"}`;
    case "INVALID_STATE":
      return `job ${id} is ${state}, which does not allow ${doing}`;
    case "DUPLICATE_JOB":
      return `job ${holder} holds the unique key of job ${id}`;
  }
}
