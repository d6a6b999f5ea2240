import type { Layout, TableName } from "./layout.ts";
import type { NewColumn, NewIndex, OldIndex, TableChanges } from "./migration.ts";

/** The statements that add columns; those that are worked out need one each on MySQL. */
export function addColumns({ dialect, tables }: Layout, columns: readonly NewColumn[]): string[] {
  const add = (table: TableName, parts: readonly NewColumn[]): string => {
    const unless = dialect.name === "postgres" ? "if not exists " : "";
    return `alter table ${tables[table]} ${parts.map(({ name, type }) => `add column ${unless}${name} ${type}`).join(", ")}`;
  };
  const together = columns.filter(({ type }) => dialect.name !== "sqlite" && !type.includes("generated"));
  const alone = columns.filter((column) => !together.includes(column));
  const names = [...new Set(together.map(({ table }) => table))];
  return [
    ...names.map((name) =>
      add(
        name,
        together.filter(({ table }) => table === name),
      ),
    ),
    ...alone.map((column) => add(column.table, [column])),
  ];
}

/** The statement that builds an index; on PostgreSQL `online`, while others write. */
export function createIndex(layout: Layout, { table, name, on, where, unique }: NewIndex, online = false): string {
  const { dialect, tables } = layout;
  const kind = unique ? "unique index" : "index";
  if (dialect.name === "mysql") return `alter table ${tables[table]} add ${kind} ${name} (${on})`;
  const how = online && dialect.name === "postgres" ? "concurrently if not exists" : "if not exists";
  return `create ${kind} ${how} ${layout.index(name, table)} (${on})${where === undefined ? "" : ` where ${where}`}`;
}

/** The statement that drops an index. */
export function dropIndex({ dialect, tables, indexName }: Layout, { table, name }: OldIndex, online = false): string {
  if (dialect.name === "mysql") return `alter table ${tables[table]} drop index ${name}`;
  const how = online && dialect.name === "postgres" ? "concurrently if exists" : "if exists";
  return `drop index ${how} ${indexName(name)}`;
}

/** The statements that change indexes. */
export function indexChanges(layout: Layout, { indexes, dropped }: TableChanges, online: boolean): string[] {
  return [
    ...indexes.map((index) => createIndex(layout, index, online)),
    ...dropped.map((index) => dropIndex(layout, index, online)),
  ];
}
