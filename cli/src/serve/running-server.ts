import { Deadline, type Duration, durationMs, systemClock } from "@jobq/core";
import { type ApiKey, createServer, type JobServer, type ServerOptions } from "@jobq/server";
import { dashboard } from "@jobq/server/dashboard";
import type { Listening } from "@jobq/server/node";
import { createService, type JobService, type ServiceErrorEvent, type ServiceOptions } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createSchedules, type Schedules } from "@jobq/service/cron";
import { metrics } from "@jobq/service/metrics";
import { noLaterThan } from "@jobq/service/module";
import { createWorker, type Worker } from "@jobq/service/worker";
import { createWorkflows } from "@jobq/service/workflow";
import { Registry } from "prom-client";
import { namingStore } from "../store/naming-store.ts";
import { openStore } from "../store/open-store.ts";
import type { OpenedStore, OpenOptions } from "../store/opened-store.ts";
import { definitionsOf } from "./built-in-jobs.ts";
import type { JobsModule } from "./jobs-module.ts";

/** How long ended jobs are kept. */
export type Keep = NonNullable<ServiceOptions["keep"]>;

/** What a server is started with. */
export interface ServeOptions {
  readonly listen: (server: JobServer) => Promise<Listening>;
  /** What is put before every path; empty for nothing. */
  readonly basePath: string;
  readonly store: string;
  readonly open: OpenOptions;
  /** How many jobs run at once; with 0 the server runs none. */
  readonly workers: number;
  readonly keep: Keep;
  /** Undefined for a server that takes none. */
  readonly keys: readonly ApiKey[] | undefined;
  readonly module: JobsModule;
  readonly migrate: boolean;
  readonly server: Pick<ServerOptions, "log" | "audit">;
  readonly onError: (event: ServiceErrorEvent) => void;
}

/** A server that runs, with its workers and schedules. */
export class RunningServer {
  /** Where it is, with its base path. */
  readonly url: string;
  readonly #listening: Listening;
  readonly #service: JobService;
  readonly #worker: Worker | undefined;
  readonly #schedules: Schedules;
  readonly #store: OpenedStore;

  private constructor(
    store: OpenedStore,
    service: JobService,
    worker: Worker | undefined,
    schedules: Schedules,
    listening: Listening,
    basePath: string,
  ) {
    this.#store = store;
    this.#service = service;
    this.#worker = worker;
    this.#schedules = schedules;
    this.#listening = listening;
    this.url = listening.url + basePath;
  }

  /** Opens the store, and serves it; what fails on the way leaves nothing open. */
  static async start(options: ServeOptions): Promise<RunningServer> {
    return namingStore(options.store, () => RunningServer.#start(options));
  }

  static async #start(options: ServeOptions): Promise<RunningServer> {
    const store = await openStore(options.store, options.open);
    let service: JobService | undefined;
    try {
      service = createService({ jobs: store.jobs, topics: store.topics, keep: options.keep });
      return await RunningServer.#over(store, service, options);
    } catch (error) {
      await service?.close({ deadline: "1s" }).catch(() => {});
      await store.close().catch(() => {});
      throw error;
    }
  }

  static async #over(store: OpenedStore, service: JobService, options: ServeOptions): Promise<RunningServer> {
    const { basePath, keys, module, workers, server: hooks } = options;
    const schedules = createSchedules(service);
    const worker = workers > 0 ? workerOf(service, module, workers) : undefined;
    const stats = worker && { workers: () => ({ total_workers: workers, active_workers: worker.running }) };
    const server = createServer(service, {
      ...hooks,
      ...stats,
      basePath,
      ...(keys ? { keys } : {}),
      metrics: metrics(service, new Registry(), { workers: worker ? { worker } : {} }).text,
      dashboard: dashboard(),
      definitions: definitionsOf(module),
      schedules,
      workflows: createWorkflows(service),
      bundles: createBundles(service),
    });
    // All options have been checked: nothing is written by a server that cannot be.
    if (options.migrate) await store.sql?.migrate();
    await service.topics(); // a store that cannot be opened is known before anybody is let in
    service.on("error", options.onError); // until here what fails in the background fails the start too
    await module.setup?.(service);
    for (const [name, { when, ...rest }] of Object.entries(module.schedules)) await schedules.set(name, when, rest);
    const listening = await options.listen(server);
    try {
      await worker?.start();
      if (worker) await schedules.start();
    } catch (error) {
      await listening.close({ deadline: 0 });
      throw error;
    }
    return new RunningServer(store, service, worker, schedules, listening, basePath);
  }

  /** Takes no more requests and jobs, lets what runs end, but not past `deadline`, gives the rest back, and closes. */
  async stop(deadline: Duration): Promise<void> {
    const end = new Deadline(systemClock, durationMs(deadline, "deadline"));
    const stopped = Promise.all([
      this.#listening.close({ deadline: end.leftMs }),
      this.#worker?.stop({ deadline: end.leftMs }),
      this.#schedules.stop({ deadline: end.leftMs }),
    ]);
    await noLaterThan(end, stopped); // what a locked row holds up is left to the close, which ends in any case
    await this.#service.close({ deadline: end.leftMs });
    await this.#store.close();
  }
}

/**
 * One worker over the topics of all definitions; each may use all of the slots. Where shares take all of them, what is
 * built in has none.
 */
function workerOf(service: JobService, module: JobsModule, workers: number): Worker {
  const shares = Object.values(module.topics).reduce((sum, { share = 0 }) => sum + share, 0);
  const all = shares === workers ? module.jobs : definitionsOf(module);
  const each = Object.fromEntries(all.map(({ topic }) => [topic, { concurrency: workers }]));
  return createWorker(service, { jobs: all, topics: { ...each, ...module.topics }, concurrency: workers });
}
