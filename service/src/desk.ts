import type { Claim, Clock, Timestamp, Topic } from "@jobq/core";
import { closed, MOST_JOBS } from "./check.ts";

/** One call for jobs of a topic. */
export interface Request {
  readonly topic: Topic;
  readonly limit: number;
  readonly leaseMs: number | undefined;
  /** Until when it waits for a first job; now, when it does not wait. */
  readonly until: Timestamp;
  readonly signal: AbortSignal | undefined;
}

/** What a desk needs of its service; `Held` is a job in somebody's hands. */
export interface DeskOptions<Held> {
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
  readonly resolve: (jobs: Held[]) => void;
  readonly reject: (error: unknown) => void;
  /** Whether to ask the store for it in the next round. */
  asks: boolean;
  /** Takes its alarm back, once one is set. */
  unsetAlarm: (() => void) | undefined;
  /** Takes its place at the abort signal back. */
  unlisten: (() => void) | undefined;
}

const FIRST_POLL_MS = 50;

/**
 * Where calls for jobs queue up. Calls that wait on one topic share a claim, all topics share a round, and one round is
 * under way at a time; a call that found nothing asks again when its topic was woken or, on a shared store, by polling.
 */
export class Desk<Held> {
  readonly #options: DeskOptions<Held>;
  readonly #waiting = new Map<Topic, Waiting<Held>[]>();
  #running: Promise<void> | undefined;
  #pollMs = FIRST_POLL_MS;
  #unsetPoll: (() => void) | undefined;
  #closed = false;

  constructor(options: DeskOptions<Held>) {
    this.#options = options;
  }

  /** Resolves with 1 to `limit` jobs, or with none when there were none in time. */
  reserve(request: Request): Promise<Held[]> {
    const { signal, topic } = request;
    if (this.#closed) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const waiting: Waiting<Held> = {
        ...request,
        resolve,
        reject,
        asks: true,
        unsetAlarm: undefined,
        unlisten: undefined,
      };
      const queue = this.#waiting.get(topic);
      if (queue) queue.push(waiting);
      else this.#waiting.set(topic, [waiting]);
      if (signal) this.#listen(waiting, signal);
      this.#start();
    });
  }

  /** Has the calls that wait on the topic, or on any, look again. */
  wake(topic?: Topic): void {
    for (const waiting of topic === undefined ? this.#all() : (this.#waiting.get(topic) ?? [])) {
      waiting.asks = true;
      this.#start();
    }
  }

  /** Ends every wait with CLOSED; resolves when no claim is under way. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsetPoll?.();
    for (const waiting of this.#all()) this.#end(waiting, () => waiting.reject(closed()));
    await this.#running;
  }

  #all(): Waiting<Held>[] {
    return [...this.#waiting.values()].flat();
  }

  #listen(waiting: Waiting<Held>, signal: AbortSignal): void {
    const abort = (): void => void this.#end(waiting, () => waiting.reject(signal.reason));
    signal.addEventListener("abort", abort);
    waiting.unlisten = () => signal.removeEventListener("abort", abort);
  }

  /** Takes the call off the queue and ends it; false when it has ended already. */
  #end(waiting: Waiting<Held>, how: () => void): boolean {
    const queue = this.#waiting.get(waiting.topic);
    const at = queue?.indexOf(waiting) ?? -1;
    if (!queue || at < 0) return false;
    if (queue.length === 1) this.#waiting.delete(waiting.topic);
    else queue.splice(at, 1);
    waiting.unsetAlarm?.();
    waiting.unlisten?.();
    how();
    return true;
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
        for (const waiting of asking) this.#end(waiting, () => waiting.reject(error));
      }
    }
    this.#running = undefined; // in the same step as the last look: whoever is woken from now on starts anew
  }

  async #round(asking: readonly Waiting<Held>[]): Promise<void> {
    const shares = share(asking, this.#options.by);
    const claimed = await this.#options.claim(shares.map(({ claim }) => claim));
    const found = claimed.some((jobs) => jobs.length > 0);
    for (const [index, { callers }] of shares.entries()) this.#hand(claimed[index] as Held[], callers);
    for (const waiting of asking) this.#wait(waiting);
    this.#poll(found);
  }

  /** Hands jobs to callers in the order in which they asked; what nobody is left for goes back. */
  #hand(jobs: readonly Held[], callers: readonly Waiting<Held>[]): void {
    let from = 0;
    for (const caller of callers) {
      if (from === jobs.length) return;
      const some = jobs.slice(from, from + caller.limit);
      if (this.#end(caller, () => caller.resolve(some))) from += some.length;
    }
    if (from < jobs.length) this.#options.release(jobs.slice(from));
  }

  /** What a call that found nothing does next: give up, or wait for its time. */
  #wait(waiting: Waiting<Held>): void {
    if (waiting.asks || !this.#waiting.get(waiting.topic)?.includes(waiting)) return;
    const { clock } = this.#options;
    if (waiting.until <= clock.now()) this.#end(waiting, () => waiting.resolve([]));
    else waiting.unsetAlarm ??= clock.alarm(waiting.until, () => this.#giveUp(waiting));
  }

  /** A call whose time has come while a round is under way has one more look: jobs may be on their way to it. */
  #giveUp(waiting: Waiting<Held>): void {
    if (this.#running) waiting.asks = true;
    else this.#end(waiting, () => waiting.resolve([]));
  }

  /** Where others may push unheard, looks again: soon after jobs were found, ever more rarely while there are none. */
  #poll(found: boolean): void {
    const { clock, pollMs } = this.#options;
    this.#unsetPoll?.();
    if (pollMs === undefined || this.#waiting.size === 0) return;
    this.#pollMs = Math.min(found ? FIRST_POLL_MS : this.#pollMs * 2, pollMs);
    this.#unsetPoll = clock.alarm(clock.now() + this.#pollMs, () => this.wake());
  }
}

/** One claim and the calls it is made for. */
interface Share<Held> {
  readonly claim: Claim;
  readonly callers: readonly Waiting<Held>[];
}

/** One claim per topic and lease, for all that its callers can take. */
function share<Held>(asking: readonly Waiting<Held>[], by: string): Share<Held>[] {
  const groups = new Map<string, Waiting<Held>[]>();
  for (const waiting of asking) {
    const key = `${waiting.leaseMs} ${waiting.topic}`;
    const group = groups.get(key);
    if (group) group.push(waiting);
    else groups.set(key, [waiting]);
  }
  return [...groups.values()].map((callers) => {
    const { topic, leaseMs } = callers[0] as Waiting<Held>;
    return {
      claim: {
        topic,
        leaseMs,
        by,
        limit: Math.min(
          callers.reduce((sum, { limit }) => sum + limit, 0),
          MOST_JOBS,
        ),
      },
      callers,
    };
  });
}
