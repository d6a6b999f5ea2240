// What a stranger writes: compiled against the packed declarations, under each setting of the compiler.

import { levelJobs } from "@jobq/job-level";
import { levelTopics } from "@jobq/pq-level";
import { createServer } from "@jobq/server";
import { createSchedules, daily } from "@jobq/service/cron";
import { exponential } from "@jobq/service/retry";
import { createWorker, defineJob } from "@jobq/service/worker";
import { migrate, preparedPool, sqlJobs, sqlTopics } from "@jobq/sql-kysely";
import { ClassicLevel } from "classic-level";
import { createService, JobqError, type JobqErrorCode, type ReservedJob } from "jobq";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";

interface Topics {
  emails: { to: string };
}

const database = new ClassicLevel<string, string>("data");
export const onDisk = createService<Topics>({ jobs: levelJobs(database), topics: levelTopics(database) });

export async function onPostgres(): Promise<void> {
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: preparedPool(new pg.Pool()) }) });
  await migrate(kysely);
  await using svc = createService<Topics>({ jobs: sqlJobs(kysely), topics: sqlTopics(kysely) });
  const jobs: readonly ReservedJob<{ to: string }>[] = await svc.reserve("emails", 10, { wait: "1s" });
  for (const job of jobs) await job.done({ sent: job.payload.to });
  // @ts-expect-error a payload of another topic
  await svc.enqueue("emails", { from: "user@example.com" });
}

const send = defineJob("send", {
  topic: "emails",
  retry: exponential({ min: "1s", max: "1m" }),
  run: async ({ to }: { to: string }, { attempt }) => ({ to, attempt }),
});
export const worker = createWorker(onDisk, { jobs: [send], topics: { emails: { concurrency: 10 } } });
export const server = createServer(onDisk);
export const nightly = createSchedules(onDisk).set("nightly", daily("03:00"), { job: send, payload: { to: "a@b.c" } });
export const codeOf = (error: unknown): JobqErrorCode | undefined =>
  error instanceof JobqError ? error.code : undefined;
