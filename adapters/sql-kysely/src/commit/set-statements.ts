import { HEAD_COLUMNS } from "../job/columns.ts";
import type { Layout } from "../schema/layout.ts";
import { type Statement, statement } from "../statement/statement.ts";
import { CHANGE_SETS, type ChangeSet, type ChangeSetName } from "./change-sets.ts";

/** A set of changes as statements. */
export interface SetStatements {
  /** Answers the heads of the jobs after it. */
  readonly whole: Statement;
  /**
   * For changes by holders that know the rest: wants to be told when the reservation began, and returns what a
   * reservation can change.
   */
  readonly brief: Statement | undefined;
}

/**
 * Statements for each set of changes, for databases that return the rows of an update.
 * @param waits whether they wait for what others have locked
 */
export function setStatements(layout: Layout, waits: boolean): Readonly<Record<ChangeSetName, SetStatements>> {
  const made = Object.entries(CHANGE_SETS).map(([name, set]: readonly [string, ChangeSet]) => {
    const whole = setStatement(layout, set, Object.keys(HEAD_COLUMNS), waits);
    const since = { shape: { ...set.shape, since: "big" }, guard: "j.reserved_at = i.since" } as const;
    const brief = isHeld(set) ? setStatement(layout, { ...set, ...since }, BRIEF, waits) : undefined;
    return [name, { whole, brief }];
  });
  return Object.fromEntries(made) as Record<ChangeSetName, SetStatements>;
}

/** What others may change of a job that somebody holds. */
const BRIEF = ["id", "lease_until", "progress", "unique_key", "woken", "links"];

/** True for sets whose changes only a holder can make. */
function isHeld(set: ChangeSet): boolean {
  return "token" in set.shape;
}

function setStatement(layout: Layout, set: ChangeSet, answer: readonly string[], waits: boolean): Statement {
  const { tables } = layout;
  const dialect = waits ? layout.dialect : { ...layout.dialect, ...layout.dialect.hurried };
  const guards = [
    "j.id = i.id",
    // Spelled so that no index on a state is used: by the key is better, even when the planner counts few in the state.
    `j.state || '' = '${set.from}'`,
    ...(isHeld(set) ? ["j.token = i.token"] : []),
    ...(set.guard ? [set.guard] : []),
  ];
  const update = dialect.update({
    table: tables.jobs,
    assign: set.assign,
    from: dialect.rows(":rows", "i", set.shape),
    where: guards.join(" and "),
  });
  const text = counted(layout, update, set, answer);
  return statement(dialect, text);
}

/**
 * The update, returning columns of the rows it made, and counting what it moved in the same statement where writes
 * nest. No set makes a job wait for others by their names, so the state and the instant tell the bucket.
 * @param picked a common table expression that the update reads from
 */
export function counted(
  layout: Layout,
  update: string,
  { from, assign }: Pick<ChangeSet, "from" | "assign">,
  answer: readonly string[],
  picked?: string,
): string {
  const { dialect, tables } = layout;
  const returning = (columns: readonly string[]): string => `${update} ${dialect.returning?.(columns) ?? ""}`;
  if (!dialect.writesNest || !("state" in assign)) return `${picked ? `with ${picked}` : ""} ${returning(answer)}`;
  const mayBlock = assign.state?.includes("'delayed'");
  const bucket = mayBlock
    ? "case when u.state = 'delayed' and u.run_at is null then 'blocked' else u.state end"
    : "u.state";
  const told = [...answer, "topic", "state", ...(mayBlock ? ["run_at"] : [])];
  return `with ${picked ? `${picked},` : ""} u as (${returning([...new Set(told)])}),
    c as (insert into ${tables.counts} (topic, source, target, n)
      select u.topic, '${from}', ${bucket}, count(*) from u group by u.topic, ${bucket})
    select ${answer.map((name) => `u.${name}`).join(", ")} from u`;
}
