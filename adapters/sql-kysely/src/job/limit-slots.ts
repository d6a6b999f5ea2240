import { compareEntries, type JobHead, type LimitSlots } from "@jobq/core";
import type { Layout } from "../schema/layout.ts";
import type { Executor } from "../session/sql-session.ts";
import { chunksOf } from "../statement/chunks.ts";
import { toRows } from "../statement/rows.ts";
import { type Row, type Statement, statement, type Values } from "../statement/statement.ts";
import { toText } from "../statement/text.ts";
import { columnList, HEAD_COLUMNS } from "./columns.ts";
import { computed } from "./conditions.ts";
import type { RowReader } from "./row-reader.ts";

/** The statements that read the slots of limits. */
export interface SlotStatements {
  /** Selects the slots that are held of these limits. */
  held(limitKeys: readonly string[]): { readonly statement: Statement; readonly values: Values };
  /** The first `count` jobs that wait for a slot of one limit, in order. */
  readonly waiting: Statement;
  /** The same of each limit of `rows`, in any order; undefined where no select can look at what is beside it. */
  readonly waitingEach: Statement | undefined;
}

/** What finds the jobs that wait for a slot of the key. */
export function waitingFor(limitKey: string): string {
  return `s${toText(limitKey)}`;
}

/** Prepares them for a layout. */
export function slotStatements({ dialect, tables }: Layout): SlotStatements {
  const { liveSlot } = computed(dialect);
  const columns = columnList(HEAD_COLUMNS, "j");
  const line = (alias: string, name: string): string => {
    const { outstanding } = computed(dialect, `${alias}.`);
    return `from ${tables.jobs} as ${alias} ${dialect.useIndex("jobs_outstanding")}
      where ${outstanding} = ${name} order by ${alias}.weight, ${alias}.id limit :count`;
  };
  const each = dialect.forEach?.(tables.jobs, `select w.id ${line("w", "i.outstanding")}`);
  const limits = dialect.rows(":rows", "i", { outstanding: "key" });
  const slots = `select j.limit_key, ${liveSlot} as slot from`;
  const jobs = `${tables.jobs} as j ${dialect.useIndex("jobs_slot")}`;
  const joined = statement(
    dialect,
    `${slots} ${dialect.sought(":rows", "i", { limit_key: "key" })} ${dialect.join} ${jobs}
     on ${dialect.has("j.limit_key", "i.limit_key")} where j.limit_key is not null and ${liveSlot} >= 0`,
  );
  const among = (names: readonly string[]): Statement =>
    statement(
      dialect,
      `${slots} ${jobs} where j.limit_key in (${names.map((name) => `:${name}`).join(", ")}) and ${liveSlot} >= 0`,
      "once",
    );
  return {
    held(limitKeys) {
      const keys = limitKeys.map(toText);
      if (dialect.joinsByRange) {
        return { statement: joined, values: { rows: toRows(keys.map((limit_key) => ({ limit_key }))) } };
      }
      const values = Object.fromEntries(keys.map((key, index) => [`key${index}`, key]));
      return { statement: among(Object.keys(values)), values };
    },
    waiting: statement(dialect, `select ${columns} ${line("j", ":outstanding")}`),
    waitingEach: each === undefined ? undefined : statement(dialect, `select ${columns} from ${limits} ${each}`),
  };
}

/** The slots of each of the limits' keys, and the first `count` jobs that wait for one. */
export async function limitSlots(
  { run }: Executor,
  statements: SlotStatements,
  reader: RowReader,
  limitKeys: readonly string[],
  count: number,
): Promise<LimitSlots[]> {
  const chunks = chunksOf([...new Set(limitKeys)]);
  const line = (key: string): Promise<JobHead[]> => {
    const outstanding = waitingFor(key);
    return reader.first(
      count,
      (count) => run(statements.waiting, { outstanding, count }),
      (row) => reader.head(row),
    );
  };
  const { waitingEach } = statements;
  const together = waitingEach !== undefined && limitKeys.length > 1;
  const heldOf = (keys: readonly string[]): Promise<readonly Row[]> => {
    const { statement, values } = statements.held(keys);
    return run(statement, values);
  };
  const waitingOf = async (keys: readonly string[]): Promise<readonly Row[]> => {
    const rows = toRows(keys.map((key) => ({ outstanding: waitingFor(key) })));
    return together ? run(waitingEach, { rows, count }) : [];
  };
  const [held, each] = await Promise.all([Promise.all(chunks.map(heldOf)), Promise.all(chunks.map(waitingOf))]);
  const [heldByKey, eachByKey] = [byLimitKey(held.flat()), byLimitKey(each.flat())];
  return Promise.all(
    limitKeys.map(async (key) => {
      const rows = eachByKey.get(toText(key)) ?? [];
      const heads = reader.heads(rows);
      // In place of rows that make no sense there may be others.
      const isShort = heads.length < rows.length && rows.length === count;
      const waiting = together && !isShort ? heads.sort(compareEntries) : await line(key);
      return { held: (heldByKey.get(toText(key)) ?? []).map(({ slot }) => Number(slot)), waiting };
    }),
  );
}

function byLimitKey(rows: readonly Row[]): Map<unknown, Row[]> {
  const byKey = new Map<unknown, Row[]>();
  for (const row of rows) {
    const same = byKey.get(row.limit_key);
    if (same) same.push(row);
    else byKey.set(row.limit_key, [row]);
  }
  return byKey;
}
