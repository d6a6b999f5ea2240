import type { ReservedJob } from "@jobq/service";
import { createWorker, defineJob, type JobContext, type Worker, type WorkerHooks } from "@jobq/service/worker";
import type { Random } from "../../../conformance/src/simulator/random.ts";
import type { Run } from "./auditor.ts";
import { handle, TIMEOUT_MS } from "./handler.ts";
import type { JobPlan, Name, Topic } from "./job-plan.ts";
import type { PlayedProcess, World } from "./world.ts";

/** Leases are this long: renewed every three seconds, and time is moved by one. */
export const LEASE_MS = 9_000;

interface Rate {
  readonly max: number;
  readonly per: number;
}

/** What a worker is made of. */
export interface PlayedOptions {
  readonly concurrency: number;
  readonly topics: Readonly<Record<Topic, { concurrency: number; share: number; rate?: Rate }>>;
  readonly prefetch: number;
  readonly names: readonly Name[];
}

/** Options of all kinds. */
export function someOptions(random: Random): PlayedOptions {
  const topic = () => {
    const concurrency = random.between(1, 3);
    const rate = random.chance(0.2) ? { rate: { max: random.between(1, 2), per: 3_000 } } : {};
    return { concurrency, share: random.chance(0.3) ? 1 : 0, ...rate };
  };
  return {
    concurrency: random.between(2, 4), // the shares leave room for each other
    topics: { a: topic(), b: topic() },
    prefetch: random.pick([0, 0, 1, 2, 5]),
    names: random.chance(0.2) ? ["steady", "timed"] : ["steady", "timed", "strange"],
  };
}

/** A worker of the service, and what is known of it. */
export class PlayedWorker {
  readonly name: string;
  readonly process: PlayedProcess;
  readonly options: PlayedOptions;
  readonly worker: Worker;
  /** All that it was given to run. */
  readonly handed: ReservedJob[] = [];
  readonly runs: Run[] = [];
  /** It drains, for which rates do not hold. */
  isDraining = false;
  isStopping = false;
  /** It has said that it has stopped. */
  isStopped = false;
  /** How much had gone wrong when it was asked to. */
  troublesBefore = 0;
  readonly #begun: Record<Topic, number[]> = { a: [], b: [] };
  readonly #world: World;

  constructor(world: World, process: PlayedProcess, name: string, options: PlayedOptions) {
    this.#world = world;
    this.process = process;
    this.name = name;
    this.options = options;
    const run = (plan: JobPlan, ctx: JobContext<JobPlan>) => handle(world, this, plan, ctx);
    const jobs = options.names.map((job) => defineJob(job, { run, ...(job === "timed" && { timeout: TIMEOUT_MS }) }));
    const { concurrency, topics, prefetch } = options;
    this.worker = createWorker(process.service, {
      ...{ jobs, concurrency, topics, prefetch, lease: LEASE_MS },
      ...this.#hooks(),
    });
  }

  /** False when more have begun on the topic in the time of its rate than may, with one more that begins now. */
  mayBegin(topic: Topic, { max, per }: Rate): boolean {
    const now = this.#world.clock.now();
    this.#begun[topic].push(now);
    return this.isDraining || this.#begun[topic].filter((at) => at > now - per).length <= max;
  }

  #hooks(): WorkerHooks {
    const told = (hook: string) => (ctx: JobContext) => {
      if (!this.process.gate.dead) this.#world.auditor.told(ctx, hook);
    };
    return { onDone: told("done"), onRetry: told("retry"), onFail: told("fail") };
  }
}
