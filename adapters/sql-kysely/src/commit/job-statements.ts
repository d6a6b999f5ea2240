import { recountStatement } from "../counts/recount.ts";
import type { Dialect, Shape } from "../dialect/dialect.ts";
import { columnList, HEAD_COLUMNS, JOB_COLUMNS, STATUS_COLUMNS } from "../job/columns.ts";
import { type SlotStatements, slotStatements } from "../job/limit-slots.ts";
import type { Layout } from "../schema/layout.ts";
import { type Statement, statement } from "../statement/statement.ts";
import { NOTE_KEY, putNotes } from "./note-rows.ts";

const OWN = {
  ...{ k: "int", id: "id", created_at: "big", unique_key: "key", run_at: "big", expires_at: "big", slot: "int" },
  ...{ payload: "long" },
} as const satisfies Shape;
const SHARED: Shape = {
  k: "int",
  ...Object.fromEntries(Object.entries(JOB_COLUMNS).filter(([name]) => !(name in OWN))),
};

const DELTA = { topic: "key", source: "word", target: "word", n: "big" } as const satisfies Shape;
const ID = { id: "id" } as const satisfies Shape;

/** The statements that read and write jobs, whatever the change. */
export interface JobStatements {
  /** Adds the jobs of `rows`, each with what row `k` of `shared` says. */
  readonly insert: Statement;
  /** Adds the jobs of `rows`, which say everything themselves. */
  readonly insertUnlike: Statement;
  /** `insert` and `count`, for dialects whose writes nest. */
  readonly insertCounted: Statement;
  /** `insertCounted` and `insertTags`. */
  readonly insertTagged: Statement;
  readonly insertTags: Statement;
  /**
   * Reads and locks the jobs of `rows`; without waiting, those that nobody else has locked. Where locked rows cannot be
   * passed over it fails at one.
   */
  readonly lock: Statement;
  /** Which of the jobs of `rows` there are. */
  readonly exist: Statement;
  /** Gives the jobs of `rows` a new status, and a result where `decided`; takes the unique key away where `freed`. */
  readonly restatus: Statement;
  readonly remove: Statement;
  readonly removeNotes: Statement;
  readonly removeTags: Statement;
  /** Stores the notes of `notes`. */
  readonly putNotes: Statement;
  readonly forgetNotes: Statement;
  readonly count: Statement;
  readonly recount: Statement;
  readonly get: Statement;
  readonly notes: Statement;
  readonly nextLeaseEnd: Statement;
  readonly slots: SlotStatements;
  /** The members of a group, by topic and state. */
  readonly tally: Statement;
}

/**
 * Prepares them for a layout.
 * @param waits whether those that write jobs wait for what others have locked
 */
export function jobStatements(layout: Layout, waits: boolean): JobStatements {
  const { dialect, tables } = layout;
  const make = (text: string): Statement => statement(dialect, text);
  const writing = waits ? dialect : { ...dialect, ...dialect.hurried };
  const makeWrite = (text: string): Statement => statement(writing, text);
  const makeInsert = (text: string): Statement => statement(writing, text, "lasting");
  const sought = (shape: Shape): string => dialect.sought(":rows", "i", shape);
  const columns = Object.keys(JOB_COLUMNS);
  const insert = `insert into ${tables.jobs} (${columns.join(", ")})
    select ${columns.map((name) => `${name in OWN ? "i" : "s"}.${name}`).join(", ")}
    from ${writing.added(":rows", "i", OWN)} join ${dialect.added(":shared", "s", SHARED)} on s.k = i.k`;
  const insertUnlike = `insert into ${tables.jobs} (${columns.join(", ")})
    select ${columns.map((name) => `i.${name}`).join(", ")} from ${writing.added(":rows", "i", JOB_COLUMNS)}`;
  const insertTags = `insert into ${tables.tags} (tag, job_id)
    select i.tag, i.job_id from ${writing.added(":tags", "i", { tag: "key", job_id: "id" })}`;
  const count = `insert into ${tables.counts} (topic, source, target, n) select i.topic, i.source, i.target, i.n from ${dialect.added(":deltas", "i", DELTA)}`;
  const byIdIn = (from: string): string =>
    `from ${from} ${dialect.join} ${tables.jobs} as j ${dialect.byKey} on ${dialect.has("j.id", "i.id")}`;
  const byId = byIdIn(sought(ID));
  const inOrder = (by: Dialect): string =>
    `select ${columnList(HEAD_COLUMNS, "j")} ${byIdIn(by.sought(":rows", "i", ID))} order by j.id`;
  const status = Object.keys(STATUS_COLUMNS).map((name) => [name, `i.${name}`]);
  return {
    insert: makeInsert(insert),
    insertUnlike: makeInsert(insertUnlike),
    insertCounted: makeInsert(`with c as (${count}) ${insert}`),
    insertTagged: makeInsert(`with c as (${count}), t as (${insertTags}) ${insert}`),
    insertTags: makeInsert(insertTags),
    lock:
      waits || !dialect.skipsLocked
        ? makeWrite(`${inOrder(writing)} ${dialect.lock}`)
        : make(`${inOrder(dialect)} ${dialect.lockFree}`),
    // With what is not in the index of the ids, of which PostgreSQL might read all otherwise.
    exist: make(`select j.id, j.state ${byId}`),
    restatus: makeWrite(
      dialect.update({
        table: tables.jobs,
        assign: {
          ...Object.fromEntries(status),
          unique_key: "case when i.freed = 1 then null else j.unique_key end",
          unique_span: "case when i.freed = 1 then null else j.unique_span end",
          result: "case when i.decided = 1 then i.result else j.result end",
        },
        from: writing.sought(":rows", "i", {
          id: "id",
          decided: "int",
          freed: "int",
          ...STATUS_COLUMNS,
          result: "long",
        }),
        where: dialect.has("j.id", "i.id"),
      }),
    ),
    remove: make(dialect.remove(tables.jobs, ["id"], sought(ID))),
    removeNotes: make(dialect.remove(tables.notes, ["job_id"], sought({ job_id: "id" }))),
    removeTags: make(dialect.remove(tables.tags, ["job_id"], sought({ job_id: "id" }), "tags_job")),
    putNotes: makeWrite(putNotes(layout, writing)),
    forgetNotes: make(dialect.remove(tables.notes, Object.keys(NOTE_KEY), sought(NOTE_KEY))),
    count: statement(dialect, count, "lasting"),
    recount: recountStatement(layout),
    get: make(`select ${columnList(JOB_COLUMNS, "j")} ${byId}`),
    notes: make(
      `select kind, note_key, value, at from ${tables.notes} where job_id = :id and kind = coalesce(:kind, kind)`,
    ),
    slots: slotStatements(layout),
    tally: make(`select topic, state, count(*) as n from ${tables.jobs} as j ${dialect.useIndex("jobs_group")}
      where group_key = :group group by topic, state`),
    nextLeaseEnd: make(
      `select lease_until from ${tables.jobs} where state = 'reserved' and lease_until is not null order by lease_until limit 1`,
    ),
  };
}
