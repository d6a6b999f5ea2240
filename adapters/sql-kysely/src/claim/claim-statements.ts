import { CHANGE_SETS, type ChangeSet } from "../commit/change-sets.ts";
import { counted } from "../commit/set-statements.ts";
import type { Shape } from "../dialect/dialect.ts";
import { CLAIMED_COLUMNS, columnList, HEAD_COLUMNS, JOB_COLUMNS } from "../job/columns.ts";
import { computed, conditions } from "../job/conditions.ts";
import type { Layout } from "../schema/layout.ts";
import { type Statement, statement } from "../statement/statement.ts";

/** What a claim is as a row. */
const CLAIM = {
  ...{ topic: "key", most: "int", now_at: "big", holder: "text", lease_ms: "big" },
  ...{ cursor_weight: "small", cursor_id: "id" },
} as const satisfies Shape;

type Picked = Pick<ChangeSet, "from" | "assign">;

/** The statements that pick jobs by what they are, and change them. */
export interface ClaimStatements {
  readonly reserve: Statement;
  readonly promote: Statement;
  readonly expire: Statement;
}

const FROM_CURSOR = "and (j.weight, j.id) >= (c.cursor_weight, c.cursor_id)";

/** The next jobs of a topic, the due jobs, and the jobs whose lease has ended: each by its index, in its order. */
function picks({ dialect, tables }: Layout, topic: string, limit: string, cursor = "") {
  const { dueAt } = computed(dialect);
  const from = (index: string) => `from ${tables.jobs} as j ${dialect.useIndex(index)}`;
  const tail = (order: string) => `order by ${order} limit ${limit} ${dialect.lockFree}`;
  return {
    reserve: `${from("jobs_ready")} where j.topic = ${topic} and j.state = 'ready' ${cursor}
      and not exists (select 1 from ${tables.topics} as t where t.topic = ${topic} and t.paused = 1)
      ${tail("j.weight, j.id")}`,
    promote: `${from("jobs_due")} where ${dueAt} <= :now and ${conditions().isDue} ${tail(dueAt)}`,
    expire: `${from("jobs_lease")} where j.state = 'reserved' and j.lease_until <= :now ${tail("j.lease_until")}`,
  };
}

/** One statement that picks, changes and returns: for dialects whose updates return rows. */
export function claimStatements(layout: Layout): ClaimStatements {
  const { dialect } = layout;
  const row = `j.${dialect.rowId} as row_id`;
  const claims = (alias: string): string => dialect.rows(":claims", alias, CLAIM);
  const plain = picks(layout, ":topic", ":limit");
  // Where a statement can look into a topic for each of several rows, it takes all claims at once. The outer limit
  // takes nothing away: it tells a planner, who does not see into the rows, what to expect.
  const inTopic = picks(layout, "c.topic", "c.most", FROM_CURSOR).reserve;
  const ready = dialect.writesNest
    ? `select p.row_id from ${claims("c")}
       cross join lateral (select q.row_id from (select ${row} ${inTopic}) as q limit :most) as p`
    : `select ${row} ${plain.reserve}`;
  const now = "(select cast(:now as bigint) as now_at, cast(null as bigint) as at) as i";
  const made = (pick: string, from: string, where: string, set: Picked, columns: Shape): Statement => {
    const assign = set.assign;
    const isPicked = dialect.isAmong(`j.${dialect.rowId}`, "select row_id from picked");
    const update = dialect.update({ table: layout.tables.jobs, assign, from, where: `${isPicked}${where}` });
    const picked = `picked as materialized (${pick})`;
    return statement(dialect, counted(layout, update, set, Object.keys(columns), { picked }));
  };
  const { reserve, promote, expire } = CHANGE_SETS;
  return {
    reserve: made(ready, claims("i"), " and j.topic = i.topic", reserve, CLAIMED_COLUMNS),
    promote: made(`select ${row} ${plain.promote}`, now, "", promote, HEAD_COLUMNS),
    expire: made(`select ${row} ${plain.expire}`, now, "", expire, HEAD_COLUMNS),
  };
}

/** The same picks, only locking and returning the jobs: for dialects whose updates return nothing. */
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
