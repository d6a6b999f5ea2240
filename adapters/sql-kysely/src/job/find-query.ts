import { JOB_STATES, type JobQuery } from "@jobq/core";
import type { Dialect } from "../dialect/dialect.ts";
import type { Layout } from "../schema/layout.ts";
import { toRows } from "../statement/rows.ts";
import { type Rows, type Statement, statement, type Value, type Values } from "../statement/statement.ts";
import { maybeToText, toText } from "../statement/text.ts";
import { columnList, HEAD_COLUMNS } from "./columns.ts";
import { computed, conditions } from "./conditions.ts";
import { idBound } from "./id-bound.ts";
import { waitingFor } from "./limit-slots.ts";
import { tagOf } from "./tag.ts";

/** A query as SQL, with values for its parameters. */
export interface FindQuery {
  readonly statement: Statement;
  readonly values: Values;
}

/** What must hold of the rows `j`, with the values that it names. */
interface Where {
  readonly conditions: string[];
  /** Those that few jobs meet, by columns that are worked out: what is found by them is then joined by its id. */
  readonly rare: string[];
  readonly values: Record<string, Value | Rows>;
}

/**
 * The select for a query. Tags are found through their own table, everything else in the jobs: each condition that few
 * jobs meet is spelled as its index has it.
 */
export function findQuery(layout: Layout, query: JobQuery): FindQuery {
  const { dialect, tables } = layout;
  const where: Where = { conditions: [], rare: [], values: { limit: query.limit } };
  const hold = holdIn(where);
  hold("j.id > :after", "after", query.after && idBound(query.after, "after"));
  hold("j.id < :before", "before", query.before && idBound(query.before, "before"));
  hold("j.topic = :topic", "topic", maybeToText(query.topic));
  hold("j.name = :name", "name", maybeToText(query.name));
  hold("j.reason = :reason and j.state = 'canceled'", "reason", query.reason);
  holdState(where, query);
  holdTimes(where, query);
  holdRelations(where, layout, query);
  const tag = holdTags(where, layout, query);
  const from = [
    `${tables.jobs} as j`,
    tag ? `join ${tables.tags} as t on t.job_id = j.id` : "",
    rareIds(layout, where.rare),
  ].join(" ");
  const order = (id: string): string => `order by ${id} ${query.order === "newest" ? "desc" : ""} limit :limit`;
  const parts = branches(layout, query).map((branch) => {
    const by = isRare(layout, query) ? dialect.unindexed("j.id") : "j.id";
    return selectHeads(from, [...where.conditions, ...branch], order(by));
  });
  const text = parts.length === 1 ? (parts[0] as string) : merged(parts, order("j.id"));
  return { statement: statement(dialect, text, "once"), values: where.values };
}

/** What has an index of its own, by which few are found. */
const INDEXED = ["unique", "tags", "group", "awaitsGroup", "limitKey", "slot", "owes"] as const;

/**
 * The select for the first `limit` of the jobs that ended in the time, and as, a query asks for, in the order in which
 * they ended, whatever else it asks; undefined for one that asks for no such time, or has a better index. No planner knows
 * whether few jobs ended then, or so many that it should walk through all jobs in the order of their ids.
 */
export function endedQuery({ dialect, tables }: Layout, query: JobQuery): FindQuery | undefined {
  const { finishedBy, finishedFrom } = query;
  if ((finishedBy ?? finishedFrom) === undefined || INDEXED.some((name) => query[name] !== undefined)) return undefined;
  const where: Where = { conditions: [], rare: [], values: { limit: query.limit } };
  holdState(where, query);
  holdTimes(where, { limit: query.limit, finishedBy, finishedFrom });
  const from = `${tables.jobs} as j ${dialect.useIndex("jobs_finished")}`;
  const text = selectHeads(from, where.conditions, "order by j.finished_at limit :limit");
  return { statement: statement(dialect, text, "once"), values: where.values };
}

function selectHeads(from: string, conditions: readonly string[], order: string): string {
  const where = conditions.length > 0 ? `where ${conditions.join(" and ")}` : "";
  return `select ${columnList(HEAD_COLUMNS, "j")} from ${from} ${where} ${order}`;
}

/**
 * True when few jobs match, which planners do not see: they would walk through all jobs in the order of their ids until
 * they have met enough that do. SQLite does not see either how few have ended lately.
 */
function isRare({ dialect }: Layout, { owes, awaitsGroup, slot, finishedFrom }: JobQuery): boolean {
  const isRecent = finishedFrom !== undefined && dialect.name === "sqlite";
  return owes === true || awaitsGroup === true || slot !== undefined || isRecent;
}

function holdIn({ conditions, values }: Where) {
  return (condition: string, name: string, value: Value | Rows | undefined): void => {
    if (value === undefined) return;
    conditions.push(condition);
    values[name] = value;
  };
}

/** Spelled out, so that it can be matched with the indexes that hold the jobs of one state. */
function holdState({ conditions }: Where, { state }: JobQuery): void {
  if (state === undefined) return;
  conditions.push(JOB_STATES.includes(state) ? `j.state = '${state}'` : "1 = 0");
}

function holdTimes(where: Where, { leaseEndsBy, reservedBefore, finishedBy, finishedFrom }: JobQuery): void {
  const hold = holdIn(where);
  hold("j.lease_until <= :leaseEndsBy and j.state = 'reserved'", "leaseEndsBy", leaseEndsBy);
  hold("j.reserved_at < :reservedBefore and j.state = 'reserved'", "reservedBefore", reservedBefore);
  hold("j.finished_at <= :finishedBy and j.state in ('done', 'canceled')", "finishedBy", finishedBy);
  hold("j.finished_at >= :finishedFrom and j.state in ('done', 'canceled')", "finishedFrom", finishedFrom);
}

/**
 * The ids of the few, read from their index alone. Where columns that are worked out are in an index (MySQL, MariaDB),
 * MariaDB 10.11 leaves rows out of a result that is read by such an index and then sorted, for as long as entries that
 * were deleted from it are not purged yet: so what is sorted is found by id. `distinct` keeps it from being merged.
 */
function rareIds({ dialect, tables }: Layout, rare: readonly string[]): string {
  if (dialect.partialIndexes || rare.length === 0) return "";
  return `join (select distinct id from ${tables.jobs} where ${rare.join(" and ")}) as r on r.id = j.id`;
}

/** Keys, groups, limits, and what is outstanding. */
function holdRelations(where: Where, { dialect }: Layout, query: JobQuery): void {
  const { limitKey, slot } = query;
  const { heldKey } = computed(dialect);
  const { isLive, holdsKey } = conditions();
  const hold = holdIn(where);
  if (query.live) where.conditions.push(isLive);
  hold(`${heldKey} = :unique and ${holdsKey}`, "unique", maybeToText(query.unique));
  hold("j.group_key = :group", "group", maybeToText(query.group));
  if (slot === undefined) hold("j.limit_key = :limitKey", "limitKey", maybeToText(limitKey));
  (dialect.partialIndexes ? where.conditions : where.rare).push(...rareConditions(dialect, query));
  if (limitKey !== undefined)
    Object.assign(where.values, { limitKey: toText(limitKey), waiting: waitingFor(limitKey) });
}

/** What few jobs have, as the index spells it that holds those. */
function rareConditions(dialect: Dialect, { awaitsGroup, owes, slot, limitKey }: JobQuery): string[] {
  const j = dialect.partialIndexes ? "j." : "";
  const { outstanding, liveSlot } = computed(dialect, j);
  const ofLimit = limitKey === undefined ? "is not null" : "= :limitKey";
  const waits = limitKey === undefined ? `${outstanding} >= 's' and ${outstanding} < 't'` : `${outstanding} = :waiting`;
  return [
    ...(awaitsGroup ? [`${outstanding} = 'g'`] : []),
    ...(owes ? [`${outstanding} = 'o'`] : []),
    ...(slot === "held" ? [`${j}limit_key ${ofLimit} and ${liveSlot} >= 0`] : []),
    ...(slot === "awaited" ? [waits] : []),
  ];
}

/** Says whether there are any. */
function holdTags(where: Where, { dialect, tables }: Layout, query: JobQuery): boolean {
  const [tag, ...more] = Object.entries(query.tags ?? {}).map(([name, value]) => tagOf(name, value));
  const hold = holdIn(where);
  hold("t.tag = :tag", "tag", tag);
  hold(
    `not exists (select 1 from ${dialect.rows(":more", "i", { tag: "key" })} where not exists
      (select 1 from ${tables.tags} as o where o.tag = i.tag and o.job_id = j.id))`,
    "more",
    more.length > 0 ? toRows(more.map((tag) => ({ tag }))) : undefined,
  );
  return tag !== undefined;
}

/** The members of a group are in the index by whether they have ended: those that have and those that have not, each by id. */
function branches({ dialect }: Layout, { group, live }: JobQuery): readonly (readonly string[])[] {
  if (group === undefined) return [[]];
  const { ended } = computed(dialect);
  return live ? [[`${ended} = 0`]] : [[`${ended} = 0`], [`${ended} = 1`]];
}

function merged(parts: readonly string[], order: string): string {
  return `select * from (${parts.map((part, index) => `select * from (${part}) as p${index}`).join(" union all ")}) as j ${order}`;
}
