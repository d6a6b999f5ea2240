/**
 * The waiting, delayed and failed jobs of pg-boss 10, and its schedules, become jobs and schedules here. They are read from
 * its tables, by SQL, while no worker runs:
 *
 *   node --import tsx from-pg-boss.ts --postgres postgres://127.0.0.1/app --schema pgboss --to level://data --dry-run
 */
import { fileURLToPath } from "node:url";
import type { EnqueueOptions } from "@jobq/service";
import { cron } from "@jobq/service/cron";
import { constant, exponential } from "@jobq/service/retry";
import pg from "pg";
import { type ForeignJob, type LeftJobs, runMigration, type Source, weightOf } from "./migrate.ts";

interface BossJob {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly state: "created" | "retry" | "failed";
  readonly policy: string | null;
  readonly priority: number;
  readonly retry_limit: number;
  readonly retry_count: number;
  readonly retry_delay: number;
  readonly retry_backoff: boolean;
  readonly is_started: boolean;
  readonly singleton_key: string | null;
  readonly dead_letter: string | null;
  readonly output: unknown;
  readonly created: string;
  /** Of `created`: what is lost in milliseconds. */
  readonly micros: number;
  readonly start: string;
  readonly keep: string;
  readonly completed: string | null;
  readonly expire: string;
}

interface BossSchedule {
  readonly name: string;
  readonly cron: string;
  readonly timezone: string | null;
  readonly data: unknown;
  readonly options: { readonly priority?: number; readonly retryLimit?: number } | null;
}

const PAGE = 500;

/** What milliseconds since the epoch are in SQL. */
const ms = (column: string): string => `trunc(extract(epoch from ${column}) * 1000)`;
const COLUMNS = `id, name, data, state, policy, priority, retry_limit, retry_count, retry_delay, retry_backoff,
  started_on is not null as is_started, singleton_key, dead_letter, output, ${ms("created_on")} as created,
  extract(microseconds from created_on)::int % 1000 as micros, ${ms("start_after")} as start, ${ms("keep_until")} as keep,
  ${ms("completed_on")} as completed, ${ms("expire_in")} as expire`;

/** Jobs of a queue go to the topic of its name, with the queue's name for the handler. */
export function pgBossSource(pool: Pick<pg.Pool, "query">, schema = "pgboss"): Source {
  const table = (name: string): string => `${pg.escapeIdentifier(schema)}.${name}`;
  return {
    name: "pg-boss",
    async *jobs(): AsyncGenerator<ForeignJob | LeftJobs> {
      const { rows: others } = await pool.query<{ state: string; count: string }>(
        `select state, count(*) from ${table("job")} where state in ('active', 'cancelled') group by state`,
      );
      for (const { state, count } of others)
        yield { left: state === "active" ? "running" : "canceled", count: Number(count) };
      for (let after = ["", "00000000-0000-0000-0000-000000000000"]; ; ) {
        const { rows } = await pool.query<BossJob>(
          `select ${COLUMNS} from ${table("job")} where state in ('created', 'retry', 'failed')
            and (name, id) > ($1, $2::uuid) order by name, id limit ${PAGE}`,
          after,
        );
        for (const row of rows) yield jobOf(row);
        const last = rows.at(-1);
        if (!last) return;
        after = [last.name, last.id];
      }
    },
    async schedules() {
      const { rows } = await pool.query<BossSchedule>(`select * from ${table("schedule")} order by name`);
      return rows.map(({ name, cron: expression, timezone, data, options }) => {
        const { priority = 0, retryLimit: maxRetries = 2 } = options ?? {};
        const how = { weight: weightOf(0 - priority), maxRetries, origin: "pg-boss" };
        const what = { topic: name, payload: data, timezone: timezone ?? "UTC", options: how };
        return { name, plan: () => [cron(expression), what] };
      });
    },
  };
}

function jobOf(row: BossJob): ForeignJob {
  return {
    id: row.id,
    rank: row.micros,
    createdAt: Number(row.created),
    topic: row.name,
    payload: row.data,
    options: {
      weight: weightOf(0 - row.priority),
      maxRetries: row.retry_limit,
      retry: retryOf(row),
      timeout: Math.max(1, Number(row.expire)),
      at: Number(row.start),
      origin: "pg-boss",
      ...(row.dead_letter !== null && { onExhausted: { topic: row.dead_letter } }),
      ...policyOf(row),
    },
    attempts: row.is_started ? row.retry_count + 1 : 0,
    expiresAt: row.state === "created" ? Number(row.keep) : undefined, // it keeps what was tried
    failed: row.state === "failed" ? { at: Number(row.completed) } : undefined,
    error: row.output === null ? undefined : textOf(row.output),
  };
}

function retryOf({ retry_delay, retry_backoff }: BossJob): EnqueueOptions["retry"] {
  const delay = retry_delay * 1000;
  // It doubles at most 16 times, and waits up to twice as long by chance.
  return retry_backoff ? exponential({ min: delay, max: delay * 2 ** 17, factor: 2, jitter: 1 }) : constant(delay);
}

/** What the policy of the queue means for one job: only of these is a `singletonKey` a key. */
function policyOf({ name, policy, singleton_key }: BossJob): Pick<EnqueueOptions, "unique" | "limit"> {
  const key = `${name}:${singleton_key ?? ""}`;
  return {
    ...((policy === "short" || policy === "stately") && { unique: { key, while: "queued" } }),
    ...((policy === "singleton" || policy === "stately") && { limit: { key, concurrency: 1 } }),
  };
}

/** Errors are stored as objects with a message, anything else as it was. */
function textOf(output: unknown): string {
  const { message, value } = (typeof output === "object" && output !== null ? output : {}) as Record<string, unknown>;
  const nested = (value as { message?: unknown } | null | undefined)?.message;
  return String(message ?? nested ?? JSON.stringify(output));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMigration(["postgres", "schema"], async ({ postgres, schema }) => {
    const pool = new pg.Pool({ connectionString: postgres });
    return { ...pgBossSource(pool, schema), close: () => pool.end() };
  });
}
