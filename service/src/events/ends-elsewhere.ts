import { copyHead, Deadline, isFinal, type JobHead, type JobId, type Timestamp } from "@jobq/core";
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

/** A stream to fill, or whoever else is told. */
export interface EndsTarget {
  readonly stream: Pick<EventStream, "put">;
  readonly told: ToldEnds;
  /** When it was asked for, by the monotonic clock. */
  readonly calledAt: number;
  /** Called after each look. */
  readonly looked?: () => void;
}

/** Who looks for each service: one for all its streams. */
const looking = new WeakMap<Engine, EndsElsewhere>();

/**
 * Puts the ends that others have stored into a stream, told by hints where there are such, and by looking for what ended
 * since the last look, until the function that is returned is called or the close begins.
 * @param pollMs how often to look: also where hints come, which may be lost, and which not every process gives
 */
export function lookForEnds(engine: Engine, target: EndsTarget, pollMs: number): () => void {
  const ends = looking.get(engine) ?? new EndsElsewhere(engine, pollMs);
  looking.set(engine, ends);
  ends.add(target);
  return () => {
    if (ends.remove(target)) looking.delete(engine);
  };
}

/**
 * Told of every end that is found, of those in this process too, and of one maybe more than once. A failure becomes an
 * `error` event.
 */
export type OnEndFound = (end: JobEvent) => unknown;

/** Who is told beside the streams. */
const hooks = new WeakMap<Engine, Set<OnEndFound>>();

/**
 * Has a module told of what is found, while there is a stream of what happens everywhere, or a listener for events of
 * these types.
 */
export function hookEnds(engine: Engine, hook: OnEndFound, types: readonly string[]): void {
  const { events, monotonic, pollMs } = engine;
  if (pollMs === undefined) return;
  hooks.set(engine, (hooks.get(engine) ?? new Set()).add(hook));
  let stop: (() => void) | undefined;
  const isHeeded = (): boolean => types.some((type) => events.listeners.get(type)?.size);
  const looked = (): void => {
    if (isHeeded()) return;
    stop?.();
    stop = undefined;
  };
  const { told } = events;
  events.told = () => {
    told?.();
    if (stop || !isHeeded()) return;
    const target = { stream: { put() {} }, told: new Map(), calledAt: monotonic.elapsed(), looked };
    stop = lookForEnds(engine, target, pollMs);
  };
  events.told();
}

class EndsElsewhere {
  readonly #engine: Engine;
  readonly #pollMs: number;
  /** The streams, with the instant from which each is told of ends that are found; undefined until it is known. */
  readonly #targets = new Map<EndsTarget, Timestamp | undefined>();
  /** What ended earlier has been looked at. */
  #from = Infinity;
  /** When that was found, by the monotonic clock. */
  #lookedAt = 0;
  #looking: Promise<void> | undefined;
  #again = false;
  #unset = (): void => {};
  readonly #forgetClose: () => void;
  #isStopped = false;
  readonly #heard: OnChanged = (ids) => {
    if (ids) this.#read(ids).catch((error) => this.#failed(error));
    else this.#look();
  };

  constructor(engine: Engine, pollMs: number) {
    this.#engine = engine;
    this.#pollMs = pollMs;
    engine.changeHooks.add(this.#heard);
    this.#forgetClose = engine.stopHooks.add(() => this.#stop());
  }

  add(target: EndsTarget): void {
    this.#targets.set(target, undefined);
    this.#look();
  }

  /** True when it was the last one, after which nobody looks any more. */
  remove(target: EndsTarget): boolean {
    this.#targets.delete(target);
    if (this.#targets.size === 0) this.#stop();
    return this.#targets.size === 0;
  }

  #stop(): void {
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
    for (const { looked } of [...this.#targets.keys()]) looked?.();
    this.#looking = undefined;
    this.#unset();
    if (!this.#isStopped) this.#unset = new Deadline(this.#engine.clock, this.#pollMs).onOver(() => this.#look(), true);
  }

  async #lookOnce(): Promise<void> {
    const engine = this.#engine;
    const now = await engine.sync();
    const lookedAt = engine.monotonic.elapsed();
    const finishedFrom = this.#begin(now, lookedAt);
    const finishedBy = now + SKEW_MS; // later ones ended before the store's clock was set back
    for (let page: JobHead[] = [], after: JobId | undefined; ; after = page.at(-1)?.id) {
      page = await engine.store.jobs.find({ finishedFrom, finishedBy, limit: PAGE, after });
      // One that came meanwhile has the next look.
      for (const [target, from] of this.#targets) if (from !== undefined) this.#tell(target, page, from);
      if (page.length < PAGE || this.#isStopped) break;
    }
    this.#from = Math.max(finishedFrom, now - LATE_MS);
    this.#lookedAt = lookedAt;
    for (const { told } of this.#targets.keys()) for (const [end, at] of told) if (at < this.#from) told.delete(end);
  }

  /** The instant from which this look has to find ends. */
  #begin(now: Timestamp, elapsed: number): Timestamp {
    const instantOf = (at: number): Timestamp => Math.floor(now - (elapsed - at) - SKEW_MS);
    // Where the store's clock was set back further than ends are looked for again, they have instants before that.
    const earliest = instantOf(this.#lookedAt);
    if (this.#from !== Infinity && earliest + SKEW_MS < this.#from) this.#from = earliest;
    for (const [target, from] of this.#targets) {
      const own = instantOf(target.calledAt);
      if (from === undefined) this.#from = Math.min(this.#from, own);
      this.#targets.set(target, Math.min(from ?? own, own));
    }
    return this.#from;
  }

  async #read(ids: readonly JobId[]): Promise<void> {
    const jobs = await this.#engine.store.jobs.get(ids);
    const heads = jobs.flatMap((job) => (job ? copyHead(job) : []));
    for (const target of this.#targets.keys()) this.#tell(target, heads);
  }

  #failed(error: unknown): void {
    if (!this.#isStopped) this.#engine.report(error, "looking for ends elsewhere");
  }

  /** Puts those of the jobs that have ended into the stream, those from that instant on. */
  #tell({ stream }: EndsTarget, jobs: readonly JobHead[], from: Timestamp = 0): void {
    const ends = jobs.filter(({ state }) => isFinal(state)) as (JobHead & { state: "done" | "canceled" })[];
    ends.sort((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
    for (const job of ends) {
      const event: JobEvent = Object.assign(copyHead(job), { type: job.state, at: job.finishedAt as Timestamp });
      if (event.at < from) continue;
      stream.put(event);
      for (const hook of hooks.get(this.#engine) ?? []) void this.#call(hook, event);
    }
  }

  async #call(hook: OnEndFound, end: JobEvent): Promise<void> {
    try {
      await hook(end);
    } catch (error) {
      this.#engine.report(error, "telling a module what ended elsewhere");
    }
  }
}
