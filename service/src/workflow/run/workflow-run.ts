import type { Change, JobHead, JobqError } from "@jobq/core";
import type { ModuleContext } from "../../module.ts";
import type { JobContext } from "../../worker/index.ts";
import type { StepKind } from "../record/checkpoint.ts";
import { CompletionOrder } from "../record/completion-order.ts";
import { driftError, type StepName } from "../record/drift.ts";
import type { Journal } from "../record/journal.ts";
import type { Rollback } from "../rollback/roll-back.ts";
import { PendingSignals } from "../signals.ts";
import { type CodeScope, NO_SCOPE } from "../strict/code-scope.ts";
import type { WorkflowSettings } from "../workflow-settings.ts";
import { type Branch, placeOf } from "./branch.ts";
import { CodePlaces, Mismatch, type Place } from "./code-places.ts";
import { RunLimits } from "./run-limits.ts";
import type { RunUnit, RunWriter } from "./run-writer.ts";
import { StepNesting } from "./step-nesting.ts";
import { StepRecords } from "./step-records.ts";
import { TurnActivity } from "./turn-activity.ts";
import { type TurnEnd, TurnEnding } from "./turn-end.ts";
import { awaited, earliest, type Waiting } from "./waiting.ts";

/** What a turn of a run is made with. */
export interface WorkflowRunOptions {
  readonly context: ModuleContext;
  readonly job: JobContext;
  readonly settings: WorkflowSettings;
  readonly journal: Journal;
  readonly writer: RunWriter;
  /** How often it has continued as new. */
  readonly era: number;
  /** Watches its code, where that is strict. */
  readonly watch?: { over(run: WorkflowRun): CodeScope } | undefined;
}

/**
 * One turn of a run: its code is run from the start, finished steps return what is recorded, new ones are done and
 * recorded. It ends when the code does, or when all of it waits: then the job is suspended, and the code simply never
 * hears from what it waits for. The next turn begins anew.
 */
export class WorkflowRun {
  readonly context: ModuleContext;
  readonly job: JobContext;
  readonly head: JobHead;
  readonly settings: WorkflowSettings;
  readonly journal: Journal;
  readonly writer: RunWriter;
  readonly era: number;
  readonly signals: PendingSignals;
  readonly places: CodePlaces;
  readonly records: StepRecords;
  /** Tells its code from all else. */
  readonly scope: CodeScope;
  /** What undoes what the code has done, in the order of the code. */
  readonly rollbacks: Rollback[] = [];
  readonly #order: CompletionOrder;
  readonly #activity: TurnActivity;
  readonly #ending: TurnEnding;
  readonly #nesting = new StepNesting();

  constructor({ context, job, settings, journal, writer, era, watch }: WorkflowRunOptions) {
    const { clock } = context;
    const order = new CompletionOrder(journal.lastOrder);
    this.context = context;
    this.job = job;
    this.head = job.head;
    this.settings = settings;
    this.journal = journal;
    this.writer = writer;
    this.era = era;
    this.scope = watch?.over(this) ?? NO_SCOPE;
    this.signals = new PendingSignals(context, job.id);
    this.places = new CodePlaces({
      journal,
      determinism: settings.determinism,
      now: () => clock.now(),
      differs: (...drift) => context.report(this.#drift(...drift), `replaying run ${job.id}`),
    });
    this.#order = order;
    const limits = new RunLimits(context, job, journal);
    this.records = new StepRecords({
      ...{ context, head: this.head, journal, writer, order },
      commit: (unit) => this.commit(unit),
      grown: () => {
        const excess = limits.check();
        if (excess) this.fail(excess);
      },
      tell: (tell) => {
        if (this.isOver) return;
        tell();
        this.#activity.moved();
      },
    });
    const rest = (): Promise<void> => this.#rest().catch((error) => this.fail(error));
    this.#activity = new TurnActivity({ clock, rest, isDrained: () => order.isDrained });
    this.#ending = new TurnEnding(() => this.#activity.over());
  }

  /**
   * Runs the code; resolves or rejects when this turn is over.
   * @param failed resolves with what the run fails with when its code did
   */
  run(code: () => Promise<unknown>, failed: (error: unknown) => Promise<unknown>): Promise<TurnEnd> {
    code().then(
      (result) => this.#finish(result),
      (error) => this.#failWith(failed(error)),
    );
    return this.#ending.ended;
  }

  /** Replays the code as far as it is recorded, then rolls it back. */
  replayFrozen(code: () => Promise<unknown>, rollBack: () => Promise<unknown>): Promise<TurnEnd> {
    this.places.phase = "frozen";
    code().catch(() => {}); // it has failed before
    this.#failWith(this.#activity.still().then(rollBack));
    return this.#ending.ended;
  }

  /** Lets the code come to a stop; from then on only the steps of the rollback are done. */
  async beginRollback(): Promise<void> {
    this.places.phase = "frozen";
    this.#activity.forgetWaits();
    await this.#activity.still(); // what is being done may have something to undo as well
    this.places.phase = "rollback";
  }

  /** Ends the turn: the job has been let go of. */
  rests(): void {
    this.#ending.end({ type: "rests" });
  }

  /** Ends the turn for good with an error. */
  fail(error: unknown): void {
    this.#ending.fail(error);
  }

  /** True while the code has not come to the end of what is recorded. */
  get isReplaying(): boolean {
    return this.#order.isReplaying(this.journal.lastOrder);
  }

  /** True when its code does nothing new any more. */
  get isStopped(): boolean {
    return this.isOver || this.places.phase !== "code";
  }

  get isOver(): boolean {
    return this.#ending.isOver;
  }

  /** The step that the code came to last, undefined before the first. */
  get place(): string | undefined {
    const key = [...this.places.reached].at(-1);
    return key && placeOf(key);
  }

  /** Begins a step of the code; undefined when the run is over, or has drifted and is parked. */
  enter(branch: Branch, kind: StepKind, name: string): Place | undefined {
    const step = { kind, name };
    this.#nesting.check(step);
    if (this.isOver) return undefined;
    this.#activity.moved();
    const place = this.places.enter(branch, step);
    if (!(place instanceof Mismatch)) return place;
    this.park(place.key, place.recorded, step);
    return undefined;
  }

  /** Parks the run: its code does not do what is recorded. */
  park(key: string, recorded: StepName, reached: StepName | undefined): void {
    this.fail(this.#drift(key, recorded, reached));
  }

  /** Does a step of the code; the turn does not end meanwhile, unless the run is lost. */
  live<T>(work: () => Promise<T>): Promise<T> {
    return this.#activity.during(async () => {
      try {
        return await work();
      } catch (error) {
        if (this.isOver) return await never();
        throw error;
      }
    });
  }

  /** Calls the function of a step, in which no other may begin before it first waits. */
  call<T>(step: StepName, work: () => T): T {
    return this.#nesting.within(step, work);
  }

  /** Waits, within a step: for an instant, or for whatever wakes the run. The turn ends if nothing else is done. */
  wait(waiting: Omit<Waiting, "proceed">): Promise<void> {
    return this.#activity.wait(waiting);
  }

  /** Something that is waited for may be there: those who wait for it look again. */
  wake(): void {
    if (this.isOver || !this.#activity.isActive) return; // one that lets go now is woken by the store
    for (const one of [...this.#activity.waits]) if (one.awaits !== undefined) one.proceed();
  }

  /** Stores a unit of the run; the turn is over when that is refused, and the code does not hear of it. */
  async commit(unit: RunUnit): Promise<void> {
    if (this.isOver) return never();
    await this.writer.commit(unit).catch((error) => this.fail(error));
    if (this.isOver) await never();
  }

  #failWith(error: Promise<unknown>): void {
    const fail = (why: unknown): void => this.fail(why);
    error.then(fail, fail);
  }

  async #finish(result: unknown): Promise<void> {
    if (this.isStopped) return;
    await this.#activity.idle();
    if (this.writer.hasLater) await this.commit({});
    if (this.isOver) return;
    const { journal, settings, places } = this;
    const [unreached] = settings.determinism === "strict" ? journal.unreached(places.reached) : [];
    if (unreached) return this.park(unreached[0], unreached[1], undefined);
    this.#ending.end({ type: "done", result });
  }

  /** Lets go of the job until the first of what is waited for comes. */
  async #rest(): Promise<void> {
    const now = await this.writer.now();
    if (this.#activity.proceedDue(now) || this.#activity.isActive || this.isOver) return;
    const { id, token } = this.job.job;
    const at = earliest(this.#activity.waits);
    // Whatever it waits for, a wake is heard: a run that sleeps can be asked to roll back.
    const awaits = awaited(this.#activity.waits) ?? "";
    // The instant is the one by which nothing is due: at a later one the end of a sleep could pass unseen.
    const change: Change = { type: "suspend", id, token, awaits, ...(at !== undefined && { at }) };
    await this.writer.commit({ now, change });
    this.rests();
  }

  #drift(key: string, recorded: StepName, reached: StepName | undefined): JobqError {
    const { id, name: workflow } = this.job;
    return driftError({ id, workflow, place: placeOf(key), recorded, reached });
  }
}

/** A promise of its own for each, so that what waits for it can be forgotten. */
export function never(): Promise<never> {
  return new Promise<never>(() => {});
}
