import { type JobId, wrongType } from "@jobq/core";
import type { EnqueueOptions } from "../input/enqueue-options.ts";
import type { EnqueueDefinition } from "../input/job-definition.ts";
import type { EnqueueReceipt } from "../service-options.ts";
import type { EnqueuePort } from "./enqueue-port.ts";

/** A job that somebody asks for: a definition's payload is parsed and its options are filled in. */
export interface EnqueueCall {
  readonly topic: string;
  readonly payload: unknown;
  readonly options?: EnqueueOptions | undefined;
  /** The definition that it was asked for by, whose module may keep something with the job. */
  readonly job?: EnqueueDefinition | undefined;
}

/**
 * What a call to `enqueue`, or `enqueueMany`, goes through. It calls `next` for the rest, with what it was given or other
 * calls in their place, and returns an id for each; one that does not call on decides by itself, and nothing is stored.
 */
export type EnqueueMiddleware = (
  calls: readonly EnqueueCall[],
  next: (calls: readonly EnqueueCall[]) => Promise<readonly JobId[]>,
) => Promise<readonly JobId[]>;

type Next = Parameters<EnqueueMiddleware>[1];

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

  /** What modules insert by plans of their own passes by. */
  insert(...given: Parameters<EnqueuePort["insert"]>): ReturnType<EnqueuePort["insert"]> {
    return this.#inner.insert(...given);
  }

  async enqueueMany(calls: readonly EnqueueCall[], transaction: object | undefined): Promise<EnqueueReceipt[]> {
    const stored = new Map<JobId, EnqueueReceipt>();
    const ids = await this.#run(calls, async (given) => {
      const receipts = await this.#inner.enqueueMany(given, transaction);
      for (const receipt of receipts) if (!stored.has(receipt.id)) stored.set(receipt.id, receipt);
      return receipts.map(({ id }) => id);
    });
    return ids.map((id) => stored.get(id) ?? { id, duplicate: false });
  }

  async #run(calls: readonly EnqueueCall[], store: Next): Promise<readonly JobId[]> {
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

/** What stores new jobs, with middleware around it from the first one on. */
export function wrappedEnqueuer(engine: { enqueuer: EnqueuePort }): WrappedEnqueuer {
  const { enqueuer } = engine;
  if (enqueuer instanceof WrappedEnqueuer) return enqueuer;
  const wrapped = new WrappedEnqueuer(enqueuer);
  engine.enqueuer = wrapped;
  return wrapped;
}
