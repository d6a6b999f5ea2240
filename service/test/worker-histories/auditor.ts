import { isFinal, type JobHead, type JobId, type JobRepository } from "@jobq/core";
import type { JobContext } from "@jobq/service/worker";
import { type JobPlan, LIMITS } from "./job-plan.ts";
import type { PlayedWorker } from "./played-worker.ts";

/** One run of a handler. */
export interface Run {
  readonly worker: PlayedWorker;
  readonly plan: JobPlan;
  readonly id: JobId;
  readonly token: number;
  /** What the worker has to go by; `open` while the handler has its slot. */
  end: "open" | "returned" | "failed" | "gave up" | "timed out";
  /** How the handler has settled the job by itself. */
  byHand?: "done" | "canceled" | "released";
  /** Which hooks were told of it. */
  readonly told: string[];
}

const EVERYTHING = 100_000;

/** Knows what was asked for and what handlers did, sees the jobs after every write, and says which promise was broken. */
export class Auditor {
  /** By label. */
  readonly plans = new Map<string, JobPlan>();
  readonly acknowledged = new Set<JobId>();
  /** Labels of jobs that somebody asked to cancel. */
  readonly canceled = new Set<string>();
  readonly #jobs: JobRepository;
  readonly #isDisturbed: () => boolean;
  /** By id and token. */
  readonly #runs = new Map<string, Run>();
  readonly #runsOf = new Map<JobId, Run[]>();
  /** What was seen of each job last, as long as that is the same. */
  readonly #seen = new Map<JobId, string>();
  #known: ReadonlyMap<string, JobHead> = new Map();
  readonly #ends = new Map<JobId, string>();
  #violation: string | undefined;

  /**
   * @param jobs the truth, read without the knowledge of any process
   * @param isDisturbed a store has failed, a process died, or time stood still for everybody
   */
  constructor(jobs: JobRepository, isDisturbed: () => boolean) {
    this.#jobs = jobs;
    this.#isDisturbed = isDisturbed;
  }

  /** The first promise that was broken. */
  get violation(): string | undefined {
    return this.#violation;
  }

  /** The jobs as they were seen last, by label. */
  get known(): ReadonlyMap<string, JobHead> {
    return this.#known;
  }

  /** How many runs there were. */
  get runCount(): number {
    return this.#runs.size;
  }

  violate(what: string): void {
    this.#violation ??= what;
  }

  /** The run by that reservation. */
  runOf({ id, token }: Pick<Run, "id" | "token">): Run | undefined {
    return this.#runs.get(`${id} ${token}`);
  }

  /** How often the job has been run. */
  countRuns(id: JobId): number {
    return this.#runsOf.get(id)?.length ?? 0;
  }

  /** A handler begins. */
  begin(worker: PlayedWorker, plan: JobPlan, { id, job }: JobContext): Run {
    const key = `${id} ${job.token}`;
    const what = `${plan.label} (token ${job.token}) in ${worker.name}`;
    const run: Run = { worker, plan, id, token: job.token, end: "open", told: [] };
    if (this.#runs.has(key)) this.violate(`${what}: runs twice by one reservation`);
    if (worker.isStopped) this.violate(`${what}: begins after its worker has stopped`);
    if (job.signal.aborted) this.violate(`${what}: begins though its reservation is known to be lost`);
    this.#runs.set(key, run);
    this.#runsOf.set(id, [...(this.#runsOf.get(id) ?? []), run]);
    worker.runs.push(run);
    this.#checkConcurrency(run, what);
    this.#checkWaits(plan, what);
    return run;
  }

  /** A hook was told of a run. */
  told({ id, attempt, job: { token } }: JobContext, hook: string): void {
    const run = this.runOf({ id, token });
    const head = run && this.#known.get(run.plan.label);
    if (!run || !head) {
      this.violate(`${hook} is told of ${id}, which has not run`);
      return;
    }
    run.told.push(hook);
    if (run.told.length > 1) this.violate(`${run.plan.label}: ${run.told.join(" and ")} are told of one run`);
    if (this.#isDisturbed() || head.token > token) return;
    const counts = (head.state === "delayed" || head.state === "ready") && head.attempt === attempt;
    const isSo = { done: head.state === "done", retry: counts, fail: head.state === "canceled" }[hook];
    if (!isSo && run.byHand !== "canceled" && run.byHand !== "released")
      this.violate(`${run.plan.label}: ${hook} is told of it, which is ${head.state} in attempt ${head.attempt}`);
  }

  /** Looks at every job after something was written. */
  async observe(): Promise<void> {
    const heads = await this.#jobs.find({ limit: EVERYTHING });
    const ids = new Set(heads.map(({ id }) => id));
    for (const id of this.acknowledged) if (!ids.has(id)) this.violate(`${id} is acknowledged, and nowhere`);
    this.#known = new Map(heads.flatMap((head) => (head.tags?.label ? [[head.tags.label, head] as const] : [])));
    for (const [label, head] of this.#known) this.#look(this.plans.get(label) as JobPlan, head);
    this.#checkLimits(heads);
  }

  #checkConcurrency({ worker, plan }: Run, what: string): void {
    const open = worker.runs.filter((run) => run.end === "open");
    const ofTopic = open.filter((run) => run.plan.topic === plan.topic);
    const { concurrency, topics } = worker.options;
    if (open.length > concurrency) this.violate(`${what}: ${open.length} run at once, of ${concurrency}`);
    const most = topics[plan.topic].concurrency;
    if (ofTopic.length > most) this.violate(`${what}: ${ofTopic.length} of ${plan.topic} run at once, of ${most}`);
    const { rate } = topics[plan.topic];
    if (rate && !worker.mayBegin(plan.topic, rate))
      this.violate(`${what}: more than ${rate.max} begin in ${rate.per} ms`);
  }

  #checkWaits({ waitsFor, need, onCanceled }: JobPlan, what: string): void {
    const blockers = waitsFor.map((label) => this.#known.get(label));
    const isEnd = (head: JobHead | undefined): boolean =>
      head !== undefined && (head.state === "done" || (head.state === "canceled" && onCanceled === "run"));
    const enough = need === "all" ? blockers.every(isEnd) : blockers.length === 0 || blockers.some(isEnd);
    if (!enough) this.violate(`${what}: begins before ${waitsFor.join(", ")}`);
  }

  #look(plan: JobPlan, head: JobHead): void {
    const { id, state, token, attempt, leaseLosses, reason } = head;
    const what = `${plan.label} (${state} ${reason ?? ""}, token ${token}, attempt ${attempt}, losses ${leaseLosses})`;
    if (what === this.#seen.get(id)) return;
    this.#seen.set(id, what);
    const failed = (this.#runsOf.get(id) ?? []).filter(
      (run) => isFailure(run) || (this.#isDisturbed() && run.end !== "open"),
    );
    if (attempt > failed.length + 1) this.violate(`${what}: ${failed.length} attempts failed`);
    if (leaseLosses > 0 && !this.#isDisturbed()) this.violate(`${what}: lost a lease, though nothing went wrong`);
    const end = isFinal(state) ? what : undefined;
    const before = this.#ends.get(id);
    if (before !== undefined && before !== end) this.violate(`${what}: was ${before}`);
    if (before !== undefined || end === undefined) return;
    this.#ends.set(id, end);
    if (!this.#mayEnd(plan, head)) this.violate(`${what}: nothing that happened ends it so`);
  }

  #mayEnd(plan: JobPlan, { id, state, token, attempt, leaseLosses, reason }: JobHead): boolean {
    const run = this.runOf({ id, token });
    if (state === "done") return run?.end === "returned" || run?.byHand === "done";
    if (reason === "exhausted") return attempt === plan.maxRetries + 1 && run !== undefined && run.end !== "open";
    if (reason === "rejected") return run?.end === "gave up" || run?.byHand === "canceled";
    if (reason === "poison") return this.#isDisturbed() && leaseLosses >= plan.maxLeaseLosses;
    if (reason === "canceled") return this.canceled.has(plan.label) || plan.isMember === true;
    return reason === "dependency" && plan.onCanceled === "cancel" && plan.waitsFor.length > 0;
  }

  /** No more jobs than it may be have slots of a limit, and none is reserved without one. */
  #checkLimits(heads: readonly JobHead[]): void {
    for (const [key, most] of Object.entries(LIMITS)) {
      const live = heads.filter(({ limit, state }) => limit?.key === key && !isFinal(state));
      const holders = live.filter(({ slot }) => slot !== undefined);
      if (holders.length > most) this.violate(`${holders.length} jobs are admitted to ${key}`);
      if (live.some(({ slot, state }) => state === "reserved" && slot === undefined))
        this.violate(`a job of ${key} is reserved without a slot`);
    }
  }
}

/** True for a run after which its attempt counts. */
export function isFailure({ end, byHand }: Run): boolean {
  return byHand === undefined && (end === "failed" || end === "timed out");
}
