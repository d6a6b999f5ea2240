import {
  checkOptions,
  type Duration,
  durationMs,
  isFinal,
  type JobId,
  JobqError,
  outOfRange,
  received,
} from "@jobq/core";
import { checkName, type JobService, type ModuleContext, refusalError } from "../module.ts";
import { Handlers } from "./loop/handlers.ts";
import type { RunOccurrence } from "./loop/occurrence-context.ts";
import type { PullLoop } from "./loop/pull-loop.ts";
import { scheduleLoop } from "./loop/schedule-loop.ts";
import { jobOf } from "./occurrence/occurrence.ts";
import { defineSchedule } from "./schedule/define-schedule.ts";
import { type Schedule, scheduleOf } from "./schedule/schedule.ts";
import { definitionEdit, pauseEdit, resumeEdit } from "./schedule/schedule-edits.ts";
import type { ScheduleOptions } from "./schedule/schedule-options.ts";
import { ScheduleStore, type StoredSchedule } from "./schedule/schedule-store.ts";
import type { When } from "./when/when.ts";

/** The schedules of a store. Any process that has called `start` enqueues the jobs of all of them. */
export class Schedules {
  readonly #context: ModuleContext;
  readonly #store: ScheduleStore;
  readonly #loop: PullLoop;
  readonly #handlers: Handlers;
  #forgetClose: (() => void) | undefined;

  /** @internal */
  constructor(context: ModuleContext, service: JobService) {
    this.#context = context;
    this.#store = new ScheduleStore(context);
    this.#loop = scheduleLoop(context, service, this.#store);
    this.#handlers = new Handlers(service);
  }

  /**
   * Stores a schedule, or replaces the one with this name (1 to 200 characters), and resolves with it. With unchanged times, the instant that
   * it waits for stays. With new times, instants that were due before now still produce their jobs, and the new times
   * apply from now on. A paused schedule stays paused. With `run`, this process runs its jobs, one at a time, once it
   * has started.
   * @throws {TypeError | RangeError} an argument that means nothing, such as an unknown time zone
   * @throws {JobqError} PAYLOAD_INVALID, PAYLOAD_TOO_LARGE, CLOSED, STORE_FAILED
   */
  async set<Payload>(name: string, when: When, options: ScheduleOptions<Payload>): Promise<Schedule> {
    checkScheduleName(name);
    const definition = defineSchedule(this.#context, name, when, options as ScheduleOptions, await this.#context.now());
    await this.#store.change(name, (current, now) => definitionEdit(current, definition, now));
    if (options.run) await this.#handlers.set(definition.template.topic, options.run as RunOccurrence);
    return scheduleOf(found(await this.#store.read(name), name), this.#context);
  }

  /** Returns a schedule; undefined if there is none of that name. */
  async get(name: string): Promise<Schedule | undefined> {
    const stored = await this.#store.read(checkScheduleName(name));
    return stored && scheduleOf(stored, this.#context);
  }

  /** Returns all schedules, sorted by name. One that cannot be read is left out and reported as an `error` event. */
  async list(): Promise<Schedule[]> {
    const all: Schedule[] = [];
    for (const job of await this.#store.jobs()) {
      try {
        const stored = await this.#store.readNotes(job);
        if (stored) all.push(scheduleOf(stored, this.#context));
      } catch (error) {
        this.#context.report(error, `reading the schedule ${job.name}`);
      }
    }
    return all.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Pauses a schedule: until it is resumed, its instants pass without jobs. They are not made up later.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if it is over or was canceled
   */
  async pause(name: string): Promise<void> {
    checkScheduleName(name);
    await this.#store.change(name, (current, now) => pauseEdit(going(current, name), now));
  }

  /**
   * Resumes a paused schedule, with its next instant.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if it is over or was canceled
   */
  async resume(name: string): Promise<void> {
    checkScheduleName(name);
    await this.#store.change(name, (current, now) => resumeEdit(going(current, name), now));
  }

  /**
   * Deletes a schedule. Its jobs stay.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async remove(name: string): Promise<void> {
    const { job } = found(await this.#store.read(checkScheduleName(name)), name);
    if (!(await this.#store.remove(job))) throw notFound(name);
  }

  /**
   * Enqueues a job of the schedule now, even if it is paused, without changing its instants. Resolves with the id of
   * the job, or with that of the job that holds its unique key.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async trigger(name: string): Promise<JobId> {
    const { definition } = found(await this.#store.read(checkScheduleName(name)), name);
    const now = await this.#context.now();
    const outcome = await this.#store.commit({ now }, [jobOf(definition, this.#context.newId(now), now)]);
    if (!outcome.ok) throw refusalError(outcome, "insert");
    return outcome.inserted[0] as JobId;
  }

  /**
   * Begins to store the jobs of all schedules in the store, including those set by other processes. A second call does
   * nothing.
   */
  async start(): Promise<void> {
    await this.#context.now();
    if (this.#forgetClose) return;
    this.#forgetClose = this.#context.onClose(() => this.#loop.stop()); // workers stop by themselves
    this.#loop.start();
    await this.#handlers.start();
  }

  /**
   * Stops that. It waits for running handlers until `deadline` (30 seconds), then aborts their signals and gives their
   * jobs back. The schedules stay, for other processes and later starts.
   */
  async stop(options: { readonly deadline?: Duration | undefined } = {}): Promise<void> {
    checkOptions(options, STOP_OPTIONS);
    if (options.deadline !== undefined) durationMs(options.deadline, "deadline");
    this.#forgetClose?.();
    this.#forgetClose = undefined;
    await Promise.all([this.#loop.stop(), this.#handlers.stop(options.deadline)]);
  }
}

const STOP_OPTIONS = { deadline: true } as const;

/** Longest, so that the topic and the keys that are made of it stay within what names may have. */
const LONGEST_NAME = 200;

function checkScheduleName(name: string): string {
  if (checkName(name, "the name of a schedule").length <= LONGEST_NAME) return name;
  throw outOfRange("the name of a schedule", `at most ${LONGEST_NAME} characters`, name);
}

function found(schedule: StoredSchedule | undefined, name: string): StoredSchedule {
  if (schedule) return schedule;
  throw notFound(name);
}

/** @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE one that gives no jobs any more */
function going(current: StoredSchedule | undefined, name: string): StoredSchedule {
  const schedule = found(current, name);
  const { id, state } = schedule.job;
  if (!isFinal(state)) return schedule;
  const why = state === "canceled" ? "its job was canceled" : "it has no more instants";
  const message = `the schedule ${received(name)} is over, since ${why}: set it again`;
  throw new JobqError("INVALID_STATE", message, { details: { schedule: name, id, state } });
}

function notFound(name: string): JobqError {
  return new JobqError("JOB_NOT_FOUND", `there is no schedule ${received(name)}`, { details: { schedule: name } });
}
