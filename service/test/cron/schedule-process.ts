import type { Clock, JobRepository, QueueStore } from "@jobq/core";
import { createService, type JobService } from "@jobq/service";
import { createSchedules, type Schedules } from "@jobq/service/cron";
import { settled } from "../harness.ts";
import type { Stores } from "./schedule-stores.ts";

/** The write at which a process dies, counted from 0. */
export interface Death {
  readonly write: number;
  readonly when: "before" | "after";
}

/** So many turns of the event loop without a call to the stores mean that all has been done. */
const CALM = 3;

/** What returns no promise. */
const AT_ONCE = ["recover", "onPush", "onChange"];

const JOB_WRITES = ["commit"];
const TOPIC_WRITES = ["push", "pop", "popDue", "remove", "pause"];
const STORE_WRITES = ["commit", "reserve", "promote", "expire"];

/**
 * A process with schedules: a service over shared stores that can die before or after any write. What a dead one has
 * asked for never comes back, and its alarms do not ring.
 */
export class ScheduleProcess {
  readonly svc: JobService;
  readonly schedules: Schedules;
  /** What it reported as `error` events. */
  readonly errors: unknown[] = [];
  /** How many writes it has begun. */
  writes = 0;
  isDead = false;
  /** Calls to the stores that have not come back. */
  #underWay = 0;
  /** Called around every write that others may come between. */
  between: ((write: number, when: Death["when"]) => Promise<void> | void) | undefined;
  readonly #death: Death | undefined;
  #die = (): void => {};
  /** Resolves when it is dead. */
  readonly died = new Promise<"died">((resolve) => {
    this.#die = () => resolve("died");
  });

  constructor({ jobs, topics, fused }: Stores, clock: Clock, death?: Death) {
    this.#death = death;
    const shared = { capabilities: { durable: true, shared: true }, close: async () => {} };
    const around = (port: JobRepository) => this.#around(port, JOB_WRITES, { ...shared, clock: this.#mortal(clock) });
    const fuse = fused && {
      jobs: around(fused.jobs),
      topics: this.#around(fused.topics, TOPIC_WRITES, shared),
      ...{ direct: undefined, within: undefined },
    };
    const ownTopics = this.#around(topics, TOPIC_WRITES, {
      ...shared,
      fuse: fused && ((): QueueStore => this.#around(fused, STORE_WRITES, { ...fuse })),
    });
    const ownJobs = around(jobs);
    // Nobody gives up waiting for a lock, since the time for that is moved in leaps.
    const patient = { random: () => 0.5, recoveryInterval: "1m", lockTimeout: "1h" } as const;
    this.svc = createService({ jobs: ownJobs, topics: ownTopics, ...patient });
    this.svc.on("error", ({ error }) => this.errors.push(error));
    this.schedules = createSchedules(this.svc);
  }

  /** What the work results in, or that the process died of it. */
  survive<T>(work: Promise<T>): Promise<T | "died"> {
    return Promise.race([work, this.died]);
  }

  /** Resolves when nothing is under way any more that only waits for the stores. */
  async quiet(): Promise<void> {
    for (let calm = 0; calm < CALM; calm = this.#underWay > 0 && !this.isDead ? 0 : calm + 1) await settled();
  }

  kill(): void {
    this.isDead = true;
    this.#die();
  }

  #mortal(clock: Clock): Clock {
    const whileAlive = (ring: () => void) => () => this.isDead || ring();
    return {
      now: () => clock.now(),
      alarm: (at, ring) => clock.alarm(at, whileAlive(ring)),
      sync: () => clock.sync(),
      ...(clock.monotonic && {
        monotonic: {
          elapsed: () => clock.monotonic?.elapsed() ?? 0,
          after: (ms: number, ring: () => void) => clock.monotonic?.after(ms, whileAlive(ring)) ?? (() => {}),
        },
      }),
    };
  }

  #around<Port extends object>(port: Port, writes: readonly string[], overrides: object): Port {
    return new Proxy(port, {
      get: (target, key) => {
        if (key in overrides) return (overrides as Record<PropertyKey, unknown>)[key];
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== "function") return member;
        if (AT_ONCE.includes(String(key))) return member.bind(target);
        const isWrite = writes.includes(String(key));
        return (...given: unknown[]) => this.#call(isWrite, () => member.apply(target, given));
      },
      has: (target, key) => key in target || key in overrides,
    });
  }

  async #call(isWrite: boolean, work: () => unknown): Promise<unknown> {
    if (this.isDead) return new Promise(() => {});
    this.#underWay++;
    try {
      const write = isWrite ? this.writes++ : -1;
      if (isWrite) await this.#at(write, "before");
      if (this.isDead) return await new Promise(() => {});
      const result = await work();
      if (isWrite) await this.#at(write, "after");
      return this.isDead ? await new Promise(() => {}) : result;
    } finally {
      this.#underWay--;
    }
  }

  async #at(write: number, when: Death["when"]): Promise<void> {
    if (!this.isDead) await this.between?.(write, when);
    if (this.#death?.write === write && this.#death.when === when) this.kill();
  }
}
