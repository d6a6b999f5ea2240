import { Deadline, isFinal, type Job, type JobHead, type JobId, type JobRepository, waitsForSlot } from "@jobq/core";
import type { Engine } from "../engine.ts";
import { isLinked } from "./follow-ups.ts";

/** The first and the longest pause between two looks whether a transaction has committed. */
const FIRST_LOOK_MS = 25;
const LONGEST_LOOK_MS = 1000;
/** More jobs are left to recovery. */
const MAX_EXPECTED = 10_000;

interface Expected {
  readonly job: JobHead;
  /** Recovery finds by then what a transaction that took longer has left undone. */
  readonly until: Deadline;
}

/**
 * Sees to what follows from jobs that were stored in transactions of the user's. Nobody tells when those commit, so the
 * jobs are looked at: when the store hints at them, and ever more rarely.
 */
class AfterCommit {
  readonly #jobs: JobRepository;
  readonly #engine: Engine;
  readonly #expected = new Map<JobId, Expected>();
  #looking: Promise<void> | undefined;
  #pauseMs = FIRST_LOOK_MS;
  /** When the next look is due, if one is. */
  #next: Deadline | undefined;
  #unset = (): void => {};

  /** Looks until the engine closes. */
  constructor(engine: Engine) {
    this.#engine = engine;
    this.#jobs = engine.store.jobs;
    engine.changeHooks.add((ids) => this.#changed(ids));
    engine.stopHooks.add(() => this.#stop());
  }

  /** The job is so if somebody's transaction commits. */
  expect(job: JobHead): void {
    if (!isFollowed(job) || this.#expected.size >= MAX_EXPECTED) return;
    this.#expected.set(job.id, { job, until: new Deadline(this.#jobs.clock, this.#engine.settings.recoveryMs) });
    this.#pauseMs = FIRST_LOOK_MS;
    this.#arm();
  }

  /** These jobs may have changed, or any. */
  #changed(ids: readonly JobId[] | undefined): void {
    if (this.#expected.size > 0 && (!ids || ids.some((id) => this.#expected.has(id)))) this.#look();
  }

  #stop(): void {
    this.#expected.clear();
    this.#disarm();
  }

  /** Makes sure of a look within the pause. */
  #arm(): void {
    const leftMs = this.#next?.leftMs ?? Infinity;
    // A timer that is over and has not rung may have been set in a request that has ended: it never will.
    if (leftMs === 0) this.#look();
    if (leftMs <= this.#pauseMs) return;
    this.#unset();
    this.#next = new Deadline(this.#jobs.clock, this.#pauseMs);
    this.#unset = this.#next.onOver(() => this.#look(), true);
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_LOOK_MS);
  }

  #disarm(): void {
    this.#unset();
    this.#next = undefined;
  }

  #look(): void {
    this.#disarm();
    this.#looking ??= this.#lookOnce().finally(() => {
      this.#looking = undefined;
      if (this.#expected.size > 0) this.#arm();
    });
  }

  async #lookOnce(): Promise<void> {
    const expected = [...this.#expected.values()];
    try {
      const stored = await this.#jobs.get(expected.map(({ job }) => job.id));
      for (const [index, one] of expected.entries()) this.#compare(one, stored[index]);
    } catch (error) {
      if (this.#expected.size > 0) this.#engine.report(error, "looking whether a transaction has committed");
    }
  }

  /**
   * Done with a job that is stored as it was expected to be, or has moved on so that it never will be. One that was to end
   * and is gone has ended: a transaction that is open, or was rolled back, leaves it as it was.
   */
  #compare({ job, until }: Expected, stored: Job | undefined): void {
    const isThere = stored && isFollowed(stored);
    const isGone = !stored && isFinal(job.state);
    const isElsewhere = stored && isFinal(job.state) && stored.token !== job.token;
    if (isThere || isGone || isElsewhere || until.isOver) this.#expected.delete(job.id);
    if (isThere) this.#engine.followUps.offer(stored, "done");
    else if (isGone) this.#engine.followUps.offer(job, "remove");
  }
}

const ofEngine = new WeakMap<Engine, AfterCommit>();

/** What looks after such jobs for an engine. */
export function afterCommitOf(engine: Engine): AfterCommit {
  const afterCommit = ofEngine.get(engine) ?? new AfterCommit(engine);
  ofEngine.set(engine, afterCommit);
  return afterCommit;
}

/** True for a job from whose state something follows. */
function isFollowed(job: JobHead): boolean {
  const { awaits, blockers, state } = job;
  if (!isLinked(job)) return false;
  return isFinal(state) || waitsForSlot(job) || (awaits !== undefined && state === "delayed" && !blockers);
}
