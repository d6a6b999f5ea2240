import { type JobHead, outOfRange, type Timestamp } from "@jobq/core";

/** Something that happened to a job through this service: the job afterwards, without payload and result. */
export interface JobEvent extends JobHead {
  readonly type: JobEventType;
  readonly at: Timestamp;
}

/** A failure of background work, which is tried again. */
export interface ServiceErrorEvent {
  readonly type: "error";
  readonly at: Timestamp;
  readonly error: unknown;
  /** What was being done. */
  readonly doing: string;
}

/** What can happen to a job. */
export const JOB_EVENT_TYPES = [
  "enqueued",
  "promoted",
  "unblocked",
  "woken",
  "admitted",
  "reserved",
  "extended",
  "done",
  "retried",
  "released",
  "suspended",
  "expired",
  "canceled",
  "reset",
  "removed",
] as const;

/** What can happen to a job. */
export type JobEventType = (typeof JOB_EVENT_TYPES)[number];

/** The type of an event of a module: the module's name, a colon, and what happened. */
export type ModuleEventType = `${string}:${string}`;

/** An event of a module, which may have further fields. */
export interface ModuleEvent {
  readonly type: ModuleEventType;
  readonly at: Timestamp;
}

/** The events by type, without those of modules. */
export type EventMap = { readonly [T in JobEventType]: JobEvent & { readonly type: T } } & {
  readonly error: ServiceErrorEvent;
};

/** Any event. */
export type ServiceEvent = JobEvent | ServiceErrorEvent | ModuleEvent;

/** Called for every event of its type. It may be asynchronous. If it throws or rejects, that is an `error` event. */
export type Listener<E> = (event: E) => void;

/**
 * The type of an event that somebody listens for.
 * @throws {RangeError} one that never comes
 */
export function checkEventType(type: string): string {
  if (type === "error" || String(type).includes(":") || JOB_EVENT_TYPES.some((known) => known === type)) return type;
  throw outOfRange("type", `${JOB_EVENT_TYPES.join(", ")}, error, or a module's own, which has a colon`, type);
}
