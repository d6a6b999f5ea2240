import type { Job, JobHead, JobId, JobState } from "@jobq/core";
import { isWellFormed, unreadable } from "@jobq/level";
import type { HeadFields, RareSpec } from "./head-fields.ts";
import { fromVersion1 } from "./head-record-1.ts";
import { isStatus, type RareStatus, type StatusFields, statusFields } from "./status-fields.ts";

const VERSION = "2";
const TOPIC_AT = 1;
const WEIGHT_AT = 3;
const STATUS_AT = 9;
const FIELDS = 12;
/** Up to this length it costs less to write a text again with each change of the head than to keep it apart. */
const INLINE_LENGTH = 200;
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
  const { topic, name, payload, result } = job as Job;
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
    rareSpec(job),
    statusFields(job),
    ownPayload?.length ?? -1,
    ownResult?.length ?? -1,
  ];
  return `${VERSION}${STATE_MARKS[job.state]}${JSON.stringify(fields)}\n${ownPayload ?? ""}${ownResult ?? ""}`;
}

function rareSpec({ expiresAt, unique, uniqueSpan, tags, parent, group, limit, data }: JobHead): RareSpec | 0 {
  const isPlain =
    unique === undefined &&
    data === undefined &&
    tags === undefined &&
    group === undefined &&
    parent === undefined &&
    limit === undefined &&
    expiresAt === undefined;
  return isPlain ? 0 : { expiresAt, unique, uniqueSpan, tags, parent, group, limit, data };
}

/** The batch that wrote the record: reservations of an earlier one say nothing about it. */
export function batchOf(key: string, record: string): number {
  return parse(key, record)[0];
}

/** The head in a record, with what else of the job is in it; with `status` in place of its own if that is given. */
export function readHead(key: string, id: JobId, record: string, status?: StatusFields): JobHead | Job {
  const fields = parse(key, record);
  const [, topic, name, , , , , , rareOfSpec, ownStatus, payloadLength, resultLength] = fields;
  const textAt = record.indexOf("\n") + 1;
  const spec: RareSpec = rareOfSpec || NONE;
  const [state, token, attempt, leaseLosses, resetCount, leaseUntil, reservedAt, reservedBy, finishedAt, rare] =
    status ?? ownStatus;
  const { runAt, blockers, awaits, woken, slot, links, reason, error, progress }: RareStatus = rare || NONE;
  const job: { readonly [K in keyof Job]: Job[K] | undefined } = {
    id,
    topic,
    name: name === 0 ? topic : name,
    weight: fields[3],
    createdAt: fields[4],
    maxRetries: fields[5],
    maxLeaseLosses: fields[6],
    timeoutMs: fields[7],
    expiresAt: spec.expiresAt,
    unique: spec.unique,
    uniqueSpan: spec.uniqueSpan,
    tags: spec.tags,
    parent: spec.parent,
    group: spec.group,
    limit: spec.limit,
    data: spec.data,
    state,
    token,
    attempt,
    leaseLosses,
    resetCount,
    runAt,
    blockers,
    awaits,
    woken,
    slot,
    links,
    leaseUntil: leaseUntil ?? undefined,
    reservedAt: reservedAt ?? undefined,
    reservedBy: reservedBy ?? undefined,
    finishedAt: finishedAt ?? undefined,
    reason,
    error,
    progress,
    payload: payloadLength < 0 ? undefined : record.slice(textAt, textAt + payloadLength),
    result: resultLength < 0 ? undefined : record.slice(record.length - resultLength),
  };
  return job as JobHead;
}

function parse(key: string, record: string): HeadFields {
  let fields: unknown;
  const end = record.indexOf("\n");
  try {
    fields = JSON.parse(record.slice(2, end));
  } catch (cause) {
    throw unreadable(key, record, cause);
  }
  if (record[0] === "1") fields = fromVersion1(fields);
  else if (record[0] !== VERSION) fields = undefined;
  if (!Array.isArray(fields) || fields.length !== FIELDS || !isStatus(fields[STATUS_AT])) throw unreadable(key, record);
  if (typeof fields[TOPIC_AT] !== "string" || typeof fields[WEIGHT_AT] !== "number") throw unreadable(key, record);
  const [payload, result] = fields.slice(STATUS_AT + 1) as [number, number];
  if (record.length !== end + 1 + Math.max(payload, 0) + Math.max(result, 0)) throw unreadable(key, record);
  return fields as unknown as HeadFields;
}
