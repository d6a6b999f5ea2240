import type { Kind } from "../dialect/dialect.ts";
import { conditions, expressions } from "../job/conditions.ts";
import type { Layout } from "./layout.ts";
import type { NewColumn, NewIndex, TableChanges } from "./migration.ts";

/** What jobs say of links, groups, limits and suspension; null for a job that has nothing to do with them. */
const COLUMNS = {
  ...{ expires_at: "big", unique_span: "word", parent: "id", group_key: "key", limit_key: "key", limit_size: "int" },
  ...{ data: "text", awaits: "key", woken: "small", slot: "int", links: "int" },
} as const satisfies Readonly<Record<string, Kind>>;

/** Version 2: ports version 2. Code of version 1 goes on with it, and leaves the new columns null. */
export function changesOf2(layout: Layout): TableChanges {
  const { types, partialIndexes } = layout.dialect;
  const columns = Object.entries(COLUMNS).map(([name, kind]) => ({ table: "jobs", name, type: types[kind] }) as const);
  return {
    columns: partialIndexes ? columns : [...columns, ...generatedColumns(layout)],
    indexes: partialIndexes ? partial(layout) : whole(),
    dropped: ["jobs_unique", "jobs_bundle"].map((name) => ({ table: "jobs", name })),
  };
}

/** Groups have their own column: that of version 1 holds no more than ids on MySQL. */
export function statementsOf2({ dialect, tables }: Layout): readonly string[] {
  const group = `update ${tables.jobs} set group_key = bundle where bundle is not null and group_key is null`;
  const kind = `alter table ${tables.notes} modify kind ${dialect.types.label} not null`;
  return dialect.name === "mysql" ? [group, kind] : [group];
}

/** Columns that are null where an index on them is to leave a row out. */
function generatedColumns({ dialect }: Layout): NewColumn[] {
  const { heldKey, outstanding, ended, liveSlot } = expressions(dialect, "");
  const generated = (name: string, type: string, as: string): NewColumn => ({
    table: "jobs",
    name,
    type: `${type} generated always as (${as}) virtual`,
  });
  const { key, small, int } = dialect.types;
  return [
    generated("held_key", key, heldKey),
    generated("outstanding", key.replace("512", "513"), outstanding),
    generated("ended", small, ended),
    generated("live_slot", int, liveSlot),
  ];
}

function partial({ dialect }: Layout): NewIndex[] {
  const { isLive, holdsKey } = conditions("");
  const { outstanding, ended, liveSlot } = expressions(dialect, "");
  const index = (name: string, on: string, where: string): NewIndex => ({ table: "jobs", name, on, where });
  return [
    { ...index("jobs_held", "unique_key", holdsKey), unique: true },
    { ...index("jobs_slot", `limit_key, (${liveSlot})`, "limit_key is not null"), unique: true },
    index("jobs_outstanding", `(${outstanding}), weight, id`, `(${outstanding}) is not null`),
    index("jobs_group", `group_key, (${ended}), id`, "group_key is not null"),
    index("jobs_live_key", "unique_key", `unique_key is not null and ${isLive}`), // for code of version 1
  ];
}

/** The same for MySQL, where every row is in every index. */
function whole(): NewIndex[] {
  const index = (name: string, on: string): NewIndex => ({ table: "jobs", name, on });
  return [
    { ...index("jobs_held", "held_key"), unique: true },
    { ...index("jobs_slot", "limit_key, live_slot"), unique: true },
    index("jobs_outstanding", "outstanding, weight"),
    index("jobs_group", "group_key, ended"),
    index("jobs_live_key", "live_key"),
  ];
}
