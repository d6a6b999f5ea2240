import { type Job, type JobRepository, ManualClock, type TopicRepository } from "@jobq/core";
import { memoryJobs } from "@jobq/job-memory";
import { memoryTopics } from "@jobq/pq-memory";
import { createService, type JobService, type ReservedJob, type ServiceOptions } from "@jobq/service";
import { expect } from "vitest";

export const NOW = Date.UTC(2026, 0, 1);
export const DISK = new Error("disk");

/** Lets everything go on that waits for nothing but promises. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Whether the promise is settled, once everything that can go on has. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const over = (): void => {
    pending = false;
  };
  promise.then(over, over);
  await settled();
  return pending;
}

interface Fault {
  readonly method: string;
  readonly late: boolean;
  readonly error: unknown;
  times: number;
}

/** Stands between a service and its repositories: counts calls, makes some fail, holds some back. */
export class Wire {
  /** Every call so far, as `jobs.commit`. */
  calls: string[] = [];
  readonly #faults: Fault[] = [];
  readonly #gates = new Map<string, Promise<void>>();

  /** Makes the next calls fail; `late` ones after they have done their work. */
  fail(method: string, { late = false, times = 1, error = DISK }: Partial<Omit<Fault, "method">> = {}): void {
    this.#faults.push({ method, late, times, error });
  }

  /** Everything works again. */
  mend(): void {
    this.#faults.length = 0;
  }

  /** Holds calls back until the answer is called. */
  hold(method: string): () => void {
    let release = (): void => {};
    this.#gates.set(
      method,
      new Promise((resolve) => {
        release = () => {
          this.#gates.delete(method);
          resolve();
        };
      }),
    );
    return release;
  }

  count(method: string): number {
    return this.calls.filter((call) => call === method).length;
  }

  around<Port extends object>(name: string, port: Port, overrides: Partial<Port> = {}): Port {
    return new Proxy(port, {
      get: (target, key) => {
        if (key === "fuse") return undefined; // a fused store would pass the wire by
        const member = (overrides as Record<PropertyKey, unknown>)[key] ?? Reflect.get(target, key, target);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => this.#call(`${name}.${String(key)}`, () => member.apply(target, given));
      },
    });
  }

  async #call(method: string, run: () => unknown): Promise<unknown> {
    this.calls.push(method);
    const fault = this.#faults.find((one) => one.method === method && one.times > 0);
    if (fault) fault.times--;
    if (fault && !fault.late) throw fault.error;
    await this.#gates.get(method);
    const answer = await run();
    if (fault) throw fault.error;
    return answer;
  }
}

export interface Rig {
  readonly clock: ManualClock;
  readonly wire: Wire;
  /** The repositories themselves, beside the wire. */
  readonly jobs: JobRepository;
  readonly topics: TopicRepository;
  readonly svc: JobService;
  /** What was reported as an `error` event, as `doing: message`. */
  readonly errors: string[];
}

export interface RigOptions extends Partial<ServiceOptions> {
  /** Has the repositories say that other processes use them. */
  readonly shared?: boolean;
  readonly clock?: ManualClock;
}

/** A service on fresh memory stores under a manual clock, once it has started. */
export async function rig({ shared = false, clock = new ManualClock(NOW), ...options }: RigOptions = {}): Promise<Rig> {
  const wire = new Wire();
  const jobs = options.jobs ?? memoryJobs({ clock });
  const topics = options.topics ?? memoryTopics();
  const capabilities = { capabilities: { durable: false, shared } };
  const svc = createService({
    random: () => 0.5,
    ...options,
    jobs: wire.around("jobs", jobs, capabilities),
    topics: wire.around("topics", topics, capabilities),
  });
  const errors: string[] = [];
  svc.on("error", ({ doing, error }) => errors.push(`${doing}: ${(error as Error).message}`));
  await svc.topics(); // the first call starts it
  await settled();
  wire.calls = [];
  return { clock, wire, jobs, topics, svc, errors };
}

/** Enqueues one job and reserves it. */
export async function heldJob({ svc }: Pick<Rig, "svc">, payload: unknown = 1, options = {}): Promise<ReservedJob> {
  await svc.enqueue("topic", payload, options);
  return reserveOne(svc);
}

export async function reserveOne(svc: JobService): Promise<ReservedJob> {
  const [job] = await svc.reserve("topic");
  if (!job) throw new Error("there is no job to reserve");
  return job;
}

/** Moves time on and lets what it brings happen. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

/** Has the store refuse changes of the jobs of a topic, as if somebody had locked them, until the returned function is called. */
export function lockJobsOf({ jobs }: Pick<Rig, "jobs">, topic: string): () => void {
  const { commit } = jobs;
  jobs.commit = async (units) => {
    const locked = new Set((await jobs.find({ topic, limit: 100 })).map(({ id }) => id));
    const isLocked = units.map(({ apply = [] }) => apply.find(({ id }) => locked.has(id))?.id);
    const free = units.filter((_, at) => isLocked[at] === undefined);
    const outcomes = await commit.call(jobs, free);
    return isLocked.map((id) => (id === undefined ? (outcomes.shift() as never) : { ok: false, code: "LOCKED", id }));
  };
  return () => {
    jobs.commit = commit;
  };
}

/** The job as it is stored. */
export async function stored({ jobs }: Pick<Rig, "jobs">, id: string): Promise<Job> {
  const [job] = await jobs.get([id]);
  if (!job) throw new Error(`there is no job ${id}`);
  return job;
}

export async function expectCode(promise: Promise<unknown>, code: string): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: "JobqError", code });
}

/** Every job that is ready or due has an entry, and no other has. */
export async function expectEntriesInLine({ jobs, topics }: Pick<Rig, "jobs" | "topics">): Promise<void> {
  const counts = new Map((await topics.topics()).map(({ topic, ready, delayed }) => [topic, { ready, delayed }]));
  const expected = new Map<string, { ready: number; delayed: number }>();
  for (const { topic, state, count } of await jobs.tally()) {
    if (state !== "ready" && state !== "delayed") continue;
    expected.set(topic, { ready: 0, delayed: 0, ...expected.get(topic), [state]: count });
  }
  expect(counts).toEqual(expected);
}
