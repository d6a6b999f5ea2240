import type { JobRepository, TopicRepository } from "@jobq/core";
import { createService, type JobService } from "@jobq/service";
import { type Bundles, createBundles } from "@jobq/service/bundle";
import { settled } from "./harness.ts";

/** So many turns of the event loop without a call to the stores mean that all has been done. */
const CALM = 3;
const WRITES = ["commit", "push", "pop", "popDue", "remove"];

/** A process over stores that others use too. It can die before or after any of its writes, and never comes back. */
export class MortalProcess {
  readonly svc: JobService;
  readonly bundles: Bundles;
  /** What it reported as `error` events. */
  readonly errors: unknown[] = [];
  /** How many writes, and how many calls of any kind, it has begun. */
  writes = 0;
  calls = 0;
  isDead = false;
  /** Called before each call to the stores: where others come in between. */
  between: ((call: number) => Promise<void>) | undefined;
  /** At which write it dies, and whether that is stored; counted in halves from 0. */
  death = Infinity;
  #die = (): void => {};
  /** Resolves when it is dead. */
  readonly died = new Promise<"died">((resolve) => {
    this.#die = () => resolve("died");
  });
  #underWay = 0;

  constructor(jobs: JobRepository, topics: TopicRepository) {
    const svc = createService({
      jobs: this.#around(jobs),
      topics: this.#around(topics),
      recoveryInterval: "1m",
      random: () => 0.5,
    });
    svc.on("error", ({ error }) => this.errors.push(error));
    this.svc = svc;
    this.bundles = createBundles(svc);
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

  #around<Port extends object>(port: Port): Port {
    const capabilities = { durable: true, shared: true };
    return new Proxy(port, {
      get: (target, key) => {
        if (key === "fuse") return undefined;
        if (key === "capabilities") return capabilities;
        if (key === "close") return async () => {};
        const member: unknown = Reflect.get(target, key, target);
        if (typeof member !== "function") return member;
        return (...given: unknown[]) => this.#call(WRITES.includes(String(key)), () => member.apply(target, given));
      },
    });
  }

  async #call(isWrite: boolean, work: () => unknown): Promise<unknown> {
    if (this.isDead) return new Promise(() => {});
    this.#underWay++;
    try {
      await this.between?.(this.calls++);
      const write = isWrite ? this.writes++ : -1;
      if (write * 2 === this.death) this.kill();
      if (this.isDead) return await new Promise(() => {});
      const result = await work();
      if (write * 2 + 1 === this.death) this.kill();
      return this.isDead ? await new Promise(() => {}) : result;
    } finally {
      this.#underWay--;
    }
  }
}
