import { CHANGE_SETS, type ChangeSet } from "./change-sets.ts";
import { columnList, DUE, HEAD_COLUMNS, JOB_COLUMNS } from "./columns.ts";
import type { Shape } from "./dialect.ts";
import type { Layout } from "./layout.ts";
import { counted } from "./set-statements.ts";
import { type Statement, statement } from "./statement.ts";

/** What a claim is as a row. */
const CLAIM = { topic: "key", most: "int", now_at: "big", holder: "text", lease_ms: "big" } as const satisfies Shape;

/** The statements that pick jobs by what they are, and change them. */
export interface ClaimStatements {
  readonly reserve: Statement;
  readonly promote: Statement;
  readonly expire: Statement;
}

/** The next jobs of a topic, the due jobs, and the jobs whose lease has ended: each by its index, in its order. */
function picks({ dialect, tables }: Layout, topic: string, limit: string) {
  const from = (index: string) => `from ${tables.jobs} as j ${dialect.useIndex(index)}`;
  const tail = (order: string) => `order by ${order} limit ${limit} ${dialect.lockFree}`;
  return {
    reserve: `${from("jobs_ready")} where j.topic = ${topic} and j.state = 'ready'
      and not exists (select 1 from ${tables.topics} as t where t.topic = ${topic} and t.paused = 1)
      ${tail("j.weight, j.id")}`,
    promote: `${from("jobs_due")} where ${dialect.dueAt} <= :now and ${DUE} ${tail(dialect.dueAt)}`,
    expire: `${from("jobs_lease")} where j.state = 'reserved' and j.lease_until <= :now ${tail("j.lease_until")}`,
  };
}

/** One statement that picks, changes and answers: for dialects whose updates answer rows. */
export function claimStatements(layout: Layout): ClaimStatements {
  const { dialect } = layout;
  const plain = picks(layout, ":topic", ":limit");
  const row = `j.${dialect.rowId} as row_id`;
  const now = "cast(:now as bigint) as now_at";
  // Where a statement can look into a topic for each of several rows, it takes all claims at once.
  const reserve = dialect.writesNest
    ? `select p.row_id, c.now_at, c.holder, c.lease_ms from ${dialect.rows(":claims", "c", CLAIM)}
       cross join lateral (select ${row} ${picks(layout, "c.topic", "c.most").reserve}) as p`
    : `select ${row}, ${now}, cast(:holder as text) as holder, cast(:lease as bigint) as lease_ms ${plain.reserve}`;
  const made = (pick: string, { from, assign }: Pick<ChangeSet, "from" | "assign">, columns: Shape): Statement => {
    const update = dialect.update({
      table: layout.tables.jobs,
      assign,
      from: "i",
      where: `j.${dialect.rowId} = i.row_id`,
    });
    const picked = `i as materialized (${pick})`;
    return statement(
      dialect,
      counted(layout, `${update} ${dialect.returning?.(Object.keys(columns))}`, { from, assign }, picked),
    );
  };
  return {
    reserve: made(reserve, CHANGE_SETS.reserve, JOB_COLUMNS),
    promote: made(`select ${row}, ${now} ${plain.promote}`, CHANGE_SETS.promote, HEAD_COLUMNS),
    expire: made(`select ${row}, ${now}, cast(null as bigint) as at ${plain.expire}`, CHANGE_SETS.expire, HEAD_COLUMNS),
  };
}

/** The same picks, only locking and answering the jobs: for dialects whose updates answer nothing. */
export function lockStatements(layout: Layout): ClaimStatements {
  const plain = picks(layout, ":topic", ":limit");
  const make = (pick: string, columns: Shape): Statement =>
    statement(layout.dialect, `select ${columnList(columns, "j")} ${pick}`);
  return {
    reserve: make(plain.reserve, JOB_COLUMNS),
    promote: make(plain.promote, HEAD_COLUMNS),
    expire: make(plain.expire, HEAD_COLUMNS),
  };
}
