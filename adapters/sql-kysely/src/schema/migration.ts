import type { Layout, TableName } from "./layout.ts";

/** A column that a table gets. */
export interface NewColumn {
  readonly table: TableName;
  readonly name: string;
  /** Its type, with what follows that. */
  readonly type: string;
}

/** An index, by its name without the prefix. */
export interface OldIndex {
  readonly table: TableName;
  readonly name: string;
}

/** An index that a table gets. */
export interface NewIndex extends OldIndex {
  readonly on: string;
  /** The rows it holds; all without it. */
  readonly where?: string | undefined;
  readonly unique?: boolean;
}

/** Changes of tables that are in use, made one after the other in this order. */
export interface TableChanges {
  readonly columns: readonly NewColumn[];
  /** Built while others write. */
  readonly indexes: readonly NewIndex[];
  /** Indexes that nobody needs after the new ones are there. */
  readonly dropped: readonly OldIndex[];
}

/** One step of the tables' history. Never changes once released; it may be cut off anywhere and made again. */
export interface Migration {
  /** The oldest version of this code that can use the tables after the step. */
  readonly compatibleFrom: number;
  /** What is done once the columns are there; every statement may be run twice. */
  statements(layout: Layout): readonly string[];
  changes?(layout: Layout): TableChanges;
}
