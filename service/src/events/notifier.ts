import {
  type Change,
  copyHead,
  isFinal,
  type JobHead,
  type JobId,
  storedInserts,
  type Timestamp,
  type Topic,
  type Unit,
  type UnitOutcome,
} from "@jobq/core";
import type { EventHub } from "./event-hub.ts";
import type { JobEventType } from "./events.ts";
import type { StoredChange, StoredChangeType } from "./stored-change.ts";
import type { StoredHook } from "./stored-hook.ts";

/** Who in the service waits for something to be stored. */
export interface NotifierTargets {
  /** A job of the topic, or of any, became ready, or will when a transaction commits. */
  ready(topic?: Topic): void;
  /** Something will be due at that instant. */
  due(at: Timestamp): void;
  /** The job was changed; when it has ended or is gone, nobody holds it any more. */
  moved(job: JobHead, gone: boolean): void;
  /** The job ended or is gone. */
  ended(id: JobId): void;
  /** Others may wait for what the job is now. */
  followed(job: JobHead, what: StoredChangeType): void;
  /** The job is so if somebody's transaction commits. */
  expected(job: JobHead): void;
  /** A commit failed: nobody knows what of it is stored. */
  unknown(): void;
}

/** What is told of each; nothing of those that no state follows from. */
const EVENT_OF: { readonly [T in StoredChangeType]: JobEventType | undefined } = {
  insert: "enqueued",
  promote: "promoted",
  unblock: "unblocked",
  wake: "woken",
  reserve: "reserved",
  extend: "extended",
  done: "done",
  retry: "retried",
  release: "released",
  suspend: "suspended",
  expire: "expired",
  cancel: "canceled",
  admit: "admitted",
  link: undefined,
  resolve: undefined,
  freeKey: undefined,
  check: undefined,
  reset: "reset",
  remove: "removed",
};

/** What to tell of a change; nothing when it said nothing to the job. */
function eventOf(job: JobHead, what: StoredChangeType, at: Timestamp): JobEventType | undefined {
  const type = EVENT_OF[what];
  if (!type || what === "remove" || !isFinal(job.state)) return type;
  if (what === "unblock" && (job.reason !== "dependency" || job.finishedAt !== at)) return undefined;
  return job.state === "canceled" ? "canceled" : type;
}

/**
 * True for the change that ended its job, whichever it was; false for what is stored about a job that has ended before, such
 * as a `resolve`, and for one that was stored as ended.
 */
export function isEnd({ job, what, at }: StoredChange): boolean {
  return what !== "insert" && what !== "remove" && isFinal(job.state) && eventOf(job, what, at) !== undefined;
}

const NOBODY: NotifierTargets = {
  ...{ ready() {}, due() {}, moved() {}, ended() {}, followed() {}, expected() {}, unknown() {} },
};

/** Tells listeners, hooks of modules and the rest of the service what was stored. */
export class Notifier {
  readonly #events: EventHub;
  readonly #hooks = new Set<StoredHook>();
  #targets = NOBODY;

  constructor(events: EventHub) {
    this.#events = events;
  }

  /** From now on these are told. */
  connect(targets: NotifierTargets): void {
    this.#targets = targets;
  }

  /** Has a hook told, until the function that is returned is called. */
  hook(hook: StoredHook): () => void {
    this.#hooks.add(hook);
    return () => void this.#hooks.delete(hook);
  }

  /** Resolves when every hook has been told of everything so far. */
  async idle(): Promise<void> {
    await Promise.all([...this.#hooks].map((hook) => hook.idle()));
  }

  /** Tells what a unit did; nothing when it was refused. */
  committed(unit: Unit, outcome: UnitOutcome): void {
    if (!outcome.ok) return;
    for (const job of storedInserts(unit, outcome)) this.changed(job, "insert", unit.now);
    for (let i = 0; i < outcome.changed.length; i++) {
      const { type } = (unit.apply as readonly Change[])[i] as Change;
      this.changed(outcome.changed[i] as JobHead, type, unit.now);
    }
  }

  /** A commit failed; what of it is stored, and what follows from that, has to be looked for. */
  failed(): void {
    this.#targets.unknown();
  }

  /** @param job as it is now, or as it was when it was removed */
  changed(job: JobHead, what: StoredChangeType, at: Timestamp): void {
    if (what !== "insert") this.#targets.moved(job, what === "remove");
    this.told(job, what, at);
  }

  /** Tells all but the holder, who knows. */
  told(job: JobHead, what: StoredChangeType, at: Timestamp): void {
    const gone = what === "remove";
    if (gone) this.#targets.ended(job.id);
    else this.expect(job, false);
    this.#targets.followed(job, what);
    const type = eventOf(job, what, at);
    if (type && this.#events.wants(type)) this.#events.emit(Object.assign(copyHead(job), { type, at }));
    if (this.#hooks.size > 0) for (const hook of this.#hooks) hook.offer(job, what, at);
  }

  /** Has those look who wait for what the job is now, or will be if somebody's transaction commits. */
  expect(job: JobHead, expected = true): void {
    const targets = this.#targets;
    const { state } = job;
    if (expected) targets.expected(job);
    const next = state === "reserved" ? job.leaseUntil : job.runAt;
    if (isFinal(state)) targets.ended(job.id);
    else if (state === "ready") targets.ready(job.topic);
    else if (next !== undefined) targets.due(next);
  }

  /** Entries came back, of whichever topics. */
  recovered(): void {
    this.#targets.ready();
  }
}
