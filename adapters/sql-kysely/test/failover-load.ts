import type { JobId } from "@jobq/core";
import { createService, type JobService } from "@jobq/service";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { preparedPool, primaryPool, sqlJobs, sqlTopics } from "../src/index.ts";

/** What callers were told while the database changed hands. */
export interface LoadReport {
  readonly enqueued: readonly JobId[];
  readonly done: readonly JobId[];
  /** Reservations that two calls were given: of one job under one token. */
  readonly doubles: number;
  /** How often calls failed, by code. */
  readonly failures: Readonly<Record<string, number>>;
  /** The longest pause between two acknowledgements. */
  readonly longestPauseMs: number;
}

/** Services that enqueue and work, each as a process would, until they are stopped. */
export interface Load {
  /** Resolves once so many more jobs are done. */
  progress(jobs: number): Promise<void>;
  stop(): Promise<LoadReport>;
}

/** A database that is at one of several places. */
export function connectToPrimary(urls: readonly string[], max = 5): Kysely<unknown> {
  const timeouts = { connectionTimeoutMillis: 1_000, query_timeout: 2_000 };
  const pools = urls.map((connectionString) => new pg.Pool({ connectionString, max, ...timeouts }));
  return new Kysely({ dialect: new PostgresDialect({ pool: preparedPool(primaryPool(pools)) }) });
}

/** Begins: `count` services, each with a loop that enqueues and one that reserves and settles. */
export function startLoad(urls: readonly string[], count: number): Load {
  const stop = new AbortController();
  const [enqueued, done]: [JobId[], JobId[]] = [[], []];
  const reservations = new Set<string>();
  const failures: Record<string, number> = {};
  let [doubles, longestPauseMs, last] = [0, 0, performance.now()];
  const acknowledged = (): void => {
    longestPauseMs = Math.max(longestPauseMs, performance.now() - last);
    last = performance.now();
  };
  const until = async (work: () => Promise<void>): Promise<void> => {
    while (!stop.signal.aborted) {
      await work().catch(async (error: { code?: string }) => {
        if (stop.signal.aborted) return;
        failures[`${error.code}`] = (failures[`${error.code}`] ?? 0) + 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
      });
    }
  };
  const enqueue = (svc: JobService) => async (): Promise<void> => {
    enqueued.push(await svc.enqueue("work", { at: enqueued.length }));
    acknowledged();
  };
  const pull = (svc: JobService) => async (): Promise<void> => {
    for (const job of await svc.reserve("work", 5, { wait: "10s", lease: "3s", signal: stop.signal })) {
      const reservation = `${job.id} ${job.token}`;
      if (reservations.has(reservation)) doubles += 1;
      reservations.add(reservation);
      await job.done();
      done.push(job.id);
      acknowledged();
    }
  };
  const members = Array.from({ length: count }, () => {
    const kysely = connectToPrimary(urls);
    const svc = createService({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });
    return { kysely, svc, running: Promise.all([until(enqueue(svc)), until(pull(svc))]) };
  });
  return {
    async progress(jobs) {
      const target = done.length + jobs;
      while (done.length < target) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async stop() {
      stop.abort();
      const ended = members.map(async ({ running, svc, kysely }) => {
        await running;
        await svc.close({ deadline: 0 }); // what is left of a batch that failed is not waited for
        await kysely.destroy();
      });
      await Promise.all(ended);
      return { enqueued, done, doubles, failures, longestPauseMs };
    },
  };
}
