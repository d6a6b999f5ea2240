import {
  backoffOf,
  type CancelReason,
  dataOfBackoff,
  type Job,
  type JobHead,
  type JobId,
  type JobState,
  type JobStatus,
  type Progress,
} from "@jobq/core";
import { isWellFormed, unreadable } from "@jobq/level";

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

interface RareStatus {
  readonly runAt?: number | undefined;
  readonly blockers?: readonly JobId[] | undefined;
  readonly reason?: CancelReason | undefined;
  readonly error?: string | undefined;
  readonly progress?: Progress | undefined;
}

interface RareSpec {
  readonly unique?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  /** The group. */
  readonly bundle?: string | undefined;
  readonly data?: string | undefined;
}

type HeadFields = readonly [
  batch: number,
  topic: string,
  name: string | 0,
  weight: number,
  createdAt: number,
  maxRetries: number,
  maxLeaseLosses: number,
  timeoutMs: number,
  minMs: number,
  maxMs: number,
  rare: RareSpec | 0,
  status: StatusFields,
  /** Characters of the payload in the record, -1 when that has a record of its own. */
  payload: number,
  /** Likewise, but -1 also when there is none. */
  result: number,
];

const STATUS_AT = 11;
const FIELDS = 14;
/** Up to this length it costs less to write a text again with each change of the head than to keep it apart. */
const INLINE_LENGTH = 200;
const STATUS_FIELDS = 10;
const NONE = {};

/** After the version, so that a scan can pass over the others unread. */
const STATE_MARKS: Readonly<Record<JobState, string>> = {
  delayed: "w",
  ready: "r",
  reserved: "h",
  done: "d",
  canceled: "c",
};

/** Whether the record is of a job in this state. */
export function isInState(record: string, state: JobState): boolean {
  return record[1] === STATE_MARKS[state];
}

/** Whether a payload or result is kept in the record of the head. */
export function isInline(text: string | undefined): text is string {
  return text !== undefined && text.length <= INLINE_LENGTH && isWellFormed(text);
}

/** A head as a record, with those parts of the job that are small: a list, since it is written at nearly every change. */
export function headRecord(job: JobHead | Job, batch: number): string {
  const { topic, name, unique, tags, group: bundle, data, payload, result } = job as Job;
  const isPlain = unique === undefined && tags === undefined && bundle === undefined && data === undefined;
  const rare = isPlain ? 0 : { unique, tags, bundle, data };
  const { minMs, maxMs } = backoffOf(data);
  const [ownPayload, ownResult] = [isInline(payload) ? payload : undefined, isInline(result) ? result : undefined];
  const fields: HeadFields = [
    batch,
    topic,
    name === topic ? 0 : name,
    job.weight,
    job.createdAt,
    job.maxRetries,
    job.maxLeaseLosses,
    job.timeoutMs,
    minMs,
    maxMs,
    rare,
    statusFields(job),
    ownPayload?.length ?? -1,
    ownResult?.length ?? -1,
  ];
  return `1${STATE_MARKS[job.state]}${JSON.stringify(fields)}\n${ownPayload ?? ""}${ownResult ?? ""}`;
}

/** The status of a job as a list. */
export function statusFields(head: JobStatus): StatusFields {
  const { runAt, blockers, reason, error, progress } = head;
  const isPlain =
    runAt === undefined &&
    error === undefined &&
    reason === undefined &&
    blockers === undefined &&
    progress === undefined;
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
    isPlain ? 0 : { runAt, blockers, reason, error, progress },
  ];
}

/** The batch that wrote the record: reservations of an earlier one say nothing about it. */
export function batchOf(key: string, record: string): number {
  return parse(key, record)[0];
}

/** The head in a record, with what else of the job is in it; with `status` in place of its own if that is given. */
export function readHead(key: string, id: JobId, record: string, status?: StatusFields): JobHead | Job {
  const fields = parse(key, record);
  const [, topic, name, , , , , , , , rareSpec, ownStatus, payloadLength, resultLength] = fields;
  const textAt = record.indexOf("\n") + 1;
  const payload = payloadLength < 0 ? undefined : record.slice(textAt, textAt + payloadLength);
  const result = resultLength < 0 ? undefined : record.slice(record.length - resultLength);
  const { unique, tags, bundle, data }: RareSpec = rareSpec || NONE;
  const [state, token, attempt, leaseLosses, resetCount, leaseUntil, reservedAt, reservedBy, finishedAt, rareStatus] =
    status ?? ownStatus;
  const { runAt, blockers, reason, error, progress }: RareStatus = rareStatus || NONE;
  const job: { readonly [K in keyof Job]: Job[K] | undefined } = {
    id,
    topic,
    name: name === 0 ? topic : name,
    weight: fields[3],
    createdAt: fields[4],
    maxRetries: fields[5],
    maxLeaseLosses: fields[6],
    timeoutMs: fields[7],
    expiresAt: undefined,
    unique,
    uniqueSpan: undefined,
    tags,
    parent: undefined,
    group: bundle,
    limit: undefined,
    data: data ?? dataOfBackoff(fields[8], fields[9]),
    state,
    token,
    attempt,
    leaseLosses,
    resetCount,
    runAt,
    blockers,
    awaits: undefined,
    woken: undefined,
    slot: undefined,
    links: undefined,
    leaseUntil: leaseUntil ?? undefined,
    reservedAt: reservedAt ?? undefined,
    reservedBy: reservedBy ?? undefined,
    finishedAt: finishedAt ?? undefined,
    reason,
    error,
    progress,
    payload,
    result,
  };
  return job as JobHead;
}

/** Whether a value that was read is a status. */
export function isStatus(value: unknown): value is StatusFields {
  return Array.isArray(value) && value.length === STATUS_FIELDS && value[0] in STATE_MARKS;
}

function parse(key: string, record: string): HeadFields {
  let fields: unknown;
  const end = record.indexOf("\n");
  try {
    if (record[0] === "1") fields = JSON.parse(record.slice(2, end));
  } catch (cause) {
    throw unreadable(key, record, cause);
  }
  if (!Array.isArray(fields) || fields.length !== FIELDS || !isStatus(fields[STATUS_AT])) throw unreadable(key, record);
  const [payload, result] = fields.slice(STATUS_AT + 1) as [number, number];
  if (record.length !== end + 1 + Math.max(payload, 0) + Math.max(result, 0)) throw unreadable(key, record);
  return fields as unknown as HeadFields;
}
