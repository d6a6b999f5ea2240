import { ManualClock } from "@jobq/core";
import { scheduleId } from "../../src/cron/occurrence/derived-id.ts";
import { NOW } from "../harness.ts";
import { type Death, ScheduleProcess } from "./schedule-process.ts";
import { OPEN, type Stores } from "./schedule-stores.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
/** Enough for what is due to be seen. */
const AWAKE_MS = 100;

/** Some processes with schedules over one pair of stores, under a clock that is moved by hand. */
export class World {
  readonly clock = new ManualClock(NOW);
  readonly processes: ScheduleProcess[] = [];
  readonly #stores: Stores;

  private constructor(clock: ManualClock, stores: Stores) {
    this.clock = clock;
    this.#stores = stores;
  }

  static async open(pair = "memory, fused"): Promise<World> {
    const clock = new ManualClock(NOW);
    return new World(clock, await (OPEN[pair] as (typeof OPEN)[string])(clock));
  }

  /** One more process, once it has come to rest. */
  async join(death?: Death): Promise<ScheduleProcess> {
    const process = new ScheduleProcess(this.#stores, this.clock, death);
    this.processes.push(process);
    await process.quiet();
    return process;
  }

  /** Moves time on and lets happen what it brings: more than a minute as when the machine sleeps, by the wall clock alone. */
  async pass(ms: number): Promise<void> {
    const awake = ms > MINUTE ? AWAKE_MS : ms;
    this.clock.step(ms - awake);
    this.clock.advance(awake);
    await this.quiet();
  }

  async quiet(): Promise<void> {
    for (const process of this.processes) await process.quiet();
  }

  /** The instants for which there is a job on the topic, in order, in minutes since the beginning. */
  async minutes(topic = "topic"): Promise<number[]> {
    const jobs = await this.#stores.jobs.find({ topic, limit: 10_000 });
    return jobs.flatMap(({ tags }) => (tags?.instant ? [(Date.parse(tags.instant) - NOW) / MINUTE] : []));
  }

  /** Writes a note of a schedule by hand. */
  async note(schedule: string, key: string, value: string): Promise<void> {
    const [id, now] = [scheduleId(schedule), this.clock.now()];
    await this.#stores.jobs.commit([{ now, note: [{ id, kind: "schedule", key, value, at: now }] }]);
  }

  close(): Promise<void> {
    return this.#stores.close();
  }
}
