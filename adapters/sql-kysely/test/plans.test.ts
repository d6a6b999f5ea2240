import { TEST_NOW as NOW, testId, testJobs } from "@jobq/conformance";
import type { Job, JobQuery } from "@jobq/core";
import type { Kysely } from "kysely";
import { beforeAll, expect, it } from "vitest";
import { claimStatements, lockStatements } from "../src/claim/claim-statements.ts";
import { holderStatements } from "../src/commit/holders.ts";
import { setStatements } from "../src/commit/set-statements.ts";
import { sqlJobs } from "../src/index.ts";
import { endedQuery, type FindQuery, findQuery } from "../src/job/find-query.ts";
import { waitingFor } from "../src/job/limit-slots.ts";
import { toRows } from "../src/statement/rows.ts";
import { bind, type Statement, type Values } from "../src/statement/statement.ts";
import { entryStatements, nextDueStatement } from "../src/topic/topic-statements.ts";
import { type DatabaseKind, mysql, postgres, sqlite, type TestDatabase } from "./databases.ts";
import { describeOn } from "./suites.ts";

/** How a database tells its plan, and what in it would mean that work grows with the number of rows. */
interface Planner {
  explain(kysely: Kysely<unknown>, statement: Statement, values: Values): Promise<string>;
  readonly bad: RegExp;
  /** The same, but for the sorting of few. */
  readonly scans: RegExp;
  used(index: string): RegExp;
  /** What tells that slots are looked for within those of a key. */
  readonly bySlot: RegExp;
}

const explained = (prefix: string) => async (kysely: Kysely<unknown>, statement: Statement, values: Values) => {
  const sql = `${prefix} ${statement.sql.replace(/^\/\*M!.*?\*\//, "")}`;
  const { rows } = await kysely.executeQuery(bind({ ...statement, sql }, values));
  return rows.map((row) => JSON.stringify(row)).join("\n");
};

const PLANNERS: Readonly<Record<string, Planner>> = {
  SQLite: {
    explain: explained("explain query plan"),
    scans: /SCAN (j|jobq_jobs)\b(?!.* USING (COVERING )?INDEX)/,
    bad: /SCAN (j|jobq_jobs|jobq_entries)\b(?!.* USING (COVERING )?INDEX)|FOR ORDER BY/,
    used: (index) => new RegExp(`INDEX jobq_${index}`),
    bySlot: /limit_key=\? AND <expr>>\?/,
  },
  PostgreSQL: {
    explain: explained("explain"),
    scans: /Seq Scan on jobq_jobs/,
    bad: /Seq Scan on jobq_(jobs|entries)|\bSort\b/,
    used: (index) => new RegExp(`Index (Only )?Scan (Backward )?(using|on) jobq_${index}`),
    bySlot: /Index Cond: \(\((j\.)?limit_key = .*? AND \(.*? >= 0\)/,
  },
  MariaDB: {
    explain: explained("explain"),
    scans: /"table":"j","type":"ALL"/,
    bad: /filesort|"table":"j","type":"(ALL|index)"|Using temporary/,
    used: (index) => new RegExp(`"key":"${index}"`),
    bySlot: /"type":"range","possible_keys":"[\w,]*","key":"jobs_slot"/,
  },
};

const PRIMARY = { sqlite: /autoindex_jobq_jobs_1/, postgres: /jobq_jobs_pkey/, mysql: /"PRIMARY"/ } as const;

/** Queries of which few jobs are the answer, with the index that has just these; `key` for the primary key. */
const FINDS: readonly (readonly [index: string, query: Omit<JobQuery, "limit">])[] = [
  ["jobs_outstanding", { owes: true }],
  ["jobs_outstanding", { awaitsGroup: true }],
  ["jobs_outstanding", { slot: "awaited" }],
  ["jobs_outstanding", { slot: "awaited", limitKey: "limit" }],
  ["jobs_slot", { slot: "held", limitKey: "limit" }],
  ["jobs_slot", { slot: "held" }],
  ["jobs_slot", { limitKey: "limit" }],
  ["jobs_group", { group: "group" }],
  ["jobs_group", { group: "group", live: true, order: "newest" }],
  ["jobs_group", { group: "group", state: "canceled" }],
  ["jobs_held", { unique: "key 1" }],
  ["jobs_lease", { state: "reserved", leaseEndsBy: NOW + 1 }],
  ["jobs_finished", { finishedFrom: NOW }],
  ["key", { order: "newest" }],
  ["key", { order: "newest", before: testId(9_000) }],
  ["key", { after: testId(19_000) }],
];

/** Twenty thousand jobs of which most are history, so that a plan that reads them all would show. */
async function fill(database: TestDatabase, kysely: Kysely<unknown>): Promise<void> {
  const jobs = sqlJobs(kysely, database.options);
  const states: readonly Partial<Job>[] = [
    ...Array.from({ length: 15 }, () => ({ state: "done", finishedAt: NOW - 9 }) as const),
    { state: "ready", weight: 1 },
    { state: "ready", topic: "other" },
    { state: "delayed", runAt: NOW + 5 },
    { state: "reserved", token: 1, attempt: 1, leaseUntil: NOW + 5, reservedAt: NOW, reservedBy: "x" },
    { state: "canceled", reason: "canceled", finishedAt: NOW - 9 },
  ];
  const all = testJobs(20_000).map((job, index) => ({ ...job, ...states[index % states.length] }));
  const limit = { key: "limit", concurrency: 9 };
  const waits: readonly Partial<Job>[] = [
    { state: "delayed", limit },
    { state: "delayed", limit: { ...limit, key: "another" } },
    { state: "delayed", awaits: "group" },
    { state: "done", finishedAt: NOW - 9, links: 1 },
    { group: "group", parent: testId(1) },
    { group: "group", parent: testId(1), state: "done", finishedAt: NOW - 9 },
  ];
  const waiting = testJobs(120, 30_000).map((job, index) => ({ ...job, ...waits[index % waits.length] }));
  const holders = testJobs(5, 40_000).map((job, slot) => ({ ...job, limit, slot, unique: `key ${slot}` }));
  await jobs.commit([{ now: NOW, insert: [...all, ...waiting, ...holders] }]);
  const { tables } = jobs.internals.session.layout;
  const rows = toRows(all.slice(0, 5_000).map(({ id, weight }) => ({ id, topic: "topic", weight })));
  await kysely.executeQuery(bind(entryStatements(jobs.internals.session.layout).push, { rows }));
  const analyze = { sqlite: "analyze", postgres: `analyze ${tables.jobs}`, mysql: `analyze table ${tables.jobs}` };
  await kysely.executeQuery(bind({ sql: analyze[database.dialect], parameters: [] }, {}));
}

for (const kind of [sqlite, postgres, mysql] satisfies DatabaseKind[]) {
  await describeOn(kind, (database) => {
    const kysely = database.connect();
    const { layout } = sqlJobs(kysely, database.options).internals.session;
    const { explain, bad, scans, used, bySlot } = PLANNERS[kind.name] as Planner;
    const goodPlan = async (statement: Statement, index: string, values: Values) => {
      const plan = await explain(kysely, statement, values);
      expect(plan).toMatch(used(index));
      expect(plan).not.toMatch(bad);
    };
    beforeAll(() => fill(database, kysely), 60_000);

    it("a claim reads the index of ready jobs in its order, and sorts nothing", async () => {
      const claims = toRows([
        { topic: "topic", most: 100, now_at: NOW, holder: "me", cursor_weight: 0, cursor_id: "" },
      ]);
      const statements = layout.dialect.returning ? claimStatements(layout) : lockStatements(layout);
      await goodPlan(statements.reserve, "jobs_ready", { claims, most: 100, topic: "topic", limit: 100 });
    });

    if (database.dialect === "postgres") {
      it("a claim of a few topics is not thought costly enough to be compiled", async () => {
        const topics = ["topic", "other", "none"].map((topic) => ({ topic, most: 100, now_at: NOW, holder: "me" }));
        const plan = await explain(kysely, claimStatements(layout).reserve, { claims: toRows(topics), most: 100 });
        expect(Number(/cost=[\d.]+\.\.(\d+)/.exec(plan)?.[1])).toBeLessThan(10_000); // JIT begins at 100,000
      });
    }

    it("promote and expire read the index of what is due, in its order", async () => {
      const statements = layout.dialect.returning ? claimStatements(layout) : lockStatements(layout);
      await goodPlan(statements.promote, "jobs_due", { now: NOW, limit: 100 });
      await goodPlan(statements.expire, "jobs_lease", { now: NOW, limit: 100 });
      await goodPlan(nextDueStatement(layout), "jobs_due", {});
      await goodPlan(sqlJobs(kysely, database.options).internals.writer.statements.nextLeaseEnd, "jobs_lease", {});
    });

    it("jobs are read and written by their key", async () => {
      const { writer } = sqlJobs(kysely, database.options).internals;
      const primary = PRIMARY[database.dialect];
      const rows = toRows(testJobs(100).map(({ id }) => ({ id, token: 1, now_at: NOW, since: NOW })));
      const notes = toRows(
        testJobs(100).map(({ id }) => ({ job_id: id, kind: "log", note_key: "k", value: "v", at: NOW })),
      );
      const { returning, writesNest } = layout.dialect;
      const sets = [...(returning ? [false] : []), ...(writesNest ? [true] : [])].flatMap((noting) =>
        Object.values(setStatements(layout, false, noting)),
      );
      const all = [writer.statements.get, writer.statements.restatus, writer.statements.remove];
      for (const statement of [...all, ...sets.flatMap(({ whole, brief }) => (brief ? [whole, brief] : [whole]))]) {
        const plan = await explain(kysely, statement, { rows, notes });
        expect(plan).toMatch(primary);
        expect(plan).not.toMatch(bad);
      }
    });

    it("the holder of a unique key is found by its index", async () => {
      const { plain, latest } = holderStatements(layout, "key");
      for (const holders of [plain, latest]) {
        await goodPlan(holders, "jobs_held", { rows: toRows([{ unique_key: "key" }]) });
      }
    });

    it.each(FINDS)("by %s %j is found", async (index, query) => {
      const { statement, values } = findQuery(layout, { ...query, limit: 10 });
      const plan = await explain(kysely, statement, values);
      expect(plan).toMatch(index === "key" ? PRIMARY[database.dialect] : used(index));
      expect(plan).not.toMatch(scans);
    });

    it("what ended by then is first looked for in the order in which it ended", async () => {
      const asked = [{ finishedBy: NOW }, { finishedFrom: NOW - 9, finishedBy: NOW, state: "done" }] as const;
      for (const query of asked) {
        const page = { before: testId(900_000), after: testId(1), limit: 1_000 };
        const { statement, values } = endedQuery(layout, { ...page, ...query }) as FindQuery;
        await goodPlan(statement, "jobs_finished", values);
      }
    });

    it("who waits for a slot, and how many of a group there are, is found by their indexes", async () => {
      const { slots, tally } = sqlJobs(kysely, database.options).internals.writer.statements;
      await goodPlan(slots.waiting, "jobs_outstanding", { outstanding: waitingFor("limit"), count: 10 });
      const rows = toRows(["limit", "another"].map((key) => ({ outstanding: waitingFor(key) })));
      if (slots.waitingEach) await goodPlan(slots.waitingEach, "jobs_outstanding", { rows, count: 10 });
      const plan = await explain(kysely, tally, { group: "group" });
      expect(plan).toMatch(used("jobs_group"));
      expect(plan).not.toMatch(scans);
    });

    it("what holds the slots of limits is found without what has ended of them, which has none", async () => {
      const { held } = sqlJobs(kysely, database.options).internals.writer.statements.slots;
      const ofOne = findQuery(layout, { slot: "held", limitKey: "limit", limit: 10 });
      for (const { statement, values } of [held(["limit"]), held(["limit", "another"]), ofOne]) {
        const plan = await explain(kysely, statement, values);
        expect(plan).toMatch(used("jobs_slot"));
        expect(plan).toMatch(bySlot);
        expect(plan).not.toMatch(scans);
      }
    });

    it("the holder of a slot is found by its index", async () => {
      const { plain, latest } = holderStatements(layout, "slot");
      for (const holders of [plain, latest]) {
        await goodPlan(holders, "jobs_slot", { rows: toRows([{ limit_key: "limit", slot: 1 }]) });
      }
    });

    it("entries are taken by their indexes, in order", async () => {
      const statements = entryStatements(layout);
      await goodPlan(statements.next, "entries_ready", { topic: "topic", limit: 100 });
      await goodPlan(statements.due, "entries_due", { now: NOW, limit: 100 });
      await goodPlan(statements.nextDue, "entries_due", {});
    });

    if (database.dialect === "postgres") {
      it("what is looked up is found by an index, also in tables that were empty when they were vacuumed last", async () => {
        const jobs = sqlJobs(kysely, database.options);
        const { tables } = layout;
        const all = testJobs(1_000, 50_000).map((job) => ({ ...job, tags: { a: "b" } }));
        const keys = all.map(({ id }) => ({ id, job_id: id, kind: "log", note_key: "k" }));
        const entries = toRows(all.map(({ id, weight }) => ({ id, topic: "topic", weight })));
        const refill = async (): Promise<void> => {
          const notes = keys.map(({ id }) => ({ id, kind: "log" as const, key: "k", value: "v", at: NOW }));
          await jobs.commit([{ now: NOW, insert: all, note: notes }]);
          await kysely.executeQuery(bind(entryStatements(layout).push, { rows: entries }));
        };
        await refill();
        for (const name of [tables.jobs, tables.notes, tables.tags, tables.entries]) {
          const texts = [`delete from ${name}`, `vacuum (truncate off) ${name}`];
          for (const sql of texts) await kysely.executeQuery(bind({ sql, parameters: [] }, {}));
        }
        await refill();
        const { get, lock, exist, restatus, ...others } = jobs.internals.writer.statements;
        const { remove, removeNotes, removeTags, forgetNotes } = others;
        const sets = Object.values(setStatements(layout, false, true)).flatMap(({ whole, brief }) => [
          whole,
          brief ?? whole,
        ]);
        const removals = [remove, removeNotes, removeTags, forgetNotes, entryStatements(layout).remove];
        for (const statement of [get, lock, exist, restatus, ...removals, ...sets]) {
          const plan = await explain(kysely, statement, { rows: toRows(keys), notes: toRows([]) });
          expect(plan).not.toMatch(/Semi Join|(Join Filter|Hash Cond): .*\bj\.(id|job_id)\b/);
        }
      });
    }
  });
}
