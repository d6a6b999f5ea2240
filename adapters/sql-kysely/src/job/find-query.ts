import { JOB_STATES, type JobQuery } from "@jobq/core";
import type { Layout } from "../schema/layout.ts";
import { toRows } from "../statement/rows.ts";
import { type Rows, type Statement, statement, type Value, type Values } from "../statement/statement.ts";
import { toText } from "../statement/text.ts";
import { columnList, HEAD_COLUMNS } from "./columns.ts";
import { tagOf } from "./tag.ts";

/** A query as SQL, with values for its parameters. */
export interface FindQuery {
  readonly statement: Statement;
  readonly values: Values;
}

/** The select for a query. Tags are found through their own table, everything else in the jobs. */
export function findQuery({ dialect, tables }: Layout, query: JobQuery): FindQuery {
  const values: Record<string, Value | Rows> = { limit: query.limit };
  const where: string[] = [];
  const hold = (condition: string, name: string, value: Value | Rows | undefined): void => {
    if (value === undefined) return;
    where.push(condition);
    values[name] = value;
  };
  hold("j.id > :after", "after", query.after);
  hold("j.topic = :topic", "topic", query.topic === undefined ? undefined : toText(query.topic));
  hold("j.name = :name", "name", query.name === undefined ? undefined : toText(query.name));
  hold("j.bundle = :bundle", "bundle", query.group);
  hold("j.reason = :reason and j.state = 'canceled'", "reason", query.reason);
  hold("j.lease_until <= :lease and j.state = 'reserved'", "lease", query.leaseEndsBy);
  hold("j.finished_at <= :finished and j.state in ('done', 'canceled')", "finished", query.finishedBy);
  // Spelled out, so that it can be matched with the indexes that hold the jobs of one state.
  if (query.state !== undefined) where.push(JOB_STATES.includes(query.state) ? `j.state = '${query.state}'` : "1 = 0");
  const [tag, ...more] = Object.entries(query.tags ?? {}).map(([name, value]) => tagOf(name, value));
  hold("t.tag = :tag", "tag", tag);
  hold(
    `not exists (select 1 from ${dialect.rows(":more", "i", { tag: "key" })} where not exists
      (select 1 from ${tables.tags} as o where o.tag = i.tag and o.job_id = j.id))`,
    "more",
    more.length > 0 ? toRows(more.map((tag) => ({ tag }))) : undefined,
  );
  const from = `${tables.jobs} as j ${tag === undefined ? "" : `join ${tables.tags} as t on t.job_id = j.id`}`;
  const text = `select ${columnList(HEAD_COLUMNS, "j")} from ${from}
    ${where.length ? `where ${where.join(" and ")}` : ""} order by j.id limit :limit`;
  return { statement: statement(dialect, text, true), values };
}
