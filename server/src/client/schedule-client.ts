import type { JobId } from "@jobq/core";
import { instantOf, orUndefined, pathOf } from "./forms.ts";
import type { Transport } from "./transport.ts";

/** A schedule of a server's store. */
export interface ScheduleInfo {
  readonly name: string;
  /** What `every`, `daily`, `weekly` or `cron` made. */
  readonly when: Readonly<Record<string, unknown>>;
  readonly timezone: string;
  /** The topic of its jobs. */
  readonly topic: string;
  readonly paused: boolean;
  /** Its job was canceled: it gives no jobs until it is set again, or that job is reset. */
  readonly canceled: boolean;
  readonly nextAt: number | undefined;
  readonly lastAt: number | undefined;
}

interface ScheduleForm extends Omit<ScheduleInfo, "nextAt" | "lastAt"> {
  readonly next_at?: string;
  readonly last_at?: string;
}

/** The schedules of a server's store; they are set by programs, with the library. */
export class ScheduleClient {
  readonly #transport: Transport;

  /** @internal */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** All schedules, by name. */
  async list(): Promise<readonly ScheduleInfo[]> {
    const { schedules } = await this.#transport.call<{ schedules: ScheduleForm[] }>("GET", "/api/v1/schedules");
    return schedules.map(scheduleInfo);
  }

  /** A schedule, undefined when there is none. */
  async get(name: string): Promise<ScheduleInfo | undefined> {
    const form = await orUndefined(this.#transport.call<ScheduleForm>("GET", pathOf("schedules", name)));
    return form && scheduleInfo(form);
  }

  /**
   * Holds a schedule back.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if it is over or was canceled
   */
  async pause(name: string): Promise<void> {
    await this.#transport.call("POST", pathOf("schedules", name, "pause"));
  }

  /**
   * Lets a paused schedule go on.
   * @throws {JobqError} JOB_NOT_FOUND; INVALID_STATE if it is over or was canceled
   */
  async resume(name: string): Promise<void> {
    await this.#transport.call("POST", pathOf("schedules", name, "resume"));
  }

  /**
   * Enqueues a job of the schedule now; resolves with its id.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async trigger(name: string): Promise<JobId> {
    return (await this.#transport.call<{ job_id: JobId }>("POST", pathOf("schedules", name, "run"))).job_id;
  }

  /**
   * Forgets a schedule; the jobs that it gave stay.
   * @throws {JobqError} JOB_NOT_FOUND
   */
  async remove(name: string): Promise<void> {
    await this.#transport.call("DELETE", pathOf("schedules", name));
  }
}

function scheduleInfo({ next_at: next, last_at: last, ...rest }: ScheduleForm): ScheduleInfo {
  return { ...rest, nextAt: instantOf(next), lastAt: instantOf(last) };
}
