import { JobqError, ManualClock } from "@jobq/core";
import type { EnqueueOptions, JobService, ReservedJob } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { Gate } from "../../../conformance/src/simulator/gate.ts";
import type { Stores } from "../../../conformance/src/simulator/gated-stores.ts";
import { type Process, startProcess } from "../../../conformance/src/simulator/process.ts";
import { mixed, Random } from "../../../conformance/src/simulator/random.ts";
import type { Site } from "../../../conformance/src/simulator/site.ts";
import { Switchboard } from "../../../conformance/src/simulator/switchboard.ts";
import { Auditor } from "./auditor.ts";
import { type JobPlan, LIMITS, Planner } from "./job-plan.ts";
import { type PlayedOptions, PlayedWorker } from "./played-worker.ts";

/** A service over the stores, and the worker that it has now. */
export interface PlayedProcess extends Process {
  readonly place: number;
  worker?: PlayedWorker | undefined;
  isClosing?: boolean;
  isClosed?: boolean;
}

/** Changes what a worker is given to run: how a broken service is played. */
export type Tamper = (job: ReservedJob) => ReservedJob[];

const TICK_MS = 1_000;

/** Processes with workers over the stores of a site, the time they live in, and who watches them. */
export class World {
  readonly clock = new ManualClock();
  readonly auditor: Auditor;
  readonly switchboard: Switchboard;
  readonly planner: Planner;
  readonly trace: string[] = [];
  /** From now on every handler returns. */
  isCalm = false;
  /** What was asked for and not answered yet, by living processes. */
  readonly open = new Map<string, PlayedProcess>();
  readonly #seed: number;
  readonly #site: Site;
  readonly #tamper: Tamper | undefined;
  readonly #places = new Map<number, PlayedProcess>();
  #started = 0;
  #asked = 0;
  #deaths = 0;
  #slept = false;

  /** @param stores for the auditor alone */
  constructor(seed: number, site: Site, stores: Stores, random: Random, tamper: Tamper | undefined) {
    this.#seed = seed;
    this.#site = site;
    this.#tamper = tamper;
    this.planner = new Planner(random);
    this.auditor = new Auditor(stores.jobs, () => this.isDisturbed);
    this.switchboard = new Switchboard({
      written: () => this.auditor.observe(),
      died: (gate) => this.#died(gate),
      traced: (line) => this.trace.push(line),
    });
  }

  get deaths(): number {
    return this.#deaths;
  }

  /** A store has failed, a process died, or all slept: leases may have ended, and what was asked for gone wrong. */
  get isDisturbed(): boolean {
    return this.#slept || this.troubles > 0;
  }

  get troubles(): number {
    return this.switchboard.faults + this.#deaths;
  }

  get processes(): readonly PlayedProcess[] {
    return [...this.#places.values()];
  }

  /** The process in that place; one is started when there is none. */
  async process(place: number): Promise<PlayedProcess> {
    const found = this.#places.get(place);
    if (found) return found;
    const gate = new Gate(`p${place}.${++this.#started}`, this.switchboard);
    const random = new Random(mixed(this.#seed, this.#started));
    const shared = (this.#site.processes ?? 1) > 1;
    const process: PlayedProcess = {
      ...startProcess(await this.#site.connect(), gate, this.clock, random, shared),
      place,
    };
    process.service.on("error", ({ doing, error }) => this.#reported(process, doing, error));
    this.#watch(process);
    this.#places.set(place, process);
    return process;
  }

  /** Has a process make a worker that it does not have yet. */
  addWorker(process: PlayedProcess, options: PlayedOptions): PlayedWorker {
    const name = `w${++this.#started} of ${process.gate.name}`;
    process.worker = new PlayedWorker(this, process, name, options);
    return process.worker;
  }

  /** Makes a call and watches over its answer, whichever it is. */
  ask(process: PlayedProcess, what: string, call: () => Promise<unknown>, answered = () => {}): void {
    const { gate } = process;
    const asked = `${gate.name} ${what} (${++this.#asked})`;
    this.trace.push(asked);
    this.open.set(asked, process);
    const failed = (error: unknown): void => {
      if (!gate.dead && !this.#mayFail(process, error)) this.auditor.violate(`${asked}: ${error}`);
    };
    void call()
      .catch(failed)
      .then(() => {
        if (gate.dead) return;
        this.open.delete(asked);
        answered();
      });
  }

  /** Enqueues a job by way of `enqueue`; rejects as that does. */
  async enqueue(process: PlayedProcess, plan: JobPlan, enqueue: JobService["enqueue"]): Promise<void> {
    const { auditor } = this;
    auditor.plans.set(plan.label, plan);
    const id = await enqueue(plan.topic, plan, this.#optionsOf(plan));
    if (!process.gate.dead) auditor.acknowledged.add(id);
  }

  /** Enqueues jobs as a bundle, with one that runs at its end. */
  async enqueueBundle(
    process: PlayedProcess,
    end: JobPlan,
    members: readonly JobPlan[],
    cancels: boolean,
  ): Promise<void> {
    const { auditor } = this;
    for (const plan of [end, ...members]) auditor.plans.set(plan.label, plan);
    const requests = members.map((plan) => ({ topic: plan.topic, payload: plan, options: this.#optionsOf(plan) }));
    const { tags, delay: _, after: __, ...options } = this.#optionsOf(end);
    const onEnd = { topic: end.topic, payload: end, options };
    const onMemberCanceled = cancels ? "cancel" : "continue";
    const bundles = createBundles(process.service);
    const { id, jobs } = await bundles.enqueue("bundle", requests, { onEnd, onMemberCanceled, tags });
    if (!process.gate.dead) for (const one of [id, ...jobs.map((job) => job.id)]) auditor.acknowledged.add(one);
  }

  /** Lets so much time pass, and what it brings happen. */
  async pass(ms: number, random: Random): Promise<void> {
    for (let passed = 0; passed < ms && this.auditor.violation === undefined; passed += TICK_MS) {
      await this.switchboard.run(Number.POSITIVE_INFINITY, random);
      this.clock.advance(TICK_MS);
      await this.switchboard.run(Number.POSITIVE_INFINITY, random);
    }
  }

  /** Time passes, and nobody comes to do anything meanwhile. */
  sleep(ms: number): void {
    this.#slept = true;
    this.clock.advance(ms);
  }

  /** The process is gone, and with it everything it was asked for. */
  vacate(process: PlayedProcess): void {
    process.gate.die();
    this.#places.delete(process.place);
    for (const [asked, by] of this.open) if (by.gate === process.gate) this.open.delete(asked);
  }

  #died(gate: Gate): void {
    this.#deaths++;
    for (const process of this.processes) if (process.gate === gate) this.vacate(process);
  }

  /** Has known what the workers of a process are given to run. */
  #watch(process: PlayedProcess): void {
    const { service } = process;
    const reserve = service.reserve.bind(service);
    const watched: JobService["reserve"] = async (...given) => {
      const jobs = (await reserve(...given)).flatMap((job) => this.#tamper?.(job) ?? [job]);
      process.worker?.handed.push(...jobs);
      return jobs as never;
    };
    Object.assign(service, { reserve: watched });
  }

  /** True for a refusal that makes sense, and for what goes wrong where something has. */
  #mayFail({ isClosing }: PlayedProcess, error: unknown): boolean {
    const { code } = error as Partial<JobqError>;
    if (code === "INVALID_STATE" || code === "JOB_NOT_FOUND" || (code === "CLOSED" && isClosing)) return true;
    return error instanceof JobqError && this.troubles > 0;
  }

  #reported({ gate }: PlayedProcess, doing: string, error: unknown): void {
    if (gate.dead) return;
    const { code, message } = error as JobqError;
    this.trace.push(`${gate.name} reports: ${doing}: ${message}`);
    const isKnown = code === "JOB_NOT_FOUND" || message.endsWith("once it is done");
    if (!isKnown && this.troubles === 0) this.auditor.violate(`${gate.name}: ${doing}: ${error}`);
  }

  #optionsOf(plan: JobPlan): EnqueueOptions {
    const { label, name, weight, delayMs, maxRetries, maxLeaseLosses, limit, waitsFor, need, onCanceled } = plan;
    const on = waitsFor.flatMap((blocker) => this.auditor.known.get(blocker)?.id ?? []);
    return {
      ...{ name, weight, delay: delayMs, maxRetries, maxLeaseLosses, timeout: "20s", tags: { label } },
      ...(limit && { limit: { key: limit, concurrency: LIMITS[limit] } }),
      ...(on.length > 0 && { after: { jobs: on, need, onCanceled } }),
    };
  }
}
