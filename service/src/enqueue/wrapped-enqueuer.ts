import { type JobId, wrongType } from "@jobq/core";
import type { EnqueueOptions } from "../input/enqueue-options.ts";
import type { EnqueueDefinition } from "../input/job-definition.ts";
import type { EnqueueReceipt } from "../service-options.ts";
import type { EnqueuePort } from "./enqueue-port.ts";

/** A requested job. If it was requested with a definition, its payload is parsed and its options are filled in. */
export interface EnqueueCall {
  readonly topic: string;
  readonly payload: unknown;
  readonly options?: EnqueueOptions | undefined;
  /** The definition that it was requested with. */
  readonly job?: EnqueueDefinition | undefined;
  /** What relies on the job. A middleware must then call `next`, with the same number of calls. */
  readonly partOf?: "bundle" | "schedule" | "run" | undefined;
}

/**
 * A function through which all new jobs pass, those of one request together: from `enqueue` and `enqueueMany`, over
 * HTTP, of a bundle, a schedule or a fan-out. It calls `next` with the calls, or with others in their place, and
 * returns an id for each. If it does not call `next`, nothing is stored, and its return value is the answer. Dead
 * letters and imports do not pass through it, because these jobs were enqueued before.
 */
export type EnqueueMiddleware = (
  calls: readonly EnqueueCall[],
  next: (calls: readonly EnqueueCall[]) => Promise<readonly JobId[]>,
) => Promise<readonly JobId[]>;

/** What stores calls, all or none of them; resolves with an id for each. */
export type StoreCalls = Parameters<EnqueueMiddleware>[1];

/** What stores new jobs, with middleware around it, the first one outermost. */
export class WrappedEnqueuer implements EnqueuePort {
  readonly #inner: EnqueuePort;
  readonly #middleware = new Set<EnqueueMiddleware>();

  constructor(inner: EnqueuePort) {
    this.#inner = inner;
  }

  /** Uses the middleware, until the function that is returned is called. */
  add(middleware: EnqueueMiddleware): () => void {
    const own: EnqueueMiddleware = (calls, next) => middleware(calls, next); // may be added twice
    this.#middleware.add(own);
    return () => void this.#middleware.delete(own);
  }

  async enqueue(call: EnqueueCall): Promise<JobId> {
    const [id] = await this.#run([call], async (calls) => {
      const ids: JobId[] = [];
      for (const one of calls) ids.push(await this.#inner.enqueue(one));
      return ids;
    });
    return id as JobId;
  }

  /** What is inserted has gone through the middleware before it was planned. */
  insert(...given: Parameters<EnqueuePort["insert"]>): ReturnType<EnqueuePort["insert"]> {
    return this.#inner.insert(...given);
  }

  async enqueueMany(calls: readonly EnqueueCall[], transaction: object | undefined): Promise<EnqueueReceipt[]> {
    let receipts: readonly EnqueueReceipt[] = [];
    const ids = await this.#run(calls, async (given) => {
      receipts = await this.#inner.enqueueMany(given, transaction);
      return receipts.map(({ id }) => id);
    });
    const byId = new Map([...receipts].reverse().map((receipt) => [receipt.id, receipt])); // the first of each
    const receiptOf = (id: JobId): EnqueueReceipt => byId.get(id) ?? { id, duplicate: false };
    return ids.map((id, at) => (receipts[at]?.id === id ? (receipts[at] as EnqueueReceipt) : receiptOf(id)));
  }

  async throughMiddleware(calls: readonly EnqueueCall[], store: StoreCalls): Promise<readonly JobId[]> {
    if (calls.length === 0) return store(calls);
    const owner = calls.find(({ partOf }) => partOf)?.partOf;
    if (owner === undefined) return this.#run(calls, store);
    let stored: readonly JobId[] = [];
    await this.#run(calls, async (given) => {
      checkCount(given.length, calls.length, owner);
      stored = await store(given);
      return stored;
    });
    checkCount(stored.length, calls.length, owner);
    return stored;
  }

  async #run(calls: readonly EnqueueCall[], store: StoreCalls): Promise<readonly JobId[]> {
    let next = store;
    for (const middleware of [...this.#middleware].reverse()) {
      const inner = next;
      next = async (given) => middleware(given, inner);
    }
    const ids: unknown = await next(calls);
    if (Array.isArray(ids) && ids.length === calls.length && ids.every((id) => typeof id === "string")) return ids;
    throw wrongType("what a middleware of enqueue returns", `an array of ${calls.length} ids`, ids);
  }
}

function checkCount(passed: number, asked: number, owner: string): void {
  if (passed !== asked) throw wrongType(`how many calls a middleware passes on for a ${owner}`, `${asked}`, passed);
}

/** What stores new jobs, with middleware around it from the first one on. */
export function wrappedEnqueuer(engine: { enqueuer: EnqueuePort }): WrappedEnqueuer {
  const { enqueuer } = engine;
  if (enqueuer instanceof WrappedEnqueuer) return enqueuer;
  const wrapped = new WrappedEnqueuer(enqueuer);
  engine.enqueuer = wrapped;
  return wrapped;
}
