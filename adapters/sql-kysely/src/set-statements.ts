import { CHANGE_SETS, type ChangeSet, type ChangeSetName } from "./change-sets.ts";
import { HEAD_COLUMNS } from "./columns.ts";
import type { Layout } from "./layout.ts";
import { type Statement, statement } from "./statement.ts";

/** A statement for each set of changes, for databases that answer the rows of an update. */
export function setStatements(layout: Layout): Readonly<Record<ChangeSetName, Statement>> {
  const made = Object.entries(CHANGE_SETS).map(([name, set]) => [name, setStatement(layout, set as ChangeSet)]);
  return Object.fromEntries(made) as Record<ChangeSetName, Statement>;
}

function setStatement(layout: Layout, set: ChangeSet): Statement {
  const { dialect, tables } = layout;
  const guards = [
    "j.id = i.id",
    // Spelled so that no index on a state is used: by the key is better, even when the planner counts few in the state.
    `j.state || '' = '${set.from}'`,
    ...("token" in set.shape ? ["j.token = i.token"] : []),
    ...(set.guard ? [set.guard] : []),
  ];
  const update = dialect.update({
    table: tables.jobs,
    assign: set.assign,
    from: dialect.rows(":rows", "i", set.shape),
    where: guards.join(" and "),
  });
  return statement(
    layout.dialect,
    counted(layout, `${update} ${dialect.returning?.(Object.keys(HEAD_COLUMNS)) ?? ""}`, set),
  );
}

/**
 * The update with the counting of what it moved in the same statement, where the dialect can nest writes. No set makes
 * a job wait for others, so the state alone is the bucket.
 * @param picked a common table expression that the update reads from
 */
export function counted(
  layout: Layout,
  update: string,
  { from, assign }: Pick<ChangeSet, "from" | "assign">,
  picked?: string,
): string {
  const { dialect, tables } = layout;
  if (!dialect.writesNest || !("state" in assign)) return picked ? `with ${picked} ${update}` : update;
  return `with ${picked ? `${picked},` : ""} u as (${update}),
    c as (insert into ${tables.counts} (topic, source, target, n)
      select u.topic, '${from}', u.state, count(*) from u group by u.topic, u.state)
    select * from u`;
}
