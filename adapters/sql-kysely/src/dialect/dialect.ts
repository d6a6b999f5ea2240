/** The families of databases; MariaDB counts as `mysql`. */
export type DialectName = "sqlite" | "postgres" | "mysql";

/**
 * What a column or a field holds: an `id`; a `key` that is compared exactly; a `word` of ours, such as a state; a `label`
 * of up to 32 plain characters; a `text` or a `long` one that is only read back; whole numbers of 16, 32 and 64 bits.
 */
export type Kind = "id" | "key" | "word" | "label" | "text" | "long" | "small" | "int" | "big";

/** Fields with what they hold. */
export type Shape = Readonly<Record<string, Kind>>;

/** A change of the rows `j` that meet the rows `i`. */
export interface SetUpdate {
  readonly table: string;
  /** New values of columns, over `j` and `i`. */
  readonly assign: Readonly<Record<string, string>>;
  /** The rows `i`. */
  readonly from: string;
  readonly where: string;
}

/** Everything in which databases differ, but for their types of errors. */
export interface Dialect {
  readonly name: DialectName;
  quote(identifier: string): string;
  /** A text as it stands in a statement. */
  literal(text: string): string;
  parameter(position: number): string;
  /** The types of columns; texts compare byte by byte. */
  readonly types: Readonly<Record<Kind, string>>;
  /** The type of a column that numbers the rows, given that it is their primary key. */
  readonly serial: string;
  /** What follows the closing bracket of a table. */
  readonly tableSuffix: string;
  /** A table named `alias` from a parameter that holds {@link Rows}; a field left out is null. */
  rows(parameter: string, alias: string, shape: Shape): string;
  /** The same, for rows each of which is looked up in a table by what it {@link has}. */
  sought(parameter: string, alias: string, shape: Shape): string;
  /** The same for a statement that reads no table, whose plan need not be made anew each time. */
  added(parameter: string, alias: string, shape: Shape): string;
  /** That a column has the value by which a {@link sought} row is looked up. */
  has(column: string, value: string): string;
  /** Joins, for each row before it, the rows `j` of a table whose id a select finds that looks at that row; undefined where none can. */
  readonly forEach: ((table: string, select: string) => string) | undefined;
  /** Joins from the few rows to the table that holds them, by its key. */
  readonly join: string;
  /**
   * True when a join that looks for equal values of an index's first column, and greater ones of its second, reads just
   * those of the index.
   */
  readonly joinsByRange: boolean;
  /** Follows the alias of a table that is joined by its key. */
  readonly byKey: string;
  update(update: SetUpdate): string;
  /** Deletes the rows `j` that meet the rows `i`. */
  removeMet(update: Omit<SetUpdate, "assign">): string;
  /**
   * Deletes the rows of a table that have what the {@link sought} rows `i` have in these columns; `index` finds them, by
   * default the key.
   */
  remove(table: string, columns: readonly string[], from: string, index?: string): string;
  /** What follows a select whose rows `j` it locks: waiting for others, or passing over what they hold if it can. */
  readonly lock: string;
  readonly lockFree: string;
  /** False when {@link lockFree} waits as well. */
  readonly skipsLocked: boolean;
  /** True when a statement that was prepared once stays right for tables that have grown since. */
  readonly plansLast: boolean;
  /** What every statement begins with. */
  readonly prefix: string;
  /**
   * In what statements over rows differ that wait for no lock of somebody else, or hardly, but fail; a transaction that
   * runs one may wait for none from then on.
   */
  readonly hurried: Partial<Pick<Dialect, "rows" | "sought" | "added" | "prefix">>;
  /** True when transactions lock single rows, so that a job can be locked while others are not. */
  readonly locksRows: boolean;
  /** What follows a select that reads the rows `j` as they are, whatever the snapshot, and keeps them so; "" where none is old. */
  readonly lockShared: string;
  /** Tells the `isolation` of a transaction that cannot be shown what its snapshot does not have; undefined where it can. */
  readonly isolation: string | undefined;
  /** Turns an insert into one that overwrites the row with the same key. */
  overwrite(key: readonly string[], columns: readonly string[]): string;
  /** Puts two texts together. */
  concat(a: string, b: string): string;
  /** What follows an update of the rows `j` that returns them as it left them; undefined where none can. */
  readonly returning: ((columns: readonly string[]) => string) | undefined;
  /** True when a statement can hold several writes. */
  readonly writesNest: boolean;
  /** Where a row is: the quickest way to one that the same statement has found. */
  readonly rowId: string;
  /** That a column has one of the values of a select; spelled so that no planner reads the whole table for it. */
  isAmong(column: string, select: string): string;
  /** Follows a table's alias to have an index used, where the planner needs telling. */
  useIndex(name: string): string;
  /** The column, spelled so that no index is used for its order or its values. */
  unindexed(column: string): string;
  /** True when an index can leave rows out. */
  readonly partialIndexes: boolean;
  /** True when there are locks by a name, of no row or table. */
  readonly namedLocks: boolean;
  /** The time in milliseconds. */
  readonly now: string;
}
