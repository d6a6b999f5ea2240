import { HEAD_COLUMNS } from "../job/columns.ts";
import type { Layout } from "../schema/layout.ts";
import { type Statement, statement } from "../statement/statement.ts";
import { CHANGE_SETS, type ChangeSet, type ChangeSetName, sourceOf } from "./change-sets.ts";
import { putNotes } from "./note-rows.ts";

/** A set of changes as statements. */
export interface SetStatements {
  /** Returns the heads of the jobs after it. */
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
 * @param noting whether they store the notes of `notes` as well, each if its job was changed; where writes nest
 */
export function setStatements(
  layout: Layout,
  waits: boolean,
  noting: boolean,
): Readonly<Record<ChangeSetName, SetStatements>> {
  const make = (set: ChangeSet, answer: readonly string[]) => setStatement(layout, set, answer, waits, noting);
  const made = Object.entries(CHANGE_SETS).map(([name, set]: readonly [string, ChangeSet]) => {
    const whole = make(set, Object.keys(HEAD_COLUMNS));
    const guard = ["j.reserved_at = i.since", ...(set.guard ? [set.guard] : [])].join(" and ");
    const since = { shape: { ...set.shape, since: "big" }, guard } as const;
    const brief = isHeld(set) ? make({ ...set, ...since }, BRIEF) : undefined;
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

function setStatement(
  layout: Layout,
  set: ChangeSet,
  answer: readonly string[],
  waits: boolean,
  noting: boolean,
): Statement {
  const { tables } = layout;
  const dialect = waits ? layout.dialect : { ...layout.dialect, ...layout.dialect.hurried };
  const guards = [
    dialect.has("j.id", "i.id"),
    // Spelled so that no index on a state is used: by the key is better, even when the planner counts few in the state.
    `j.state || '' = '${set.from}'`,
    ...(isHeld(set) ? ["j.token = i.token"] : []),
    ...(set.guard ? [set.guard] : []),
  ];
  const met = { table: tables.jobs, from: dialect.sought(":rows", "i", set.shape), where: guards.join(" and ") };
  if (set.deletes) return statement(dialect, counted(layout, dialect.removeMet(met), set, answer));
  const update = dialect.update({ ...met, assign: set.assign });
  const notes = noting ? putNotes(layout, layout.dialect, "join u on u.id = i.job_id") : undefined;
  return statement(dialect, counted(layout, update, set, answer, { notes }));
}

/**
 * The update, returning columns of the rows it made, or the deletion, of those it met. Where writes nest, the statement
 * also counts what it moved, and deletes what is kept of a job that goes; elsewhere it returns what that is done by. No
 * set makes a job wait for others by their names, so the state and the instant tell the bucket.
 * @param beside `picked`: a common table expression that the update reads from; `notes`: a write that reads from the rows
 *   `u` that it made
 */
export function counted(
  layout: Layout,
  update: string,
  set: Pick<ChangeSet, "from" | "isBlocked" | "deletes" | "assign">,
  answer: readonly string[],
  { picked, notes }: { readonly picked?: string | undefined; readonly notes?: string | undefined } = {},
): string {
  const { dialect, tables } = layout;
  const { assign, deletes } = set;
  const returning = (columns: readonly string[]): string => `${update} ${dialect.returning?.(columns) ?? ""}`;
  const moves = deletes || "state" in assign;
  const mayBlock = assign.state?.includes("'delayed'");
  const more = [...(moves ? ["topic", "state"] : []), ...(mayBlock ? ["run_at"] : []), ...(deletes ? ["tags"] : [])];
  const told = [...new Set([...answer, ...more])];
  if (!dialect.writesNest || !(moves || notes)) return `${picked ? `with ${picked}` : ""} ${returning(told)}`;
  const bucket = mayBlock
    ? "case when u.state = 'delayed' and u.run_at is null then 'blocked' else u.state end"
    : "u.state";
  const count = `insert into ${tables.counts} (topic, source, target, n)
    select u.topic, '${sourceOf(set)}', ${deletes ? "''" : bucket}, count(*) from u group by u.topic, ${bucket}`;
  const kept = (table: string, which = ""): string =>
    `delete from ${table} where ${dialect.isAmong("job_id", `select u.id from u ${which}`)}`;
  const parts = [
    ...(picked ? [picked] : []),
    `u as (${returning(told)})`,
    ...(moves ? [`c as (${count})`] : []),
    ...(notes ? [`n as (${notes})`] : []),
    ...(deletes ? [`n as (${kept(tables.notes)})`, `t as (${kept(tables.tags, "where u.tags is not null")})`] : []),
  ];
  return `with ${parts.join(", ")} select ${answer.map((name) => `u.${name}`).join(", ")} from u`;
}
