import { type CancelReason, JOB_STATES, type JobId, type JobState, type JobStatus, type Progress } from "@jobq/core";

/** What transitions change, as a list. */
export type StatusFields = readonly [
  state: JobState,
  token: number,
  attempt: number,
  leaseLosses: number,
  resetCount: number,
  leaseUntil: number | null | undefined,
  reservedAt: number | null | undefined,
  reservedBy: string | null | undefined,
  finishedAt: number | null | undefined,
  rare: RareStatus | 0,
];

/** What of the status is rare. */
export interface RareStatus {
  readonly runAt?: number | undefined;
  readonly blockers?: readonly JobId[] | undefined;
  readonly awaits?: string | undefined;
  readonly woken?: true | undefined;
  readonly slot?: number | undefined;
  readonly links?: number | undefined;
  readonly reason?: CancelReason | undefined;
  readonly error?: string | undefined;
  readonly progress?: Progress | undefined;
}

const STATUS_FIELDS = 10;

/** The status of a job as a list. */
export function statusFields(head: JobStatus): StatusFields {
  return [
    head.state,
    head.token,
    head.attempt,
    head.leaseLosses,
    head.resetCount,
    head.leaseUntil,
    head.reservedAt,
    head.reservedBy,
    head.finishedAt,
    rareStatus(head),
  ];
}

function rareStatus(head: JobStatus): RareStatus | 0 {
  const { runAt, blockers, awaits, woken, slot, links, reason, error, progress } = head;
  const isPlain =
    runAt === undefined &&
    error === undefined &&
    reason === undefined &&
    blockers === undefined &&
    progress === undefined &&
    slot === undefined &&
    links === undefined &&
    awaits === undefined &&
    woken === undefined;
  return isPlain ? 0 : { runAt, blockers, awaits, woken, slot, links, reason, error, progress };
}

/** Whether a value that was read is a status. */
export function isStatus(value: unknown): value is StatusFields {
  return Array.isArray(value) && value.length === STATUS_FIELDS && JOB_STATES.includes(value[0]);
}
