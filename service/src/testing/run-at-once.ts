import { copyHead, type Job, type JobHead, JobqError } from "@jobq/core";
import { contextOf, type JobService, type ReservedJob, type TopicMap } from "../module.ts";
import type { JobContext, JobDefinition } from "../worker/index.ts";
import type { EnqueuedJob } from "./enqueued-job.ts";

/** Runs a handler with a context of a job that nobody stored; resolves with its result, as it would be kept. */
export async function runAtOnce(
  service: JobService,
  definitions: JobContext["definitions"],
  job: EnqueuedJob,
  run: JobDefinition["run"],
): Promise<unknown> {
  const { encode, decode, newJob, now } = contextOf<TopicMap>(service);
  const stored = newJob(job.topic, job.payload, job.options, await now());
  const held: Job = { ...stored, id: job.id, state: "reserved", token: 1, attempt: 1, reservedAt: stored.createdAt };
  const holder = new Holder(held, job.payload);
  const returned = await run(job.payload, { ...contextFor(holder, service), definitions });
  const result = holder.settled ? holder.result : returned;
  return result === undefined ? undefined : decode(encode(result, "result"));
}

function contextFor(holder: Holder, service: JobService): Omit<JobContext, "definitions"> {
  const { id, name, attempt, payload, head } = holder;
  return {
    ...{ id, name, attempt, payload, head },
    signal: holder.signal,
    job: holder as unknown as ReservedJob,
    log: async () => {},
    progress: async () => {},
    extend: async () => {},
    enqueue: service.enqueue.bind(service),
    service,
  };
}

/** A reservation that is settled by nothing but being told so: the part of one that handlers use. */
class Holder {
  readonly id: string;
  readonly topic: string;
  readonly name: string;
  readonly payload: unknown;
  readonly attempt = 1;
  readonly token = 1;
  readonly maxRetries: number;
  readonly weight: number;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly head: JobHead;
  readonly signal = new AbortController().signal;
  result: unknown;
  #failure: { readonly error: unknown } | undefined;
  #isSettled = false;

  constructor(job: Job, payload: unknown) {
    this.id = job.id;
    this.topic = job.topic;
    this.name = job.name;
    this.payload = payload;
    this.maxRetries = job.maxRetries;
    this.weight = job.weight;
    this.createdAt = job.createdAt;
    this.tags = { ...job.tags };
    this.head = copyHead(job);
  }

  /** Whether the handler settled it by hand. @throws what it said went wrong */
  get settled(): boolean {
    if (this.#failure) throw this.#failure.error;
    return this.#isSettled;
  }

  async done(result?: unknown): Promise<void> {
    this.#settle();
    this.result = result;
  }

  async retry(how: { readonly error?: unknown } | Error = {}): Promise<void> {
    this.#settle();
    const error = how instanceof Error ? how : how.error;
    this.#failure = { error: error ?? new Error(`job ${this.id} asked to be tried again`) };
  }

  async cancel(why?: string | Error): Promise<void> {
    this.#settle();
    this.#failure = { error: why instanceof Error ? why : new Error(why ?? `job ${this.id} was given up`) };
  }

  async release(): Promise<void> {
    this.#settle();
  }

  readonly extend = async (): Promise<void> => {};
  readonly progress = async (): Promise<void> => {};
  readonly log = async (): Promise<void> => {};

  #settle(): void {
    if (this.#isSettled) throw new JobqError("INVALID_STATE", `job ${this.id} was settled before`);
    this.#isSettled = true;
  }
}
