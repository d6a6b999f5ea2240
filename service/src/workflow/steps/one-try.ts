import { Deadline, JobqError } from "@jobq/core";
import { onAbort } from "../../module.ts";
import type { WorkflowRun } from "../run/workflow-run.ts";

/** One try of a step, as its function sees it. */
export class OneTry {
  /** 1 for the first. */
  readonly attempt: number;
  readonly #run: WorkflowRun;
  #abort: AbortController | undefined;
  #reason: JobqError | undefined;

  constructor(run: WorkflowRun, attempt: number) {
    this.#run = run;
    this.attempt = attempt;
  }

  /** Aborts when the run is lost, its worker stops, or the try has taken too long; made when it is first asked for. */
  get signal(): AbortSignal {
    if (this.#abort) return this.#abort.signal;
    const abort = new AbortController();
    this.#abort = abort;
    const { signal } = this.#run.job;
    if (this.#reason) abort.abort(this.#reason);
    else if (signal.aborted) abort.abort(signal.reason);
    else onAbort(signal, () => abort.abort(signal.reason));
    return abort.signal;
  }

  /** What `work` resolves with, or a rejection with TIMEOUT when that takes longer. */
  async within<T>(work: () => T | Promise<T>, timeoutMs: number | undefined, what: string): Promise<T> {
    if (timeoutMs === undefined) return work();
    return new Promise<T>((resolve, reject) => {
      const unset = new Deadline(this.#run.context.clock, timeoutMs).onOver(() => {
        this.#reason = new JobqError("TIMEOUT", `${what} took longer than ${timeoutMs} ms`);
        this.#abort?.abort(this.#reason);
        reject(this.#reason);
      });
      Promise.resolve().then(work).then(resolve, reject).finally(unset);
    });
  }
}
