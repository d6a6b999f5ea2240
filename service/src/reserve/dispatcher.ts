import {
  type Claim,
  type Clock,
  type Deadline,
  type JobqError,
  type MonotonicClock,
  monotonicOf,
  type Topic,
} from "@jobq/core";
import { closedError } from "../closed-error.ts";
import { onAbort } from "../events/on-abort.ts";
import { MAX_JOBS_PER_CALL } from "../input/limits.ts";
import type { Report } from "../report.ts";
import { type Due, watchOver } from "../time/watch-over.ts";
import { Outage } from "./outage.ts";

/** One call for jobs of a topic. */
export interface Request {
  readonly topic: Topic;
  readonly limit: number;
  readonly leaseMs: number | undefined;
  /** How long it waits for a first job; undefined when it does not wait. */
  readonly deadline: Deadline | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What a dispatcher needs of its service; `Held` is a job in somebody's hands. */
export interface DispatcherOptions<Held> {
  readonly clock: Clock;
  /** Tells who holds the reservations. */
  readonly by: () => string;
  /** The longest a waiting call goes without looking, where other processes use the store; undefined where none do. */
  readonly pollMs: number | undefined;
  /** What time brings, which calls that wait see to when nobody else does. */
  readonly maintenance: Due;
  /** Reserves. */
  readonly claim: (claims: readonly Claim[]) => Promise<Held[][]>;
  /** Gives back jobs whose caller has left. */
  readonly release: (jobs: readonly Held[]) => void;
  /** Told of what calls that go on waiting do not hear about. */
  readonly report: Report;
}

interface Waiting<Held> extends Request {
  /** Whether to ask the store for it in the next round. */
  asks: boolean;
  /** Takes its timers back, once they are set. */
  unwatch: (() => void) | undefined;
  /** Why the latest look failed, if it did. */
  failure: JobqError | undefined;
  /** Settles the call with jobs, or else with an error; false when it is settled already. */
  readonly end: (jobs: Held[] | undefined, error?: unknown) => boolean;
}

const FIRST_POLL_MS = 50;

/**
 * Where calls for jobs queue up. Calls that wait on one topic share a claim, all topics share a round, and one round is
 * under way at a time; a call that found nothing asks again when its topic was woken or, on a shared store, by polling.
 */
export class Dispatcher<Held> {
  readonly #options: DispatcherOptions<Held>;
  readonly #waiting = new Map<Topic, Set<Waiting<Held>>>();
  #running: Promise<void> | undefined;
  readonly #clock: MonotonicClock;
  #pollMs = FIRST_POLL_MS;
  /** When calls look again, by the monotonic clock. */
  #pollAt = Infinity;
  #undoPoll: (() => void) | undefined;
  readonly #outage: Outage;
  #closed = false;

  constructor(options: DispatcherOptions<Held>) {
    this.#options = options;
    this.#clock = monotonicOf(options.clock);
    this.#outage = new Outage(this.#clock, () => this.wake());
  }

  /** Resolves with 1 to `limit` jobs, or with none when there were none in time. */
  reserve(request: Request): Promise<Held[]> {
    return new Promise((resolve, reject) => {
      const { signal, topic } = request;
      if (this.#closed) throw closedError();
      signal?.throwIfAborted();
      const queue = this.#waiting.get(topic) ?? new Set();
      const waiting: Waiting<Held> = {
        ...request,
        asks: true,
        unwatch: undefined,
        failure: undefined,
        end: (jobs, error) => {
          if (!queue.delete(waiting)) return false;
          if (queue.size === 0) this.#waiting.delete(topic);
          waiting.unwatch?.();
          unlisten?.();
          if (jobs) resolve(jobs);
          else reject(error);
          return true;
        },
      };
      const unlisten = signal && onAbort(signal, () => waiting.end(undefined, signal.reason));
      this.#waiting.set(topic, queue.add(waiting));
      // A round under way is another call's, which may be over with all its timers by the time that this one waits.
      if (this.#running) this.#watch(waiting);
      this.#start();
    });
  }

  /**
   * Has the calls that wait on the topic, or on any, look again; and soon once more when jobs are `expected`: one that is
   * there may be passed over, since somebody has it locked for a moment, if only to be refused.
   */
  wake(topic?: Topic, expected = false): void {
    if (expected) this.#pollMs = FIRST_POLL_MS / 2;
    for (const waiting of topic === undefined ? this.#all() : (this.#waiting.get(topic) ?? [])) {
      waiting.asks = true;
      this.#start();
    }
  }

  /** Ends every wait with CLOSED; resolves when no claim is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#undoPoll?.();
    this.#outage.over();
    for (const waiting of this.#all()) waiting.end(undefined, closedError());
    await this.#running;
  }

  #all(): Waiting<Held>[] {
    return [...this.#waiting.values()].flatMap((queue) => [...queue]);
  }

  #start(): void {
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    await undefined; // calls of the same turn share the first round
    for (;;) {
      const asking = this.#all().filter(({ asks }) => asks);
      if (asking.length === 0) break;
      for (const waiting of asking) waiting.asks = false;
      try {
        await this.#round(asking);
      } catch (error) {
        this.#fail(asking, error);
      }
    }
    this.#running = undefined; // in the same step as the last look: a call that is woken from now on starts anew
  }

  /** Calls that wait ride out a store that is away for a moment; any other hears of it. */
  #fail(asking: readonly Waiting<Held>[], error: unknown): void {
    const failure = this.#outage.mayPass(error) ? (error as JobqError) : undefined;
    let rides = false;
    for (const waiting of asking) {
      if (failure && waiting.deadline && !waiting.deadline.isOver) {
        waiting.failure = failure;
        this.#watch(waiting);
        rides = true;
      } else waiting.end(undefined, error);
    }
    if (!rides) return;
    this.#outage.retry();
    this.#options.report(error, "reserving");
  }

  /** One claim per topic and lease, for all that its callers can take. */
  async #round(asking: readonly Waiting<Held>[]): Promise<void> {
    const { by, claim } = this.#options;
    const groups = new Map<string, Waiting<Held>[]>();
    for (const waiting of asking) {
      const key = `${waiting.leaseMs} ${waiting.topic}`;
      const group = groups.get(key);
      if (group) group.push(waiting);
      else groups.set(key, [waiting]);
    }
    const shares = [...groups.values()];
    const claimed = await claim(
      shares.map((callers) => {
        const { topic, leaseMs } = callers[0] as Waiting<Held>;
        const wanted = callers.reduce((sum, { limit }) => sum + limit, 0);
        return { topic, leaseMs, by: by(), limit: Math.min(wanted, MAX_JOBS_PER_CALL) };
      }),
    );
    this.#outage.over();
    for (const waiting of asking) waiting.failure = undefined;
    for (const [index, jobs] of claimed.entries()) this.#hand(jobs, shares[index] as Waiting<Held>[]);
    this.#wait(claimed.some((jobs) => jobs.length > 0));
  }

  /** Hands jobs to callers in the order in which they asked; what nobody is left for goes back. */
  #hand(jobs: readonly Held[], callers: readonly Waiting<Held>[]): void {
    let from = 0;
    for (const caller of callers) {
      if (from === jobs.length) return;
      const some = jobs.slice(from, from + caller.limit);
      if (caller.end(some)) from += some.length;
    }
    if (from < jobs.length) this.#options.release(jobs.slice(from));
  }

  /**
   * What calls that found nothing do next: give up, or wait for their time. Where others may push unheard, all look
   * again: soon after jobs were found, ever more rarely while there are none.
   */
  #wait(found: boolean): void {
    const { pollMs } = this.#options;
    for (const waiting of this.#all()) {
      if (waiting.asks) continue;
      if (!waiting.deadline || waiting.deadline.isOver) waiting.end([]);
      else this.#watch(waiting);
    }
    this.#undoPoll?.();
    this.#pollAt = Infinity;
    if (pollMs === undefined || this.#waiting.size === 0) return;
    this.#pollMs = Math.min(found ? FIRST_POLL_MS : this.#pollMs * 2, pollMs);
    this.#pollAt = this.#clock.elapsed() + this.#pollMs;
    this.#undoPoll = this.#clock.after(this.#pollMs, () => this.wake());
  }

  #watch(waiting: Waiting<Held>): void {
    const { clock, maintenance } = this.#options;
    if (!waiting.deadline || waiting.unwatch) return;
    const pollInMs = (): number => Math.max(this.#pollAt - this.#clock.elapsed(), 0);
    const due = {
      dueInMs: () => Math.min(pollInMs(), maintenance.dueInMs()),
      act: () => {
        if (pollInMs() === 0) this.wake();
        else maintenance.act();
      },
    };
    waiting.unwatch = watchOver(clock, waiting.deadline, due, () => this.#giveUp(waiting));
  }

  /** A call whose time has come while a round is under way has one more look: jobs may be on their way to it. */
  #giveUp(waiting: Waiting<Held>): void {
    if (this.#running) waiting.asks = true;
    else waiting.end(waiting.failure ? undefined : [], waiting.failure);
  }
}
