import type { Run } from "../session/run.ts";
import { addColumns, createIndex, dropIndex } from "./change-statements.ts";
import type { Layout, TableName } from "./layout.ts";
import type { TableChanges } from "./migration.ts";

/** Adds those columns that are not there, since no statement may be run twice. */
export async function addMissingColumns(run: Run, layout: Layout, { columns }: TableChanges): Promise<void> {
  const missing = [];
  for (const column of columns) {
    if (!(await names(run, layout, column.table, "column")).has(column.name)) missing.push(column);
  }
  for (const text of addColumns(layout, missing)) await run(text);
}

/** Builds those indexes that are not there and drops those that are, each while others write. */
export async function changeIndexes(run: Run, layout: Layout, { indexes, dropped }: TableChanges): Promise<void> {
  for (const index of indexes) {
    if (!(await names(run, layout, index.table, "index")).has(index.name)) await run(createIndex(layout, index));
  }
  for (const index of dropped) {
    if ((await names(run, layout, index.table, "index")).has(index.name)) await run(dropIndex(layout, index));
  }
}

async function names(run: Run, layout: Layout, table: TableName, of: "column" | "index"): Promise<ReadonlySet<string>> {
  const schema = layout.schema === undefined ? "database()" : layout.dialect.literal(layout.schema);
  const view = of === "column" ? "columns" : "statistics";
  const rows = await run(`select ${of}_name as name from information_schema.${view}
    where table_schema = ${schema} and table_name = '${layout.prefix}${table}'`);
  return new Set(rows.map(({ name }) => name as string));
}
