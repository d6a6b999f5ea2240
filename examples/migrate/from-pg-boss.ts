/**
 * The waiting, delayed and failed jobs of pg-boss 10, 11 or 12, and its schedules, become jobs and schedules here. They are
 * read from its tables, by SQL, while no worker runs:
 *
 *   node --import tsx from-pg-boss.ts --postgres postgres://127.0.0.1/app --schema pgboss --to level://data --dry-run
 */
import { fileURLToPath } from "node:url";
import type { EnqueueOptions } from "@jobq/service";
import { cron } from "@jobq/service/cron";
import { checkInteger } from "@jobq/service/module";
import { constant, exponential } from "@jobq/service/retry";
import pg from "pg";
import {
  type ForeignJob,
  type ForeignSchedule,
  type LeftJobs,
  runMigration,
  type Source,
  weightOf,
} from "./migrate.ts";

/** What a job has, and what the options of a schedule and of its queue say of the jobs that it makes. */
interface BossRules {
  readonly name: string;
  readonly policy: string | null;
  readonly priority: number;
  readonly retry_limit: number;
  readonly retry_delay: number;
  readonly retry_backoff: boolean;
  /** Since pg-boss 11. */
  readonly retry_delay_max: number | null;
  readonly singleton_key: string | null;
  readonly dead_letter: string | null;
  /** In milliseconds. */
  readonly expire: number;
}

interface BossJob extends BossRules {
  readonly id: string;
  readonly data: unknown;
  readonly state: "created" | "retry" | "failed";
  readonly retry_count: number;
  readonly is_started: boolean;
  readonly output: unknown;
  readonly created: string;
  /** Of `created`: what is lost in milliseconds. */
  readonly micros: number;
  readonly start: string;
  readonly keep: string;
  readonly completed: string | null;
  /** The rest since pg-boss 12. A dead letter has the error of the job that it copies here, and not as its `output`. */
  readonly source_output: unknown;
  readonly group_id: string | null;
  readonly is_upserted: boolean | null;
}

interface BossSchedule extends BossRules {
  /** Since pg-boss 11. */
  readonly key: string | null;
  /** Since pg-boss 12. */
  readonly kind: string | null;
  readonly missed: string | null;
  readonly cron: string;
  readonly timezone: string | null;
  readonly data: unknown;
}

export interface PgBossOptions {
  /** Where its tables are; `"pgboss"`. */
  readonly schema?: string | undefined;
  /** How many jobs of a group run at once. pg-boss does not store it: it is `groupConcurrency` of a worker. No limit. */
  readonly groupConcurrency?: number | undefined;
}

const PAGE = 500;

/** What milliseconds since the epoch are in SQL. */
const ms = (column: string): string => `trunc(extract(epoch from ${column}) * 1000)`;
/** A column that not every version has. */
const maybe = (column: string, type: string): string => `(to_jsonb(job) ->> '${column}')::${type}`;
const COLUMNS = `id, name, data, state, policy, priority, retry_limit, retry_count, retry_delay, retry_backoff,
  started_on is not null as is_started, singleton_key, dead_letter, output, ${ms("created_on")} as created,
  extract(microseconds from created_on)::int % 1000 as micros, ${ms("start_after")} as start, ${ms("keep_until")} as keep,
  ${ms("completed_on")} as completed, ${maybe("retry_delay_max", "int")} as retry_delay_max,
  coalesce(${maybe("expire_seconds", "int")}, extract(epoch from ${maybe("expire_in", "interval")}))::float8 * 1000 as expire,
  to_jsonb(job) -> 'source_output' as source_output, ${maybe("group_id", "text")} as group_id,
  ${maybe("upsert_by_key", "bool")} as is_upserted`;
/** Jobs of a flow tell each other of their ends there, and could not be told from here. */
const IN_FLOW = `(coalesce(${maybe("blocked", "bool")}, false) or coalesce(${maybe("blocking", "bool")}, false))`;
/** Its own queue has jobs of schedules that are about to be sent. */
const OWN_QUEUE = "name like '\\_\\_pgboss\\_\\_%'";

/** What `left` of the report calls jobs that are not brought. */
const LEFT = `case when state = 'active' then 'running' when state = 'cancelled' then 'canceled'
  when ${OWN_QUEUE} then 'about to be sent by a schedule' else 'jobs of flows' end`;

/**
 * Jobs of a queue go to the topic of its name, with the queue's name for the handler.
 * @throws {TypeError | RangeError} a `groupConcurrency` that is no whole number from 1 to 10,000
 */
export function pgBossSource(
  pool: Pick<pg.Pool, "query">,
  { schema = "pgboss", groupConcurrency }: PgBossOptions = {},
): Source {
  if (groupConcurrency !== undefined) checkInteger(groupConcurrency, "groupConcurrency", 1, 10_000);
  const table = (name: string): string => `${pg.escapeIdentifier(schema)}.${name}`;
  return {
    name: "pg-boss",
    async *jobs(): AsyncGenerator<ForeignJob | LeftJobs> {
      const { rows: others } = await pool.query<{ left: string; count: string }>(
        `select ${LEFT} as left, count(*) from ${table("job")} job where state in ('active', 'cancelled')
          or (state <> 'completed' and (${OWN_QUEUE} or ${IN_FLOW})) group by 1 order by 1`,
      );
      for (const { left, count } of others) yield { left, count: Number(count) };
      for (let after = ["", "00000000-0000-0000-0000-000000000000"]; ; ) {
        const { rows } = await pool.query<BossJob>(
          `select ${COLUMNS} from ${table("job")} job where state in ('created', 'retry', 'failed')
            and not (${OWN_QUEUE} or ${IN_FLOW}) and (name, id) > ($1, $2::uuid) order by name, id limit ${PAGE}`,
          after,
        );
        for (const row of rows) yield jobOf(row, groupConcurrency);
        const last = rows.at(-1);
        if (!last) return;
        after = [last.name, last.id];
      }
    },
    async schedules() {
      const { rows } = await pool.query<BossSchedule>(schedulesOf(table));
      return rows.map(scheduleOf);
    },
  };
}

/** Its options count before those of its queue. */
function schedulesOf(table: (name: string) => string): string {
  const option = (name: string, column: string, type: string): string =>
    `coalesce((options ->> '${name}')::${type}, (to_jsonb(queue) ->> '${column}')::${type})`;
  return `select schedule.name, cron, timezone, schedule.data, policy, options ->> 'singletonKey' as singleton_key,
      to_jsonb(schedule) ->> 'key' as key, to_jsonb(schedule) ->> 'kind' as kind, options ->> 'missed' as missed,
      coalesce((options ->> 'priority')::int, 0) as priority, coalesce(${option("retryLimit", "retry_limit", "int")}, 2) as retry_limit,
      coalesce(${option("retryDelay", "retry_delay", "int")}, 0) as retry_delay,
      coalesce(${option("retryBackoff", "retry_backoff", "bool")}, false) as retry_backoff,
      ${option("retryDelayMax", "retry_delay_max", "int")} as retry_delay_max,
      ${option("deadLetter", "dead_letter", "text")} as dead_letter,
      coalesce(${option("expireInSeconds", "expire_seconds", "float8")}, 900) * 1000 as expire
    from ${table("schedule")} schedule join ${table("queue")} queue on queue.name = schedule.name order by schedule.name`;
}

function scheduleOf(row: BossSchedule): ForeignSchedule {
  const { name, key, kind, missed, timezone, data } = row;
  return {
    name: key ? `${name}:${key}` : name,
    plan() {
      if (kind === "rrule") throw new RangeError(`a recurrence rule (${row.cron}) has no counterpart`);
      const { unique, limit } = policyOf(row);
      return [
        cron(row.cron),
        {
          ...{ topic: name, payload: data, timezone: timezone ?? "UTC", missed: missed === "once" ? "one" : "skip" },
          ...{ unique: unique?.key ?? false, options: { ...optionsOf(row), limit } },
        },
      ];
    },
  };
}

function jobOf(row: BossJob, groupConcurrency: number | undefined): ForeignJob {
  const policy = policyOf(row);
  const group = row.group_id === null ? undefined : `${row.name}:${row.group_id}`;
  return {
    id: row.id,
    rank: row.micros,
    createdAt: Number(row.created),
    topic: row.name,
    payload: row.data,
    options: {
      ...optionsOf(row),
      // Of a strict order the job that is tried again is the first, and waits for nothing.
      at: Number(row.policy === "key_strict_fifo" && row.state === "retry" ? row.created : row.start),
      limit: policy.limit ?? (group && groupConcurrency ? { key: group, concurrency: groupConcurrency } : undefined),
      unique: row.is_upserted ? { key: keyOf(row), while: "queued" } : policy.unique,
    },
    attempts: row.is_started ? row.retry_count + 1 : 0,
    expiresAt: row.state === "created" ? Number(row.keep) : undefined, // it keeps what was tried
    failed: row.state === "failed" ? { at: Number(row.completed) } : undefined,
    error: textOf(row.output ?? row.source_output),
  };
}

function optionsOf(row: BossRules): EnqueueOptions {
  return {
    weight: row.policy === "key_strict_fifo" ? 0 : weightOf(0 - row.priority), // no priority changes that order
    maxRetries: row.retry_limit,
    retry: retryOf(row),
    timeout: Math.max(1, row.expire),
    origin: "pg-boss",
    ...(row.dead_letter !== null && { onExhausted: { topic: row.dead_letter } }),
  };
}

function retryOf({ retry_delay, retry_backoff, retry_delay_max }: BossRules): EnqueueOptions["retry"] {
  if (!retry_backoff) return constant(retry_delay * 1000);
  const delay = Math.max(1, retry_delay) * 1000;
  // It doubles at most 15 times, and waits up to twice as long by chance.
  const max = Math.min(delay * 2 ** 16, (retry_delay_max ?? Number.POSITIVE_INFINITY) * 1000);
  return exponential({ min: Math.min(delay, max), max, factor: 2, jitter: 1 });
}

const keyOf = ({ name, singleton_key }: BossRules): string => `${name}:${singleton_key ?? ""}`;

/** What the policy of the queue means for one job: only of these is a `singletonKey` a key. */
function policyOf(row: BossRules & { readonly state?: BossJob["state"] }): {
  readonly unique?: { readonly key: string; readonly while: "queued" | "live" };
  readonly limit?: { readonly key: string; readonly concurrency: 1 };
} {
  const key = keyOf(row);
  const isTried = row.state !== undefined && row.state !== "created"; // one that waits for a retry is not queued there
  const inTurn = { limit: { key, concurrency: 1 } } as const;
  const onceQueued = isTried ? {} : ({ unique: { key, while: "queued" } } as const);
  switch (row.policy) {
    case "short":
      return onceQueued;
    case "stately":
      return { ...onceQueued, ...inTurn };
    case "exclusive":
      return { unique: { key, while: "live" } };
    case "singleton":
    case "key_strict_fifo":
      return inTurn;
    default:
      return {};
  }
}

/** Errors are stored as objects with a message, anything else as it was. */
function textOf(output: unknown): string | undefined {
  if (output === null || output === undefined) return undefined;
  const { message, value } = (typeof output === "object" ? output : {}) as Record<string, unknown>;
  const nested = (value as { message?: unknown } | null | undefined)?.message;
  return String(message ?? nested ?? JSON.stringify(output));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMigration(["postgres", "schema", "group-concurrency"], async (options) => {
    const { postgres, schema, "group-concurrency": concurrency } = options;
    const pool = new pg.Pool({ connectionString: postgres });
    const groupConcurrency = concurrency === undefined ? undefined : Number(concurrency);
    return { ...pgBossSource(pool, { schema, groupConcurrency }), close: () => pool.end() };
  });
}
