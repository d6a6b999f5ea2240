import {
  type Job,
  type JobId,
  JobqError,
  type Note,
  type Timestamp,
  type Unit,
  type UnitOutcome,
  type UnitStored,
} from "@jobq/core";
import type { Engine } from "../engine.ts";
import { namedError, requestName } from "../input/named-error.ts";
import type { EnqueueReceipt } from "../service-options.ts";
import { headWithin, holderWithin } from "../store/head-within.ts";
import { refusalError, requireStored } from "../store/refusal-error.ts";
import type { WritesWithin } from "../store/writes.ts";
import { timeWithin } from "../time/time-within.ts";
import type { InsertPlan, JobPlan } from "./job-plan.ts";
import type { LinkedInsert } from "./linked-insert.ts";
import { loadAhead, loadLinkedInsert, loadUniqueConflict } from "./loaded-later.ts";
import type { EnqueueCall, StoreCalls } from "./wrapped-enqueuer.ts";

/** How often a job is tried again whose unique key changes hands each time. */
const MAX_TRIES = 20;

/** Stores new jobs: at once where nothing has to be looked at, else with their links and by the rule of their key. */
export class Enqueuer {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
    loadAhead();
  }

  /** Resolves with the id of the job, or of the one that stands for it. */
  enqueue(call: EnqueueCall): Promise<JobId> {
    const within = call.options?.within;
    if (within !== undefined) return this.#enqueueOne(call, within);
    try {
      const syncing = this.#engine.syncClock();
      return syncing ? syncing.then(() => this.#enqueueNow(call)) : this.#enqueueNow(call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Stores jobs, all or none. */
  async enqueueMany(calls: readonly EnqueueCall[], transaction: object | undefined): Promise<EnqueueReceipt[]> {
    const { factory } = this.#engine;
    return this.insert((now) => ({ plans: factory.planMany(calls, now), nameOf: requestName }), transaction);
  }

  /** Has `store` store the calls as they come out of the middleware, of which there is none here. */
  throughMiddleware(calls: readonly EnqueueCall[], store: StoreCalls): Promise<readonly JobId[]> {
    return store(calls);
  }

  /** Stores what `make` plans, all or none; the guards of the plan refuse it. */
  async insert(make: (now: Timestamp) => InsertPlan, transaction: object | undefined): Promise<EnqueueReceipt[]> {
    const engine = this.#engine;
    engine.assertOpen();
    const within = transaction === undefined ? undefined : engine.writes.within(transaction);
    const now = await (within ? timeWithin(engine.clock, within, engine.report) : engine.sync());
    const plan = make(now);
    const { inserted } = await this.#store(plan, now, within);
    return plan.plans.map(({ job }, index) => {
      const id = inserted[index] as JobId;
      return { id, duplicate: id !== job.id };
    });
  }

  #enqueueNow(call: EnqueueCall): Promise<JobId> {
    const { factory, writes } = this.#engine;
    const plan = factory.plan(call, this.#engine.now());
    const isPlain = plan.waits === undefined && plan.unique === undefined;
    return isPlain ? writes.insert(plan.job) : this.#enqueueOne(call, undefined, plan);
  }

  /** @param planned what the call comes to, if that is known */
  async #enqueueOne(call: EnqueueCall, transaction: object | undefined, planned?: JobPlan): Promise<JobId> {
    for (let tries = 1; ; tries++) {
      let plan: JobPlan | undefined;
      const [receipt] = await this.insert((now) => {
        plan = planned ?? this.#engine.factory.plan(call, now);
        return { plans: [plan] };
      }, transaction);
      const { id, duplicate } = receipt as EnqueueReceipt;
      const wayIsFree = duplicate && plan?.unique && (await this.#makeWay(id, plan.job, plan, transaction));
      if (!wayIsFree) return id;
      if (tries === MAX_TRIES)
        throw new JobqError("DUPLICATE_JOB", `the unique key of job ${plan?.job.id} is taken again and again`);
    }
  }

  /** True when the holder has let go, or is gone, and the job can be tried again. */
  async #makeWay(holderId: JobId, job: Job, { unique }: JobPlan, transaction: object | undefined): Promise<boolean> {
    if (!unique || (unique.onConflict === "return" && unique.forMs === Infinity)) return false;
    const { store, writes } = this.#engine;
    const within = transaction === undefined ? undefined : writes.within(transaction);
    const [holder] = within
      ? [await headWithin(within, holderId, this.#engine.now())]
      : await store.jobs.get([holderId]);
    const { makeWay } = await loadUniqueConflict();
    const unit = holder && makeWay(holder, job, unique, this.#engine.now());
    if (holder && !unit) return false;
    // Refused when the holder has moved meanwhile: then it is looked at again.
    if (unit) await this.#commit(unit, within);
    return true;
  }

  #store(plan: InsertPlan, now: Timestamp, within: WritesWithin | undefined): Promise<UnitStored> {
    const { plans, guards = [] } = plan;
    if (plans.some(({ waits }) => waits)) return this.#storeLinked(plan, now, within);
    const unit = { now, insert: plans.map(({ job }) => job), apply: guards, note: notesOf(plan) };
    return this.#commit(unit, within).then(requireStored);
  }

  /** A job that ended, or was left out, since it was looked at has the unit refused: it is worked out anew. */
  async #storeLinked(plan: InsertPlan, now: Timestamp, within: WritesWithin | undefined): Promise<UnitStored> {
    const { jobs } = this.#engine.store;
    const { plans, guards = [], nameOf } = plan;
    const insert = new (await loadLinkedInsert()).LinkedInsert(plans, nameOf);
    if (!within) for (const job of await jobs.get(insert.strangers)) if (job) insert.learn(job);
    for (;;) {
      const unit = insert.unit(now);
      const { apply, note } = unit;
      const whole = { ...unit, apply: [...apply, ...guards], note: [...note, ...notesOf(plan)] };
      const outcome = await this.#commit(whole, within);
      if (outcome.ok) return outcome;
      const { code, id, job } = outcome;
      if (guards.some((guard) => guard.id === id)) throw refusalError(outcome, "check");
      if (code === "INVALID_STATE" && job) insert.learn(job);
      else if (code !== "JOB_NOT_FOUND" || !(await this.#findStandIn(insert, id, now, within))) {
        const place = plans.findIndex(({ waits }) => waits?.on.includes(id));
        throw namedError((place >= 0 && nameOf?.(place)) || "", refusalError(outcome, "link"));
      }
    }
  }

  /** Finds who holds the key of a job of this call, which was left out for it. */
  async #findStandIn(
    insert: LinkedInsert,
    id: JobId,
    now: Timestamp,
    within: WritesWithin | undefined,
  ): Promise<boolean> {
    const own = insert.own(id);
    if (own?.unique === undefined) return false;
    const holder = within
      ? await holderWithin(within, own, now)
      : (await this.#engine.store.jobs.find({ unique: own.unique, limit: 1 }))[0];
    if (!holder) return true; // gone meanwhile: the key is free
    insert.replace(id, holder.id);
    insert.learn(holder);
    return true;
  }

  #commit(unit: Unit, within: WritesWithin | undefined): Promise<UnitOutcome> {
    return (within ?? this.#engine.writes).commit(unit);
  }
}

function notesOf({ plans }: InsertPlan): Note[] {
  return plans.flatMap(({ note }) => note ?? []);
}
