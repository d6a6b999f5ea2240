export type { Clock, MonotonicClock, Timestamp } from "./clock.ts";
export { Deadline } from "./clocks/deadline.ts";
export { ManualClock } from "./clocks/manual-clock.ts";
export { monotonicOf } from "./clocks/monotonic.ts";
export { offsetClock } from "./clocks/offset-clock.ts";
export { systemClock } from "./clocks/system-clock.ts";
export { type Duration, durationMs } from "./duration.ts";
export { compareEntries, entryOf, type TopicEntry } from "./entry.ts";
export { JobqError, type JobqErrorCode, type JobqErrorDetails, outOfRange, received, wrongType } from "./errors.ts";
export { idGenerator, type NewId, newId, type RandomFill } from "./id.ts";
export {
  CANCEL_REASONS,
  type CancelReason,
  copyJob,
  headOf,
  isFinal,
  JOB_STATES,
  type Job,
  type JobHead,
  type JobId,
  type JobSpec,
  type JobState,
  type JobStatus,
  type Progress,
  type Topic,
} from "./job.ts";
export { NOTE_KINDS, type Note, type NoteKind } from "./note.ts";
export { PassingMap } from "./passing-map.ts";
export type { Capabilities } from "./ports/capabilities.ts";
export type { JobRepository, Tally } from "./ports/job-repository.ts";
export type { Claim, InstantWrites, QueueStore, StoreWithin } from "./ports/queue-store.ts";
export type { TopicInfo, TopicRepository } from "./ports/topic-repository.ts";
export { type JobQuery, matches } from "./query.ts";
export { SortedList } from "./sorted-list.ts";
export {
  type Change,
  type ChangeOf,
  type ChangeType,
  change,
  type Draft,
  isRefusal,
  type Refusal,
  type Rule,
  TRANSITIONS,
  transition,
} from "./transition.ts";
export {
  type AppliedUnit,
  applyUnit,
  heldKey,
  type Lookup,
  storedInserts,
  type Unit,
  type UnitOutcome,
  type UnitStored,
  type Write,
} from "./unit.ts";
export { resetKeys, type UnitReads, unitReads } from "./unit-reads.ts";
