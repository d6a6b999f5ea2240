import type { Duration, JobHead, JobId } from "@jobq/core";
import type { JobService, ReservedJob } from "../../module.ts";
import type { JobContext, JobDefinition } from "../../worker/index.ts";
import type { OneTry } from "./one-try.ts";

/** What the handler of a job that is called in a run works with: its own payload and try, the run's reservation. */
export class CallContext implements JobContext {
  readonly name: string;
  readonly payload: unknown;
  readonly attempt: number;
  readonly #run: JobContext;
  readonly #try: OneTry;

  constructor(run: JobContext, name: string, payload: unknown, one: OneTry) {
    this.#run = run;
    this.name = name;
    this.payload = payload;
    this.attempt = one.attempt;
    this.#try = one;
  }

  get id(): JobId {
    return this.#run.id;
  }

  get job(): ReservedJob {
    return this.#run.job;
  }

  get head(): JobHead {
    return this.#run.head;
  }

  get signal(): AbortSignal {
    return this.#try.signal;
  }

  get enqueue(): JobService["enqueue"] {
    return this.#run.enqueue;
  }

  get service(): JobService {
    return this.#run.service;
  }

  get definitions(): ReadonlyMap<string, JobDefinition> {
    return this.#run.definitions;
  }

  // Bound, since handlers take the context apart.
  readonly log = (line: string): Promise<void> => this.#run.log(line);
  readonly progress = (value: number, message?: string): Promise<void> => this.#run.progress(value, message);
  readonly extend = (lease?: Duration): Promise<void> => this.#run.extend(lease);
}
