import { type Change, type JobHead, type JobId, JobqError, type Note, type Timestamp } from "@jobq/core";
import type { ModuleContext, WritesWithin } from "../../module.ts";
import type { JobContext } from "../../worker/index.ts";
import { type Checkpoint, isFinished, type Recorded, type StepKind } from "../record/checkpoint.ts";
import { CompletionOrder, turns } from "../record/completion-order.ts";
import { driftError, isOf, type StepName } from "../record/drift.ts";
import type { Journal } from "../record/journal.ts";
import { recordedError, restoredError } from "../record/restored-error.ts";
import type { Rollback } from "../rollback/roll-back.ts";
import { PendingSignals } from "../signals.ts";
import type { WorkflowSettings } from "../workflow-settings.ts";
import { Branch, besideKey, placeOf, ROLLBACK_PATH } from "./branch.ts";
import { RunLimits } from "./run-limits.ts";
import type { RunUnit, RunWriter } from "./run-writer.ts";
import { awaited, earliest, type Waiting } from "./waiting.ts";

/** Where the code of a run is: at a step that was recorded, or at a new one. */
export interface Place {
  readonly key: string;
  readonly branch: Branch;
  readonly step: StepName;
  readonly recorded: Recorded | undefined;
  /** When it began, if it is not recorded: of the first step, when the run did. */
  readonly begunAt: Timestamp;
}

/** How a turn of a run ended: for good, or until something comes. */
export type TurnEnd = { readonly type: "done"; readonly result: unknown } | { readonly type: "rests" };

/** What a turn of a run is made with. */
export interface WorkflowRunOptions {
  readonly context: ModuleContext;
  readonly job: JobContext;
  readonly settings: WorkflowSettings;
  readonly journal: Journal;
  readonly writer: RunWriter;
  /** How often it has continued as new. */
  readonly era: number;
}

/** How a step came out. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

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
  readonly root: Branch;
  /** The keys of the steps that the code has come to. */
  readonly reached = new Set<string>();
  readonly signals: PendingSignals;
  readonly #order: CompletionOrder;
  readonly #limits: RunLimits;
  readonly #waits = new Set<Waiting>();
  readonly #ended: Promise<TurnEnd>;
  #end: (end: TurnEnd) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #isOver = false;
  /** Steps that are being done. */
  #active = 0;
  /** Grows with whatever the code does. */
  #moves = 0;
  #isCalming = false;
  #idle: (() => void)[] = [];
  #unsetAlarm: (() => void) | undefined;
  /** Set while the function of a step is called, until it first waits. */
  #within: StepName | undefined;
  /** What undoes what the code has done, in the order of the code. */
  readonly rollbacks: Rollback[] = [];
  /** `frozen`: the code is replayed, but does nothing new; `rollback`: it does nothing any more. */
  #phase: "code" | "frozen" | "rollback" = "code";

  constructor({ context, job, settings, journal, writer, era }: WorkflowRunOptions) {
    this.context = context;
    this.job = job;
    this.head = job.head;
    this.settings = settings;
    this.journal = journal;
    this.writer = writer;
    this.era = era;
    this.signals = new PendingSignals(context, job.id);
    this.#order = new CompletionOrder(journal.lastOrder);
    this.#limits = new RunLimits(context, job, journal);
    const first = journal.steps()[0]?.[1];
    this.root = new Branch("", first?.startedAt ?? context.clock.now());
    this.#ended = new Promise((resolve, reject) => {
      this.#end = resolve;
      this.#fail = reject;
    });
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
    return this.#ended;
  }

  /** Replays the code as far as it is recorded, then rolls it back. */
  replayFrozen(code: () => Promise<unknown>, rollBack: () => Promise<unknown>): Promise<TurnEnd> {
    this.#phase = "frozen";
    code().catch(() => {}); // it has failed before
    this.#failWith(this.#still().then(rollBack));
    return this.#ended;
  }

  /** From now on only the steps of the rollback are done. */
  beginRollback(): void {
    this.#phase = "rollback";
    this.#waits.clear();
  }

  /** Ends the turn: the job has been let go of. */
  rests(): void {
    if (this.#isOver) return;
    this.#over();
    this.#end({ type: "rests" });
  }

  /** True while the code has not come to the end of what is recorded. */
  get isReplaying(): boolean {
    return this.#order.isReplaying(this.journal.lastOrder);
  }

  /** True when its code does nothing new any more. */
  get isStopped(): boolean {
    return this.#isOver || this.#phase !== "code";
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Begins a step of the code; undefined when the run is over, or has drifted and is parked. */
  enter(branch: Branch, kind: StepKind, name: string): Place | undefined {
    if (this.#within) throw nested(this.#within, { kind, name });
    if (this.#isOver) return undefined;
    this.#moves++;
    const step = { kind, name };
    const { key, recorded } = this.#find(branch, step);
    this.reached.add(key);
    if (this.#isStopped(branch, recorded)) return undefined;
    const begunAt = recorded?.startedAt ?? (this.reached.size === 1 ? this.root.now : this.context.clock.now());
    if (!recorded || isOf(recorded, step)) return { key, branch, step, recorded, begunAt };
    // What has not finished leads nowhere yet, unless its children are out: it may be changed.
    if (!isFirm(recorded)) return { key, branch, step, recorded: undefined, begunAt };
    this.park(key, recorded, step);
    return undefined;
  }

  /** Parks the run: its code does not do what is recorded. */
  park(key: string, recorded: StepName, reached: StepName | undefined): void {
    const { id, name: workflow } = this.job;
    this.fail(driftError({ id, workflow, place: placeOf(key), recorded, reached }));
  }

  /** The outcome of a step that is recorded, when it is its turn. */
  replay({ branch, recorded }: Place): Promise<unknown> {
    const { order = 0, at, value, error } = recorded as Recorded;
    return this.#told(order, branch, at, error ? { error: restoredError(error, true) } : { value });
  }

  /** Does a step of the code; the turn does not end meanwhile, unless the run is lost. */
  async live<T>(work: () => Promise<T>): Promise<T> {
    this.#active++;
    this.#moves++;
    try {
      return await work();
    } catch (error) {
      if (this.#isOver) return await never();
      throw error;
    } finally {
      this.#active--;
      this.#calm();
    }
  }

  /** Calls the function of a step, in which no other may begin before it first waits. */
  call<T>(step: StepName, work: () => T): T {
    this.#within = step;
    try {
      return work();
    } finally {
      this.#within = undefined;
    }
  }

  /** Records how a step came out, then tells the code. A failure that is not final is recorded with the next step. */
  async finish(place: Place, outcome: Outcome, more: FinishOptions = {}): Promise<unknown> {
    const { branch } = place;
    const { unit = {}, commit = (whole) => this.writer.commit(whole), isFinal = true, ...fields } = more;
    const now = this.context.clock.now();
    const failure = "error" in outcome ? recordedError(outcome.error) : undefined;
    const order = this.#order.next;
    let note: Note;
    try {
      note = this.#note(place, now, { order, ...fields, ...failed(failure), ...value(outcome) });
    } catch (error) {
      if (failure) throw error;
      return this.finish(place, { error }, more); // what has no encoding never will have
    }
    this.#order.take();
    if (isFinal) await this.#commit(() => commit({ ...unit, note: [...(unit.note ?? []), note] }));
    else this.writer.later(note);
    if (failure) return this.#told(order, branch, now, { error: restoredError(failure, isFinal) });
    return this.#told(order, branch, now, {
      value: this.journal.asRecorded(note, (outcome as { value: unknown }).value),
    });
  }

  /** Records what a step waits for, or how its latest try failed: at once, or with the next unit. */
  note(place: Place, fields: StepFields): Note {
    return this.#note(place, this.context.clock.now(), fields);
  }

  /** Stores a unit of the run; the turn is over when that is refused, and the code does not hear of it. */
  commit(unit: RunUnit): Promise<void> {
    return this.#commit(() => this.writer.commit(unit));
  }

  /** Waits, within a step: for an instant, or for whatever wakes the run. The turn ends if nothing else is done. */
  async wait(waiting: Omit<Waiting, "proceed">): Promise<void> {
    this.#active--;
    await new Promise<void>((resolve) => {
      const one: Waiting = {
        ...waiting,
        proceed: () => {
          this.#waits.delete(one);
          this.#active++;
          this.#moves++;
          resolve();
        },
      };
      this.#waits.add(one);
      this.#calm();
    });
  }

  /** Something that is waited for may be there: whoever waits for that looks again. */
  wake(): void {
    if (this.#isOver || this.#active === 0) return; // one that lets go now is woken by the store
    for (const one of [...this.#waits]) if (one.awaits !== undefined) one.proceed();
  }

  /**
   * Records a result as part of a transaction of the user's; what is returned tells the code once that is committed.
   * @throws {JobqError} LEASE_LOST, PAYLOAD_INVALID, PAYLOAD_TOO_LARGE: the transaction is to be rolled back
   */
  async finishWithin(place: Place, result: unknown, transaction: WritesWithin): Promise<() => Promise<unknown>> {
    const now = this.context.clock.now();
    const order = this.#order.next;
    const note = this.#note(place, now, { order, ...value({ value: result }) });
    this.#order.take();
    await this.writer.commitWithin(transaction, { note: [note] });
    return () => this.#told(order, place.branch, now, { value: this.journal.asRecorded(note, result) });
  }

  /** Makes changes of other jobs, each in a unit of its own; one that is refused, since the job has moved, is passed over. */
  async commitEach(changes: readonly Change[]): Promise<void> {
    const units = changes.map((change) => this.writer.commit({ apply: [change] }));
    for (const done of await Promise.allSettled(units)) {
      if (done.status === "rejected" && !isOfAnother(done.reason, this.job.id)) this.fail(done.reason);
    }
    if (this.#isOver) await never();
  }

  /** Ends the turn for good with an error. */
  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#over();
    this.#fail(error);
  }

  #failWith(error: Promise<unknown>): void {
    error.then(
      (why) => this.fail(why),
      (why) => this.fail(why),
    );
  }

  /** Where a step of the code is recorded, or will be. */
  #find(branch: Branch, step: StepName): { readonly key: string; readonly recorded: Recorded | undefined } {
    const count = branch.count(step.kind, step.name);
    const key = branch.enter();
    const recorded = this.journal.find(key);
    if (this.settings.determinism !== "bestEffort" || (recorded && isOf(recorded, step))) return { key, recorded };
    const found = this.journal.nth(branch.path, step, count);
    if (recorded && isFirm(recorded)) this.#reportDrift(key, recorded, step);
    if (found && !this.reached.has(found[0])) return { key: found[0], recorded: found[1] };
    // What is recorded here stays, since the code may come to it elsewhere.
    return recorded && isFirm(recorded) ? { key: besideKey(key, step), recorded: undefined } : { key, recorded };
  }

  #reportDrift(key: string, recorded: StepName, reached: StepName): void {
    const { id, name: workflow } = this.job;
    this.context.report(driftError({ id, workflow, place: placeOf(key), recorded, reached }), `replaying run ${id}`);
  }

  /** True for what is not to be done any more, or is not to be done anew. */
  #isStopped(branch: Branch, recorded: Recorded | undefined): boolean {
    if (this.#phase === "code" || branch.path === ROLLBACK_PATH) return false;
    return this.#phase === "rollback" || !recorded || !(isFinished(recorded) || recorded.kind === "parallel");
  }

  /** Resolves when the code has come as far as it comes by itself. */
  async #still(): Promise<void> {
    for (let moves = -1; moves !== this.#moves || !this.#order.isDrained; ) {
      moves = this.#moves;
      await turns();
    }
  }

  async #finish(result: unknown): Promise<void> {
    if (this.#phase !== "code") return;
    while (this.#active > 0 && !this.#isOver) await new Promise<void>((resolve) => void this.#idle.push(resolve));
    if (this.#isOver) return;
    if (this.writer.hasLater) await this.#commit(() => this.writer.commit({}));
    const [unreached] = this.settings.determinism === "strict" ? this.journal.unreached(this.reached) : [];
    if (unreached) return this.park(unreached[0], unreached[1], undefined);
    this.#over();
    this.#end({ type: "done", result });
  }

  #note(place: Place, at: Timestamp, fields: StepFields): Note {
    const { key, step, begunAt: startedAt } = place;
    const reset = this.head.resetCount || undefined;
    const note = this.journal.note(this.job.id, key, { ...step, startedAt, ...fields, reset }, at);
    const excess = this.#limits.check();
    if (excess) this.fail(excess);
    return note;
  }

  async #commit(commit: () => Promise<void>): Promise<void> {
    if (this.#isOver) return never();
    try {
      await commit();
    } catch (error) {
      this.fail(error);
    }
    if (this.#isOver) await never();
  }

  #told(order: number, branch: Branch, at: Timestamp, outcome: Outcome): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#order.offer(order, () => {
        if (this.#isOver) return;
        this.#moves++;
        branch.now = Math.max(branch.now, at);
        if ("error" in outcome) reject(outcome.error);
        else resolve(outcome.value);
        if (this.#waits.size > 0) this.#calm();
      });
    });
  }

  /** Ends the turn when the code has come to a stop everywhere. */
  #calm(): void {
    if (this.#active === 0) for (const resolve of this.#idle.splice(0)) resolve();
    if (this.#isCalming || this.#isOver || this.#waits.size === 0) return;
    this.#isCalming = true;
    void this.#whenCalm();
  }

  async #whenCalm(): Promise<void> {
    while (!this.#isOver) {
      for (let moves = -1; moves !== this.#moves; ) {
        moves = this.#moves;
        await turns();
      }
      if (this.#waits.size === 0 || !this.#order.isDrained) break;
      if (this.#active > 0) {
        this.#arm();
        break;
      }
      await this.#rest().catch((error) => this.fail(error));
    }
    this.#isCalming = false;
  }

  /** Lets go of the job until the first of what is waited for comes. */
  async #rest(): Promise<void> {
    const now = await this.writer.now();
    if (this.#proceedDue(now) || this.#active > 0 || this.#isOver) return;
    const { id, token } = this.job.job;
    const at = earliest(this.#waits);
    // Whatever it waits for, a wake is heard: a run that sleeps can be asked to roll back.
    const awaits = awaited(this.#waits) ?? "";
    // The instant is the one by which nothing is due: at a later one the end of a sleep could pass unseen.
    const change: Change = { type: "suspend", id, token, awaits, ...(at !== undefined && { at }) };
    await this.writer.commit({ now, change });
    this.rests();
  }

  #proceedDue(now: Timestamp): boolean {
    const due = [...this.#waits].filter(({ until = Infinity }) => until <= now);
    for (const one of due) one.proceed();
    return due.length > 0;
  }

  /** While something is done elsewhere in the code, what waits for an instant goes on in this very turn. */
  #arm(): void {
    const at = earliest(this.#waits);
    this.#unsetAlarm?.();
    this.#unsetAlarm =
      at === undefined
        ? undefined
        : this.context.clock.alarm(at, () => {
            if (!this.#isOver) this.#proceedDue(this.context.clock.now());
          });
  }

  #over(): void {
    this.#isOver = true;
    this.#unsetAlarm?.();
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** What is recorded of a step beside what it is and when it began. */
export type StepFields = Omit<Checkpoint, "kind" | "name" | "startedAt">;

/** What else is stored when a step has finished. */
export interface FinishOptions extends Pick<Checkpoint, "tries" | "until" | "group" | "children" | "stored" | "pages"> {
  readonly unit?: RunUnit | undefined;
  /** How it is stored, where that is not by the writer. */
  readonly commit?: ((unit: RunUnit) => Promise<void>) | undefined;
  /** False for a failure that the next attempt at the run may undo. */
  readonly isFinal?: boolean | undefined;
}

/** A promise of its own for each, so that what waits for it can be forgotten. */
export function never(): Promise<never> {
  return new Promise<never>(() => {});
}

/** True for a step that something has come of: an outcome, children, branches with steps of their own. */
function isFirm(recorded: Recorded): boolean {
  return isFinished(recorded) || recorded.group !== undefined || recorded.kind === "parallel";
}

/** True for the refusal of a change of another job. */
function isOfAnother(error: unknown, run: JobId): boolean {
  return error instanceof JobqError && error.details.id !== undefined && error.details.id !== run;
}

function failed(error: Checkpoint["error"]): Pick<Checkpoint, "error"> {
  return error ? { error } : {};
}

function value(outcome: Outcome): Pick<Checkpoint, "value"> {
  return "value" in outcome ? { value: outcome.value } : {};
}

function nested(outer: StepName, inner: StepName): JobqError {
  return new JobqError(
    "INVALID_STATE",
    `${inner.kind} "${inner.name}" was begun inside ${outer.kind} "${outer.name}": a step is one piece, which is recorded ` +
      "whole. Begin it in the workflow itself",
  );
}
