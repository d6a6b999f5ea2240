import type { Claim, Clock, Timestamp, Topic } from "@jobq/core";
import { closedError } from "../closed-error.ts";
import { MAX_JOBS_PER_CALL } from "../input/limits.ts";

/** One call for jobs of a topic. */
export interface Request {
  readonly topic: Topic;
  readonly limit: number;
  readonly leaseMs: number | undefined;
  /** Until when it waits for a first job; now, when it does not wait. */
  readonly until: Timestamp;
  readonly signal: AbortSignal | undefined;
}

/** What a dispatcher needs of its service; `Held` is a job in somebody's hands. */
export interface DispatcherOptions<Held> {
  readonly clock: Clock;
  /** Who holds the reservations. */
  readonly by: string;
  /** The longest a waiting call goes without looking, where other processes use the store; undefined where none do. */
  readonly pollMs: number | undefined;
  /** Reserves. */
  readonly claim: (claims: readonly Claim[]) => Promise<Held[][]>;
  /** Gives back jobs whose caller has left. */
  readonly release: (jobs: readonly Held[]) => void;
}

interface Waiting<Held> extends Request {
  /** Whether to ask the store for it in the next round. */
  asks: boolean;
  /** Takes its alarm back, once one is set. */
  unset: (() => void) | undefined;
  /** Answers the call with jobs, or else with an error; false when it has been answered already. */
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
  #pollMs = FIRST_POLL_MS;
  #unsetPoll: (() => void) | undefined;
  #closed = false;

  constructor(options: DispatcherOptions<Held>) {
    this.#options = options;
  }

  /** Resolves with 1 to `limit` jobs, or with none when there were none in time. */
  reserve(request: Request): Promise<Held[]> {
    return new Promise((resolve, reject) => {
      const { signal, topic } = request;
      if (this.#closed) throw closedError();
      signal?.throwIfAborted();
      const queue = this.#waiting.get(topic) ?? new Set();
      const abort = (): unknown => waiting.end(undefined, signal?.reason);
      const waiting: Waiting<Held> = {
        ...request,
        asks: true,
        unset: undefined,
        end: (jobs, error) => {
          if (!queue.delete(waiting)) return false;
          if (queue.size === 0) this.#waiting.delete(topic);
          waiting.unset?.();
          signal?.removeEventListener("abort", abort);
          if (jobs) resolve(jobs);
          else reject(error);
          return true;
        },
      };
      this.#waiting.set(topic, queue.add(waiting));
      signal?.addEventListener("abort", abort);
      this.#start();
    });
  }

  /** Has the calls that wait on the topic, or on any, look again; and soon once more when jobs are `expected`. */
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
    this.#unsetPoll?.();
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
        for (const waiting of asking) waiting.end(undefined, error);
      }
    }
    this.#running = undefined; // in the same step as the last look: whoever is woken from now on starts anew
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
        return { topic, leaseMs, by, limit: Math.min(wanted, MAX_JOBS_PER_CALL) };
      }),
    );
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
    const { clock, pollMs } = this.#options;
    const now = clock.now();
    for (const waiting of this.#all()) {
      if (waiting.asks) continue;
      if (waiting.until <= now) waiting.end([]);
      else waiting.unset ??= clock.alarm(waiting.until, () => this.#giveUp(waiting));
    }
    this.#unsetPoll?.();
    if (pollMs === undefined || this.#waiting.size === 0) return;
    this.#pollMs = Math.min(found ? FIRST_POLL_MS : this.#pollMs * 2, pollMs);
    this.#unsetPoll = clock.alarm(now + this.#pollMs, () => this.wake());
  }

  /** A call whose time has come while a round is under way has one more look: jobs may be on their way to it. */
  #giveUp(waiting: Waiting<Held>): void {
    if (this.#running) waiting.asks = true;
    else waiting.end([]);
  }
}
