import type { JobId } from "@jobq/core";
import { contextOf, type JobService, type ModuleContext } from "../../module.ts";
import { StrictWatch } from "../strict/strict-watch.ts";
import type { WorkflowSettings } from "../workflow-settings.ts";
import type { WorkflowRun } from "./workflow-run.ts";

const all = new WeakMap<JobService, ServiceRuns>();

/** The runs that are under way in one service, and what holds for all of them. */
export class ServiceRuns {
  readonly context: ModuleContext;
  /** What holds for workflows that do not say otherwise. */
  settings: Partial<WorkflowSettings> = {};
  readonly #running = new Map<JobId, WorkflowRun>();
  #isListening = false;
  #watch: { readonly begun: StrictWatch | undefined } | undefined;

  private constructor(context: ModuleContext) {
    this.context = context;
  }

  /** The same for every call with that service. */
  static of(service: JobService): ServiceRuns {
    const runs = all.get(service) ?? new ServiceRuns(contextOf(service));
    all.set(service, runs);
    return runs;
  }

  /** What watches the code of strict runs: made with the first of them, undefined where the runtime can't. */
  watch({ determinism }: WorkflowSettings): StrictWatch | undefined {
    if (determinism !== "strict") return undefined;
    this.#watch ??= { begun: StrictWatch.begin(this.context) };
    return this.#watch.begun;
  }

  /** Has the run hear of wakes while it is under way. */
  add(run: WorkflowRun): void {
    this.#running.set(run.job.id, run);
    if (this.#isListening) return;
    this.#isListening = true;
    this.context.onStored(
      (changes) => {
        for (const { job } of changes) this.#running.get(job.id)?.wake();
      },
      (job, what) => what === "wake" && this.#running.has(job.id),
    );
  }

  delete(run: WorkflowRun): void {
    if (this.#running.get(run.job.id) === run) this.#running.delete(run.job.id);
  }
}
