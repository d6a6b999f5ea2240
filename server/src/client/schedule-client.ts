import type { JobId } from "@jobq/core";
import type { Missed, When } from "@jobq/service/cron";
import { instantOf, orUndefined, pathOf } from "./forms.ts";
import type { Transport } from "./transport.ts";

/** A schedule of a server's store. */
export interface ScheduleInfo {
  readonly name: string;
  /** When it is due: what `every`, `daily`, `weekly` or `cron` returned. */
  readonly when: When;
  readonly timezone: string;
  /** The topic of its jobs. */
  readonly topic: string;
  /** The name of the handler that runs its jobs. */
  readonly jobName: string;
  readonly missed: Missed;
  readonly most: number | undefined;
  readonly jitterMs: number | undefined;
  readonly untilAt: number | undefined;
  readonly paused: boolean;
  /** True if its own job was canceled. It then enqueues nothing until it is set again or that job is reset. */
  readonly canceled: boolean;
  readonly nextAt: number | undefined;
  readonly lastAt: number | undefined;
}

/** A schedule with the payload of its jobs. */
export interface ScheduleDetails extends ScheduleInfo {
  readonly payload: unknown;
}

interface ScheduleForm extends Omit<ScheduleInfo, "jobName" | "most" | "jitterMs" | "untilAt" | "nextAt" | "lastAt"> {
  readonly type: string;
  readonly most?: number;
  readonly jitter_ms?: number;
  readonly until?: string;
  readonly next_at?: string;
  readonly last_at?: string;
  readonly payload?: unknown;
}

/** Reads and steers the schedules of a server's store. Programs set them, with the library. */
export class ScheduleClient {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Returns all schedules, ordered by name. */
  async list(): Promise<readonly ScheduleInfo[]> {
    const { schedules } = await this.#transport.call<{ schedules: ScheduleForm[] }>("GET", "/api/v1/schedules");
    return schedules.map(scheduleInfo);
  }

  /** Returns a schedule; undefined if it does not exist. */
  async get(name: string): Promise<ScheduleDetails | undefined> {
    const form = await orUndefined(this.#transport.call<ScheduleForm>("GET", pathOf("schedules", name)));
    return form && { ...scheduleInfo(form), payload: form.payload };
  }

  /**
   * Pauses a schedule.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if it is over or was canceled
   */
  async pause(name: string): Promise<void> {
    await this.#transport.call("POST", pathOf("schedules", name, "pause"));
  }

  /**
   * Resumes a paused schedule.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if it is over or was canceled
   */
  async resume(name: string): Promise<void> {
    await this.#transport.call("POST", pathOf("schedules", name, "resume"));
  }

  /**
   * Enqueues a job of the schedule now and resolves with its id.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async trigger(name: string): Promise<JobId> {
    return (await this.#transport.call<{ job_id: JobId }>("POST", pathOf("schedules", name, "run"))).job_id;
  }

  /**
   * Deletes a schedule; its jobs stay.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async remove(name: string): Promise<void> {
    await this.#transport.call("DELETE", pathOf("schedules", name));
  }
}

function scheduleInfo(form: ScheduleForm): ScheduleInfo {
  const { name, when, timezone, topic, type, missed, most, jitter_ms: jitterMs, paused, canceled } = form;
  return {
    ...{ name, when, timezone, topic, jobName: type, missed, most, jitterMs, paused, canceled },
    untilAt: instantOf(form.until),
    nextAt: instantOf(form.next_at),
    lastAt: instantOf(form.last_at),
  };
}
