/**
 * The waiting, delayed and failed jobs of graphile-worker 0.16 or newer, and the lines of its crontab, become jobs and
 * schedules here. They are read from its tables, by SQL, while no worker runs:
 *
 *   node --import tsx from-graphile-worker.ts --postgres postgres://127.0.0.1/app --crontab crontab --to level://data --dry-run
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { EnqueueOptions } from "@jobq/service";
import { cron } from "@jobq/service/cron";
import { exponential } from "@jobq/service/retry";
import pg from "pg";
import {
  type ForeignJob,
  type ForeignSchedule,
  type LeftJobs,
  runMigration,
  type Source,
  weightOf,
} from "./migrate.ts";

interface WorkerJob {
  readonly id: string;
  readonly task: string;
  readonly queue: string | null;
  readonly payload: unknown;
  readonly priority: number;
  readonly attempts: number;
  readonly max_attempts: number;
  readonly last_error: string | null;
  readonly key: string | null;
  readonly flags: Readonly<Record<string, true>> | null;
  readonly created: string;
  readonly updated: string;
  readonly run: string;
}

const PAGE = 500;

/** What milliseconds since the epoch are in SQL. */
const ms = (column: string): string => `trunc(extract(epoch from job.${column}) * 1000)`;
/** As graphile-worker waits: e to the number of attempts, in seconds. */
const RETRY = exponential({ min: Math.E * 1000, max: Math.E ** 10 * 1000, factor: Math.E, jitter: 0 });

/** Jobs of a task go to the topic of its name. A named queue, which runs its jobs one by one, becomes a limit of 1. */
export function graphileSource(
  pool: Pick<pg.Pool, "query">,
  { schema = "graphile_worker", crontab = "" }: { schema?: string | undefined; crontab?: string | undefined } = {},
): Source {
  const table = (name: string): string => `${pg.escapeIdentifier(schema)}._private_${name}`;
  return {
    name: "graphile-worker",
    async *jobs(): AsyncGenerator<ForeignJob | LeftJobs> {
      const { rows: running } = await pool.query<{ count: string }>(
        `select count(*) from ${table("jobs")} where locked_at is not null`,
      );
      yield { left: "running", count: Number(running[0]?.count) };
      for (let after = "0"; ; ) {
        const { rows } = await pool.query<WorkerJob>(
          `select job.id, task.identifier as task, queue.queue_name as queue, payload, priority, attempts, max_attempts,
              last_error, key, flags, ${ms("created_at")} as created, ${ms("updated_at")} as updated, ${ms("run_at")} as run
            from ${table("jobs")} job join ${table("tasks")} task on task.id = job.task_id
              left join ${table("job_queues")} queue on queue.id = job.job_queue_id
            where job.locked_at is null and job.id > $1 order by job.id limit ${PAGE}`,
          [after],
        );
        for (const row of rows) yield jobOf(row);
        const last = rows.at(-1);
        if (!last) return;
        after = last.id;
      }
    },
    schedules: async () => crontab.split("\n").flatMap((line) => scheduleOf(line.trim())),
  };
}

function jobOf(row: WorkerJob): ForeignJob {
  const isFailed = row.attempts >= row.max_attempts;
  return {
    id: row.id,
    rank: Number(row.id),
    createdAt: Number(row.created),
    topic: row.task,
    payload: row.payload,
    options: {
      ...optionsOf(row.max_attempts, row.priority, row.queue),
      at: Number(row.run),
      unique: row.key ?? undefined,
      ...(row.flags && { tags: Object.fromEntries(Object.keys(row.flags).map((flag) => [`flag:${flag}`, "true"])) }),
    },
    attempts: row.attempts,
    failed: isFailed ? { at: Number(row.updated) } : undefined,
    error: row.last_error ?? undefined,
  };
}

function optionsOf(maxAttempts: number, priority: number, queue: string | null): EnqueueOptions {
  return {
    weight: weightOf(priority),
    maxRetries: maxAttempts - 1,
    retry: RETRY,
    origin: "graphile-worker",
    ...(queue !== null && { limit: { key: queue, concurrency: 1 } }),
  };
}

/** Five fields, a task, then perhaps options like those of an address, and a payload. */
const CRON_LINE = /^((?:\S+\s+){4}\S+)\s+([\w:/-]+)(?:\s+\?(\S+))?(?:\s+(\{.*\}))?$/;

function scheduleOf(line: string): ForeignSchedule[] {
  if (line === "" || line.startsWith("#")) return [];
  const [, expression = "", task = "", query = "", payload] = CRON_LINE.exec(line) ?? [];
  const asked = new URLSearchParams(query);
  return [
    {
      name: asked.get("id") ?? (task || line),
      plan() {
        if (task === "") throw new RangeError("it is not a line of a crontab");
        const options = {
          topic: task,
          payload: payload === undefined ? {} : JSON.parse(payload),
          timezone: "UTC",
          missed: asked.has("fill") ? ("all" as const) : ("skip" as const),
          unique: asked.get("jobKey") ?? false,
          options: optionsOf(Number(asked.get("max") ?? 25), Number(asked.get("priority") ?? 0), asked.get("queue")),
        };
        return [cron(expression), options];
      },
    },
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMigration(["postgres", "schema", "crontab"], async ({ postgres, schema, crontab }) => {
    const pool = new pg.Pool({ connectionString: postgres });
    const lines = crontab === undefined ? undefined : await readFile(crontab, "utf8");
    return { ...graphileSource(pool, { schema, crontab: lines }), close: () => pool.end() };
  });
}
