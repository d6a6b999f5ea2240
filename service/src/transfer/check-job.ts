import {
  CANCEL_REASONS,
  checkJobId,
  dataOfBackoff,
  isFinal,
  JOB_STATES,
  type Job,
  type JobHead,
  UNIQUE_SPANS,
  wrongType,
} from "@jobq/core";
import {
  checkFields,
  type FieldCheck,
  type FieldChecks,
  instant,
  list,
  oneOf,
  optional,
  record,
  text,
  whole,
} from "./field-checks.ts";

const name = text(1, 255);
const jobId: FieldCheck = (value, what) => void checkJobId(value as string, what);
const anyText = text(0, Number.POSITIVE_INFINITY);
/** What every store keeps of what is counted. */
const count = whole(0, 2 ** 31 - 1);

/** What each field of a job may be, by its own. */
const FIELDS: FieldChecks<Job> = {
  id: jobId,
  topic: name,
  name,
  weight: whole(-32_768, 32_767),
  createdAt: instant,
  maxRetries: whole(0, 1_000_000),
  maxLeaseLosses: whole(1, 1_000_000),
  timeoutMs: whole(1, Number.MAX_SAFE_INTEGER),
  expiresAt: optional(instant),
  unique: optional(name),
  uniqueSpan: optional(oneOf(UNIQUE_SPANS)),
  tags: optional(record(name, 32)),
  parent: optional(jobId),
  group: optional(name),
  limit: optional((value, what) => checkFields<object>(value, { key: name, concurrency: whole(1, 1_000_000) }, what)),
  data: optional(text(0, 16_384)),
  state: oneOf(JOB_STATES),
  token: whole(0, Number.MAX_SAFE_INTEGER),
  attempt: count,
  leaseLosses: count,
  resetCount: count,
  runAt: optional(instant),
  blockers: optional(list(jobId)),
  awaits: optional(text(0, 255)),
  woken: optional(oneOf([true])),
  slot: optional(count),
  links: optional(whole(1, 2 ** 31 - 1)),
  leaseUntil: optional(instant),
  reservedAt: optional(instant),
  reservedBy: optional(name),
  finishedAt: optional(instant),
  reason: optional(oneOf(CANCEL_REASONS)),
  error: optional(text(0, 65_536)), // as stores take it: encrypted, it is longer than what it says
  progress: optional((value, what) => {
    checkFields<object>(value, { value: share, message: optional(text(0, 65_536)) }, what);
  }),
  payload: anyText,
  result: optional(anyText),
};

/**
 * A job that comes from outside, checked whole: each field, and that they fit together. One of version 1 is taken too.
 * @throws {TypeError | RangeError} the message names the field
 */
export function checkJob(value: unknown): Job {
  const job = checkFields<Job>(ofVersion1(value), FIELDS, "job") as Job;
  const faults = CONSISTENCY.filter(([, holds]) => !holds(job)).map(([rule]) => rule);
  if (faults[0] !== undefined) throw wrongType("job.state", `one in which ${faults[0]}`, job.state);
  return job;
}

/** What must hold of several fields together. */
const CONSISTENCY: readonly (readonly [string, (job: JobHead & Pick<Job, "result">) => boolean])[] = [
  ["leaseUntil is there while it is reserved, and only then", (job) => !job.leaseUntil === (job.state !== "reserved")],
  ["reservedAt and reservedBy are there", (job) => job.state !== "reserved" || (!!job.reservedAt && !!job.reservedBy)],
  ["token and attempt count the reservation", (job) => job.state !== "reserved" || (job.token > 0 && job.attempt > 0)],
  [
    "finishedAt is there when it has ended, and only then",
    (job) => (job.finishedAt !== undefined) === isFinal(job.state),
  ],
  [
    "reason is there when it is canceled, and only then",
    (job) => (job.reason !== undefined) === (job.state === "canceled"),
  ],
  ["result is there when it is done only", (job) => job.result === undefined || job.state === "done"],
  ["something is waited for while it is delayed, and only then", (job) => waits(job) === (job.state === "delayed")],
  ["slot goes with a limit", (job) => job.slot === undefined || (!!job.limit && !isFinal(job.state))],
  ["uniqueSpan goes with unique", (job) => job.uniqueSpan === undefined || job.unique !== undefined],
];

function waits({ runAt, blockers, awaits, limit, slot, state }: JobHead): boolean {
  if (runAt !== undefined || blockers !== undefined || awaits !== undefined) return true;
  return limit !== undefined && slot === undefined && !isFinal(state);
}

function share(value: unknown, what: string): void {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw wrongType(what, "a number from 0 to 1", value);
}

/** Version 1 had two fields for the back-off, which are part of `data` now. */
function ofVersion1(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("backoffMinMs" in value && "backoffMaxMs" in value))
    return value;
  const { backoffMinMs: min, backoffMaxMs: max, ...job } = value;
  const check = whole(0, Number.MAX_SAFE_INTEGER);
  check(min, "job.backoffMinMs");
  check(max, "job.backoffMaxMs");
  return { ...job, data: dataOfBackoff(min as number, max as number) };
}
