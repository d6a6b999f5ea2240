import {
  type ChangeType,
  isFinal,
  type Job,
  type JobHead,
  type JobId,
  type Timestamp,
  type Topic,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { Events, JobEventType } from "./events.ts";

/** Who in this process is told what a stored change means for it. */
export interface Audience {
  readonly events: Events;
  /** A job of the topic became ready. */
  readonly ready: (topic: Topic) => void;
  /** Something will be due at that instant. */
  readonly due: (at: Timestamp) => void;
  /** The job moved on; a reservation of it with a smaller token, or any if it is not reserved, is over. */
  readonly moved: (job: JobHead) => void;
  /** The job ended or is gone. */
  readonly ended: (id: JobId) => void;
}

const EVENT_OF: { readonly [T in ChangeType]: JobEventType } = {
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
};

/** Spreads the news of what was stored. */
export class Announcer {
  readonly #audience: Audience;

  constructor(audience: Audience) {
    this.#audience = audience;
  }

  stored(units: readonly Unit[], outcomes: readonly UnitOutcome[]): void {
    for (let i = 0; i < units.length; i++) {
      const { insert, apply, now } = units[i] as Unit;
      const outcome = outcomes[i] as UnitOutcome;
      if (!outcome.ok) continue;
      if (insert)
        for (let j = 0; j < insert.length; j++) this.#inserted(insert[j] as Job, outcome.inserted[j] as JobId, now);
      if (apply)
        for (let j = 0; j < apply.length; j++)
          this.changed(outcome.changed[j] as JobHead, (apply[j] as { type: ChangeType }).type, now);
    }
  }

  changed(job: JobHead, type: ChangeType, now: Timestamp): void {
    const { events, moved, ended } = this.#audience;
    this.#wanted(job);
    if (type !== "reserve" && type !== "extend") moved(job);
    if (isFinal(job.state)) ended(job.id);
    const event = job.state === "canceled" ? "canceled" : EVENT_OF[type];
    if (events.wants(event)) this.#emit(event, job, now);
  }

  removed(job: JobHead, now: Timestamp): void {
    const { events, moved, ended } = this.#audience;
    moved({ ...job, state: "canceled" });
    ended(job.id);
    if (events.wants("removed")) this.#emit("removed", job, now);
  }

  #inserted(job: Job, id: JobId, now: Timestamp): void {
    if (job.id !== id) return;
    this.#wanted(job);
    if (this.#audience.events.wants("enqueued")) this.#emit("enqueued", job, now);
  }

  #wanted({ state, topic, runAt, leaseUntil }: JobHead): void {
    if (state === "ready") this.#audience.ready(topic);
    else if (state === "delayed" && runAt !== undefined) this.#audience.due(runAt);
    else if (state === "reserved" && leaseUntil !== undefined) this.#audience.due(leaseUntil);
  }

  #emit(type: JobEventType, job: JobHead, at: Timestamp): void {
    const { id, topic, name, state, attempt, reason, error, progress } = job;
    this.#audience.events.emit({ type, at, id, topic, name, state, attempt, reason, error, progress });
  }
}
