import type { Shape } from "../dialect/dialect.ts";
import { computed, conditions } from "../job/conditions.ts";
import type { Layout } from "../schema/layout.ts";
import { type Statement, statement } from "../statement/statement.ts";

/** The statements that read and pause topics, however their entries are kept. */
export interface PauseStatements {
  readonly paused: Statement;
  readonly pause: Statement;
  readonly resume: Statement;
}

/** Prepares them for a layout. */
export function pauseStatements({ dialect, tables }: Layout): PauseStatements {
  return {
    paused: statement(dialect, `select topic from ${tables.topics} where paused = 1`),
    pause: statement(
      dialect,
      `insert into ${tables.topics} (topic, paused) values (:topic, 1) ${dialect.overwrite(["topic"], ["paused"])}`,
    ),
    resume: statement(dialect, `delete from ${tables.topics} where topic = :topic`),
  };
}

/** When the next delayed job is due, from the rows of the jobs. */
export function nextDueStatement({ dialect, tables }: Layout): Statement {
  const { dueAt } = computed(dialect);
  return statement(
    dialect,
    `select ${dueAt} as at from ${tables.jobs} as j where ${conditions().isDue} and ${dueAt} is not null
     order by ${dueAt} limit 1`,
  );
}

/** The statements over entries of their own. */
export interface EntryStatements {
  readonly push: Statement;
  readonly next: Statement;
  readonly due: Statement;
  readonly remove: Statement;
  readonly nextDue: Statement;
  readonly sizes: Statement;
}

const ENTRY = { id: "id", topic: "key", weight: "small", at: "big" } as const satisfies Shape;

/** Prepares them for a layout. */
export function entryStatements(layout: Layout): EntryStatements {
  const { dialect, tables } = layout;
  const make = (text: string): Statement => statement(dialect, text);
  const columns = Object.keys(ENTRY);
  return {
    push: make(`insert into ${tables.entries} (${columns.join(", ")})
      select ${columns.map((name) => `i.${name}`).join(", ")} from ${dialect.rows(":rows", "i", ENTRY)} where 1 = 1
      ${dialect.overwrite(["id"], columns.slice(1))}`),
    next: make(`select j.id, j.weight from ${tables.entries} as j where j.topic = :topic and j.at is null
      and not exists (select 1 from ${tables.topics} as t where t.topic = :topic and t.paused = 1)
      order by j.weight, j.id limit :limit ${dialect.lockFree}`),
    due: make(`select j.id from ${tables.entries} as j where j.at is not null and j.at <= :now
      order by j.at limit :limit ${dialect.lockFree}`),
    remove: make(dialect.remove(tables.entries, ["id"], dialect.sought(":rows", "i", { id: "id" }))),
    nextDue: make(`select at from ${tables.entries} where at is not null order by at limit 1`),
    sizes: make(`select topic, case when at is null then 1 else 0 end as ready, count(*) as n
      from ${tables.entries} group by topic, case when at is null then 1 else 0 end`),
  };
}
