import { JOB_STATES } from "@jobq/core";
import type { Layout } from "../schema/layout.ts";
import type { Fields } from "../statement/rows.ts";
import { type Row, type Statement, statement } from "../statement/statement.ts";
import { isText } from "../statement/text.ts";

/** By how much the counts are less than the jobs, as of one instant: of each topic and bucket of which they are not right. */
export function recountStatement({ dialect, tables }: Layout): Statement {
  const bucket = `case when j.state = 'delayed' and (j.run_at is null or j.blockers is not null) then 'blocked'
    else j.state end`;
  const states = JOB_STATES.map((state) => `'${state}'`).join(", ");
  const counted = (end: "source" | "target", sum: string): string =>
    `select topic, ${end} as bucket, ${sum} as n from ${tables.counts} where ${end} <> '' group by topic, ${end}`;
  return statement(
    dialect,
    `select c.topic, c.bucket, sum(c.n) as n from (
       select j.topic, ${bucket} as bucket, count(*) as n from ${tables.jobs} as j where j.state in (${states})
         group by j.topic, ${bucket}
       union all ${counted("source", "sum(n)")} union all ${counted("target", "-sum(n)")}
     ) as c group by c.topic, c.bucket having sum(c.n) <> 0`,
  );
}

/** What puts the counts right, from what the statement returned. */
export function missingCounts(rows: readonly Row[]): Fields[] {
  return rows
    .filter(({ topic }) => isText(topic as string))
    .map(({ topic, bucket, n }) => ({ topic: topic as string, source: "", target: bucket as string, n: Number(n) }));
}
