export type { Change, ChangeOf, ChangeType } from "./change.ts";
export { checkJobId, isJobId } from "./check-id.ts";
export { checkNumbers } from "./check-numbers.ts";
export { checkOptions, type OptionNames } from "./check-options.ts";
export { checkEntries, checkUnits } from "./check-units.ts";
export type { Clock, MonotonicClock, Timestamp } from "./clock.ts";
export { Deadline } from "./clocks/deadline.ts";
export { ManualClock } from "./clocks/manual-clock.ts";
export { monotonicOf } from "./clocks/monotonic.ts";
export { offsetClock } from "./clocks/offset-clock.ts";
export { createSystemClock, systemClock } from "./clocks/system-clock.ts";
export { type Duration, durationMs } from "./duration.ts";
export { compareEntries, entryOf, type TopicEntry } from "./entry.ts";
export { JobqError, type JobqErrorCode, type JobqErrorDetails, outOfRange, received, wrongType } from "./errors.ts";
export { idGenerator, type NewId, newId, type RandomFill } from "./id.ts";
export {
  CANCEL_REASONS,
  type CancelReason,
  copyHead,
  copyJob,
  heldKey,
  heldSlot,
  isFinal,
  JOB_STATES,
  type Job,
  type JobHead,
  type JobId,
  type JobLimit,
  type JobSpec,
  type JobState,
  type JobStatus,
  type Progress,
  type Topic,
  UNIQUE_SPANS,
  type UniqueSpan,
  waitsForSlot,
} from "./job.ts";
export { backoffOf, dataOfBackoff, STANDARD_BACKOFF } from "./job-version-1.ts";
export { checkInteger, checkText, MAX_DATA_LENGTH } from "./limits.ts";
export { nearestName } from "./nearest-name.ts";
export { NOTE_KIND, type Note, type NoteKind, type NoteRef } from "./note.ts";
export type { Capabilities } from "./ports/capabilities.ts";
export type { JobRepository, LimitSlots, Tally } from "./ports/job-repository.ts";
export type { Claim, DirectWrites, QueueStore, StoreWithin } from "./ports/queue-store.ts";
export type { TopicInfo, TopicRepository } from "./ports/topic-repository.ts";
export { type JobQuery, matches } from "./query.ts";
export type { Refusal } from "./refusal.ts";
export { ChurnMap } from "./structures/churn-map.ts";
export { Damage, type OnDamage } from "./structures/damage.ts";
export { SortedList } from "./structures/sorted-list.ts";
export { applyChange, type Draft, isRefusal, type Rule, TRANSITIONS, transition } from "./transition.ts";
export {
  type AppliedUnit,
  applyUnit,
  isLocked,
  isPurgeable,
  type Lookup,
  storedInserts,
  type Unit,
  type UnitOutcome,
  type UnitStored,
  type Write,
} from "./unit.ts";
export { admittedSlots, neededIds, resetKeys, type UnitReads, unitIds, unitReads } from "./unit-reads.ts";
