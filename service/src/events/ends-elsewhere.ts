import { copyJob, Deadline, headOf, isFinal, type Job, type JobHead, type JobId, type Timestamp } from "@jobq/core";
import type { Engine } from "../engine.ts";
import type { EventStream } from "./event-stream.ts";
import type { JobEvent } from "./events.ts";
import type { ToldEnds } from "./everywhere-stream.ts";
import type { OnChanged } from "./listen-to-changes.ts";

/** An end may be stored so long after its instant: the write waited for others, or for the rest of a transaction. */
const LATE_MS = 10_000;
/** Processes know the time of the store so exactly: what ended so long before the call may be told. */
const SKEW_MS = 1000;
const PAGE = 1000;

/** The stream to fill. */
export interface EndsTarget {
  readonly stream: EventStream;
  readonly told: ToldEnds;
  /** When it was asked for, by the monotonic clock. */
  readonly calledAt: number;
  /** How often to look: also where hints come, which may be lost, and which not every process gives. */
  readonly pollMs: number;
}

/**
 * Puts the ends that others have stored into a stream, told by hints where there are such, and by looking for what ended
 * since the last look, until the function that is returned is called or the close begins.
 */
export function lookForEnds(engine: Engine, target: EndsTarget): () => void {
  const ends = new EndsElsewhere(engine, target);
  ends.start();
  return () => ends.stop();
}

class EndsElsewhere {
  readonly #engine: Engine;
  readonly #target: EndsTarget;
  /** What ended earlier has been looked at; undefined until the store's time is known. */
  #from: Timestamp | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #unset = (): void => {};
  #forgetClose = (): void => {};
  #isStopped = false;
  readonly #heard: OnChanged = (ids) => {
    if (ids) this.#read(ids).catch((error) => this.#failed(error));
    else this.#look();
  };

  constructor(engine: Engine, target: EndsTarget) {
    this.#engine = engine;
    this.#target = target;
  }

  start(): void {
    this.#engine.changeHooks.add(this.#heard);
    this.#forgetClose = this.#engine.stopHooks.add(() => this.stop());
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#engine.changeHooks.delete(this.#heard);
    this.#forgetClose();
    this.#unset();
  }

  /** Looks now, or once more when a look is under way. */
  #look(): void {
    this.#again = this.#looking !== undefined;
    this.#looking ??= this.#run();
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      await this.#lookOnce().catch((error) => this.#failed(error));
    } while (this.#again && !this.#isStopped);
    this.#looking = undefined;
    this.#unset();
    if (!this.#isStopped)
      this.#unset = new Deadline(this.#engine.clock, this.#target.pollMs).onOver(() => this.#look(), true);
  }

  async #lookOnce(): Promise<void> {
    const engine = this.#engine;
    const { told, calledAt } = this.#target;
    const now = await engine.sync();
    this.#from ??= Math.floor(now - (engine.monotonic.elapsed() - calledAt) - SKEW_MS);
    const finishedFrom = this.#from;
    for (let page: JobHead[] = [], after: JobId | undefined; ; after = page.at(-1)?.id) {
      page = await engine.store.jobs.find({ finishedFrom, limit: PAGE, after });
      this.#tell(page);
      if (page.length < PAGE || this.#isStopped) break;
    }
    this.#from = Math.max(finishedFrom, now - LATE_MS);
    for (const [end, at] of told) if (at < this.#from) told.delete(end);
  }

  async #read(ids: readonly JobId[]): Promise<void> {
    this.#tell((await this.#engine.store.jobs.get(ids)).flatMap((job) => (job ? headOf(copyJob(job) as Job) : [])));
  }

  #tell(jobs: readonly JobHead[]): void {
    const ends = jobs.filter(({ state }) => isFinal(state)) as (JobHead & { state: "done" | "canceled" })[];
    ends.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
    for (const job of ends) {
      const event: JobEvent = { ...job, type: job.state, at: job.finishedAt as Timestamp };
      this.#target.stream.put(event);
    }
  }

  #failed(error: unknown): void {
    if (!this.#isStopped) this.#engine.report(error, "looking for ends elsewhere");
  }
}
