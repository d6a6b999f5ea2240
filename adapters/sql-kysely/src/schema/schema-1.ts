import type { Kind, Shape } from "../dialect/dialect.ts";
import type { Layout, TableName } from "./layout.ts";

const OPTIONAL: ReadonlySet<string> = new Set([
  ...["unique_key", "tags", "bundle", "run_at", "blockers", "lease_until", "reserved_at", "reserved_by"],
  ...["finished_at", "reason", "error", "progress", "result", "at"],
]);

const SHAPES = {
  jobs: {
    ...{ id: "id", topic: "key", name: "key", weight: "small", created_at: "big", max_retries: "big" },
    ...{ max_lease_losses: "big", timeout_ms: "big", backoff_min_ms: "big", backoff_max_ms: "big" },
    ...{ unique_key: "key", tags: "text", bundle: "id", state: "word", token: "big", attempt: "int" },
    ...{ lease_losses: "int", reset_count: "int", run_at: "big", blockers: "text", lease_until: "big" },
    ...{ reserved_at: "big", reserved_by: "text", finished_at: "big", reason: "word", error: "text" },
    ...{ progress: "text", payload: "long", result: "long" },
  },
  notes: { job_id: "id", kind: "word", note_key: "key", value: "long", at: "big" },
  tags: { tag: "key", job_id: "id" },
  counts: { topic: "key", source: "word", target: "word", n: "big" },
  topics: { topic: "key", paused: "small" },
  entries: { id: "id", topic: "key", weight: "small", at: "big" },
} as const satisfies Partial<Record<TableName, Shape>>;

const KEYS: Readonly<Record<keyof typeof SHAPES, string>> = {
  jobs: "id",
  notes: "job_id, kind, note_key",
  tags: "tag, job_id",
  counts: "seq",
  topics: "topic",
  entries: "id",
};

const LIVE = "('delayed', 'ready', 'reserved')";
const DUE = "state = 'delayed' and blockers is null and run_at is not null";

/** The tables of version 1, and what finds rows in them. */
export function firstTables(layout: Layout): readonly string[] {
  const { dialect, tables } = layout;
  return [
    ...(Object.keys(SHAPES) as (keyof typeof SHAPES)[]).map((name) => {
      const extra = dialect.partialIndexes ? [] : wholeIndexes(name, dialect.types);
      const parts = [...columns(layout, SHAPES[name]), `primary key (${KEYS[name]})`, ...extra];
      if (name === "counts") parts.unshift(`seq ${dialect.serial}`);
      return `create table if not exists ${tables[name]} (${parts.join(", ")})${dialect.tableSuffix}`;
    }),
    ...(dialect.partialIndexes ? partialIndexes(layout) : []),
    ...(dialect.name === "postgres" ? storageSettings(layout) : []),
  ];
}

function columns({ dialect }: Layout, shape: Shape): string[] {
  return Object.entries(shape).map(
    ([name, kind]) => `${name} ${dialect.types[kind]}${OPTIONAL.has(name) ? "" : " not null"}`,
  );
}

/** Each holds only the rows that somebody looks for there, so that history costs nothing. */
function partialIndexes(layout: Layout): string[] {
  const index = (name: string, table: TableName, of: string, where: string, unique = ""): string =>
    `create ${unique}index if not exists ${layout.index(name, table)} (${of}) where ${where}`;
  return [
    index("jobs_ready", "jobs", "topic, weight, id", "state = 'ready'"),
    index("jobs_due", "jobs", "run_at", DUE),
    index("jobs_lease", "jobs", "lease_until", "state = 'reserved'"),
    index("jobs_finished", "jobs", "finished_at", "state in ('done', 'canceled')"),
    index("jobs_canceled", "jobs", "id", "state = 'canceled'"),
    index("jobs_bundle", "jobs", "bundle, id", "bundle is not null"),
    index("jobs_unique", "jobs", "unique_key", `unique_key is not null and state in ${LIVE}`, "unique "),
    index("tags_job", "tags", "job_id", "job_id is not null"),
    index("entries_ready", "entries", "topic, weight, id", "at is null"),
    index("entries_due", "entries", "at", "at is not null"),
  ];
}

/** The same for MySQL, where every row is in every index; columns that are null outside of a state stand in. */
function wholeIndexes(table: keyof typeof SHAPES, types: Readonly<Record<Kind, string>>): string[] {
  if (table === "tags") return ["key tags_job (job_id)"];
  if (table === "entries") return ["key entries_ready (topic, at, weight, id)", "key entries_due (at)"];
  if (table !== "jobs") return [];
  const generated = (name: string, kind: Kind, as: string): string =>
    `${name} ${types[kind]} generated always as (${as}) virtual`;
  return [
    generated("live_key", "key", `case when state in ${LIVE} then unique_key end`),
    generated("due_at", "big", "case when state = 'delayed' and blockers is null then run_at end"),
    "unique key jobs_unique (live_key)",
    "key jobs_ready (state, topic, weight, id)",
    "key jobs_due (due_at)",
    "key jobs_lease (lease_until)",
    "key jobs_finished (finished_at)",
    "key jobs_bundle (bundle, id)",
  ];
}

/**
 * A job is written three times in its life, so space is left for the next version of a row, and vacuum comes by a
 * number of dead rows, not by a share of a history that may be huge.
 */
function storageSettings({ tables }: Layout): string[] {
  const vacuum = (threshold: number, scale: number): string =>
    `autovacuum_vacuum_threshold = ${threshold}, autovacuum_vacuum_scale_factor = ${scale}`;
  return [
    `alter table ${tables.jobs} set (fillfactor = 85, ${vacuum(10_000, 0.01)}, autovacuum_analyze_scale_factor = 0.02)`,
    `alter table ${tables.entries} set (fillfactor = 85, ${vacuum(10_000, 0.01)})`,
    `alter table ${tables.counts} set (${vacuum(2_000, 0)})`,
  ];
}
