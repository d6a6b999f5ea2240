import {
  type Change,
  type ChangeType,
  copyJob,
  headOf,
  isFinal,
  type Job,
  type JobHead,
  type JobId,
  storedInserts,
  type Timestamp,
  type Topic,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { Events, JobEventType } from "./events.ts";

/** Who in this process is told what a stored change means for it. */
export interface NotifierTargets {
  readonly events: Events;
  /** A job of the topic became ready; or will, it is not known when, if it is `expected`. */
  readonly ready: (topic: Topic, expected: boolean) => void;
  /** Something will be due at that instant. */
  readonly due: (at: Timestamp) => void;
  /** The job was changed; when it has ended or is gone, nobody holds it any more. */
  readonly moved: (job: JobHead, gone: boolean) => void;
  /** The job ended or is gone. */
  readonly ended: (id: JobId) => void;
}

/** Everything that can happen to a job. */
export type StoredChangeType = ChangeType | "insert" | "remove";

const EVENT_OF: { readonly [T in StoredChangeType]: JobEventType } = {
  insert: "enqueued",
  promote: "promoted",
  unblock: "unblocked",
  reserve: "reserved",
  extend: "extended",
  done: "done",
  retry: "retried",
  release: "released",
  suspend: "suspended",
  expire: "expired",
  cancel: "canceled",
  reset: "reset",
  remove: "removed",
};

/** Spreads the news of what was stored. */
export class Notifier {
  readonly #targets: NotifierTargets;

  constructor(targets: NotifierTargets) {
    this.#targets = targets;
  }

  stored(unit: Unit, outcome: UnitOutcome): void {
    if (!outcome.ok) return;
    for (const job of storedInserts(unit, outcome)) this.changed(job, "insert", unit.now);
    for (let i = 0; i < outcome.changed.length; i++) {
      const { type } = (unit.apply as readonly Change[])[i] as Change;
      this.changed(outcome.changed[i] as JobHead, type, unit.now);
    }
  }

  /** @param job as it is now, or as it was when it was removed */
  changed(job: JobHead, what: StoredChangeType, at: Timestamp): void {
    if (what !== "insert") this.#targets.moved(job, what === "remove");
    this.tell(job, what, at);
  }

  /** Tells all but the holder. */
  tell(job: JobHead, what: StoredChangeType, at: Timestamp): void {
    const targets = this.#targets;
    const { state } = job;
    const gone = what === "remove";
    if (gone) targets.ended(job.id);
    else this.expect(job, false);
    const type = EVENT_OF[state === "canceled" && !gone ? "cancel" : what];
    if (targets.events.wants(type)) targets.events.emit({ ...headOf(copyJob(job) as Job), type, at });
  }

  /** Has those look who wait for what the job is now, or will be if somebody's transaction commits. */
  expect(job: JobHead, expected = true): void {
    const targets = this.#targets;
    const { state } = job;
    const next = state === "reserved" ? job.leaseUntil : job.runAt;
    if (isFinal(state)) targets.ended(job.id);
    else if (state === "ready") targets.ready(job.topic, expected);
    else if (next !== undefined) targets.due(next);
  }
}
