import { TEST_NOW as NOW, testId, testJob, testJobs } from "@jobq/conformance";
import { createService } from "@jobq/service";
import { CamelCasePlugin, Kysely, MysqlDialect, PostgresDialect, sql } from "kysely";
import { createPool, format } from "mysql2";
import pg from "pg";
import { beforeEach, describe, expect, it } from "vitest";
import { migrate, sqlJobs, sqlTopics } from "../src/index.ts";
import { failureKind, storeError } from "../src/session/failure.ts";
import { statement } from "../src/statement/statement.ts";
import { dialectFor } from "./connect.ts";
import { mysql, postgres, sqlite, type TestDatabase } from "./databases.ts";
import { faultyDialect } from "./faulty-dialect.ts";
import { describeOn } from "./suites.ts";

const insert = (...numbers: number[]) => numbers.map((number) => ({ now: NOW, insert: [testJob(number)] }));
const update = (number: number) => ({ now: NOW, apply: [{ type: "reserve", id: testId(number), by: "me" } as const] });

/** Longer than any statement here takes. */
const LONG_MS = 1_000;

/** An instance over the same server with other settings, which the test destroys. */
function postgresWith(database: TestDatabase, settings: string): Kysely<unknown> {
  const url = new URL(database.url ?? "");
  url.searchParams.set("options", settings);
  const pool = new pg.Pool({ connectionString: url.href, max: 2 });
  pool.on("error", () => {});
  return new Kysely({ dialect: new PostgresDialect({ pool }) });
}

await describeOn(postgres, (database) => {
  const { options } = database;
  const kysely = database.connect();
  const jobs = sqlJobs(kysely, options);
  const table = sql.table(`${options.schema}.jobq_jobs`);
  beforeEach(() => database.clear());

  /**
   * Does the work on backends that wait for the table, which somebody has locked, and ends one after the other that waits,
   * or its statement.
   */
  const cutOff = async (
    work: () => Promise<unknown>,
    how: "pg_terminate_backend" | "pg_cancel_backend" = "pg_terminate_backend",
    times = 1,
  ): Promise<unknown> => {
    const observer = database.connect();
    let answer: Promise<unknown> | undefined;
    await database
      .connect()
      .transaction()
      .execute(async (trx) => {
        await sql`lock table ${table} in access exclusive mode`.execute(trx);
        answer = work().then(
          () => "no failure",
          (error: unknown) => error,
        );
        for (const ended = new Set<string>(); ended.size < times; ) {
          const { rows } = await sql<{ since: string }>`select query_start::text as since, ${sql.raw(how)}(pid)
          from pg_stat_activity where wait_event_type = 'Lock' and query like ${`%${options.schema}%`}`.execute(
            observer,
          );
          for (const { since } of rows) ended.add(since);
        }
      });
    return answer;
  };

  it("a database that is not there is STORE_FAILED, since migrate cannot make it", async () => {
    const url = new URL(database.url ?? "");
    url.pathname = "/no_such_database";
    const kysely = new Kysely<unknown>({ dialect: dialectFor("postgres", url.href, 1) });
    const expected = { code: "STORE_FAILED", details: { kind: "no database" } };
    await expect(sqlJobs(kysely).commit(insert(1))).rejects.toMatchObject(expected);
    await expect(migrate(kysely)).rejects.toMatchObject(expected);
    await kysely.destroy();
  });

  it("a write whose connection broke before the answer came may be there: OUTCOME_UNKNOWN", async () => {
    await jobs.commit(insert(1));
    expect(await cutOff(() => jobs.commit([update(1)]))).toMatchObject({ code: "OUTCOME_UNKNOWN" });
    expect((await jobs.get([testId(1)]))[0]?.state).toBe("ready");
  });

  it("a transaction whose connection broke before its commit is made again", async () => {
    await jobs.commit(insert(1));
    expect(await cutOff(() => jobs.commit([update(1), ...insert(2)]))).toBe("no failure");
    expect((await jobs.find({ limit: 9 })).map(({ state, token }) => [state, token])).toEqual([
      ["reserved", 1],
      ["ready", 0],
    ]);
  });

  it("a write that was canceled is made again, once", async () => {
    await jobs.commit(insert(1, 2));
    expect(await cutOff(() => jobs.commit([update(1)]), "pg_cancel_backend")).toBe("no failure");
    expect((await jobs.get([testId(1)]))[0]).toMatchObject({ state: "reserved", token: 1 });
    const canceled = { code: "STORE_FAILED", details: { kind: "canceled" }, cause: { code: "57014" } };
    expect(await cutOff(() => jobs.commit([update(2)]), "pg_cancel_backend", 2)).toMatchObject(canceled);
    expect((await jobs.get([testId(2)]))[0]).toMatchObject({ state: "ready", token: 0 });
  });

  it("a read, and a transaction, that were canceled are made again", async () => {
    await jobs.commit(insert(1));
    expect(await cutOff(() => jobs.get([testId(1)]), "pg_cancel_backend")).toBe("no failure");
    expect(await cutOff(() => jobs.commit([update(1), ...insert(2)]), "pg_cancel_backend")).toBe("no failure");
    expect((await jobs.find({ limit: 9 })).map(({ state, token }) => [state, token])).toEqual([
      ["reserved", 1],
      ["ready", 0],
    ]);
  });

  it("a statement that took longer than it may is not made again", async () => {
    const impatient = postgresWith(database, `-c statement_timeout=${LONG_MS}`);
    await database
      .connect()
      .transaction()
      .execute(async (trx) => {
        await sql`lock table ${table} in access exclusive mode`.execute(trx);
        const began = performance.now();
        const timedOut = { code: "STORE_FAILED", details: { kind: "other" }, cause: { code: "57014" } };
        await expect(sqlJobs(impatient, options).get([testId(1)])).rejects.toMatchObject(timedOut);
        expect(performance.now() - began).toBeLessThan(2 * LONG_MS);
      });
    await impatient.destroy();
  });

  it("a transaction that the server ended while this process stood still is made again", async () => {
    await jobs.commit(insert(1));
    const url = new URL(database.url ?? "");
    url.searchParams.set("options", "-c idle_in_transaction_session_timeout=50");
    let stood = 0;
    const kysely = new Kysely<unknown>({
      dialect: dialectFor("postgres", url.href, 1),
      log: ({ query: { sql } }) => {
        if (stood > 0 || !/update/.test(sql)) return;
        stood += 1;
        for (const until = performance.now() + 300; performance.now() < until; );
      },
    });
    const outcomes = await sqlJobs(kysely, options).commit([update(1), ...insert(2)]);
    expect([stood, outcomes]).toMatchObject([1, [{ ok: true }, { ok: true }]]);
    await kysely.destroy();
  });

  it("what one statement has stored is not done again when what follows for the others met a deadlock", async () => {
    await jobs.commit(insert(1, 2));
    await jobs.commit([update(1), update(2)]);
    let left = 2; // the changes; the commit of the transaction in which the other unit is looked at
    const write = <T>(make: () => T): T => {
      left -= 1;
      if (left === 0) throw Object.assign(new Error("deadlock detected"), { code: "40P01" });
      return make();
    };
    const deadlocked = database.connect((dialect) => faultyDialect(dialect, { write, isDead: false }));
    const done = (number: number, token: number) => ({ type: "done", id: testId(number), token }) as const;
    const outcomes = await sqlJobs(deadlocked, options).commit([
      { now: NOW, apply: [done(1, 1)] },
      { now: NOW, apply: [done(2, 9)] },
    ]);
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false, code: "LEASE_LOST" }]);
    expect(left).toBeLessThan(0);
  });

  it("a statement that waited for no row of somebody else's, but while the table was extended, is made again", async () => {
    await jobs.commit(insert(1, 2));
    await jobs.commit([update(1), update(2)]);
    const timedOut = { code: "55P03" };
    let writes = 0;
    const write = <T>(make: () => T): T => {
      writes += 1;
      if (writes < 3) throw Object.assign(new Error("canceling statement due to lock timeout"), timedOut);
      return make();
    };
    const extended = database.connect((dialect) => faultyDialect(dialect, { write, isDead: false }));
    const done = (number: number) => ({ now: NOW, apply: [{ type: "done", id: testId(number), token: 1 } as const] });
    expect(await sqlJobs(extended, options).commit([done(1), done(2)])).toMatchObject([{ ok: true }, { ok: true }]);
    expect(writes).toBe(3);
  });

  it("a server that cannot be reached is STORE_FAILED, with the cause", async () => {
    const pool = new pg.Pool({ host: "127.0.0.1", port: 1 });
    const nowhere = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    await expect(sqlJobs(nowhere, options).commit(insert(1))).rejects.toMatchObject({
      code: "STORE_FAILED",
      details: { kind: "unreachable" },
      cause: { code: "ECONNREFUSED" },
    });
    await nowhere.destroy();
  });

  it("a read-only server is read, and writes are STORE_FAILED", async () => {
    const readOnly = postgresWith(database, "-c default_transaction_read_only=on");
    const store = sqlJobs(readOnly, options);
    expect(await store.find({ limit: 1 })).toEqual([]);
    await expect(store.commit(insert(1))).rejects.toMatchObject({ code: "STORE_FAILED", cause: { code: "25006" } });
    await readOnly.destroy();
  });

  it("a role without rights is STORE_FAILED", async () => {
    const role = `${options.schema}_nobody`;
    await sql`create role ${sql.id(role)}`.execute(kysely);
    const unprivileged = postgresWith(database, `-c role=${role}`);
    await expect(sqlJobs(unprivileged, options).find({ limit: 1 })).rejects.toMatchObject({
      code: "STORE_FAILED",
      cause: { code: "42501" },
    });
    await unprivileged.destroy();
    await sql`drop role ${sql.id(role)}`.execute(kysely);
  });

  it("a serializable default isolation changes nothing", async () => {
    const strict = postgresWith(database, "-c default_transaction_isolation=serializable");
    const store = sqlTopics(strict, options).fuse?.(sqlJobs(strict, options));
    const claim = { topic: "topic", limit: 3, by: "me" };
    await store?.commit(insert(...Array.from({ length: 40 }, (_, index) => index + 1)));
    const rounds = await Promise.all(Array.from({ length: 12 }, () => store?.reserve([claim], NOW)));
    const ids = rounds.flatMap((answers) => answers?.[0]?.map(({ id }) => id) ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    await strict.destroy();
  });

  it("plugins of the instance change nothing", async () => {
    const store = sqlJobs(kysely.withPlugin(new CamelCasePlugin()), options);
    await store.commit(insert(1));
    expect(await store.get([testId(1)])).toEqual([testJob(1)]);
  });
});

await describeOn(sqlite, (database) => {
  const kysely = database.connect();
  const jobs = sqlJobs(kysely, database.options);
  const pragma = (text: string) => sql.raw(`pragma ${text}`).execute(kysely);

  it("a full disk is STORE_FAILED, leaves nothing of the commit behind, and passes", async () => {
    await jobs.commit(insert(1));
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(kysely);
    await pragma(`max_page_count = ${Number(rows[0]?.page_count)}`);
    const large = testJobs(50, 10).map((job) => ({ now: NOW, insert: [{ ...job, payload: "x".repeat(9_000) }] }));
    await expect(jobs.commit(large)).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(await jobs.tally()).toEqual([{ topic: "topic", state: "ready", count: 1 }]);
    await pragma("max_page_count = 1000000");
    expect((await jobs.commit(large)).length).toBe(50);
  });

  it("a database that may not be written is STORE_FAILED", async () => {
    await pragma("query_only = on");
    await expect(jobs.commit(insert(99))).rejects.toMatchObject({ code: "STORE_FAILED" });
    await pragma("query_only = off");
    expect((await jobs.commit(insert(99))).length).toBe(1);
  });
});

await describeOn(mysql, (database) => {
  const { options } = database;
  const jobs = sqlJobs(database.connect(), options);
  beforeEach(() => database.clear());

  it("a transaction whose connection broke before its commit is made again", async () => {
    await jobs.commit(insert(1));
    const observer = database.connect();
    const pool = createPool({ uri: database.url ?? "" });
    let killed = 0;
    pool.on("connection", (connection) => {
      const query = connection.query.bind(connection) as (...all: unknown[]) => unknown;
      const killing = async (all: unknown[]): Promise<void> => {
        killed += 1;
        await sql.raw(`kill ${connection.threadId}`).execute(observer);
        query(...all);
      };
      const watched = (...all: unknown[]) =>
        killed === 0 && /for update/.test(`${all[0]}`) ? killing(all) : query(...all);
      Object.assign(connection, { query: watched });
    });
    const broken = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
    const answer = await sqlJobs(broken, options).commit([update(1), ...insert(2)]);
    await broken.destroy();
    expect([killed, answer]).toMatchObject([1, [{ ok: true }, { ok: true }]]);
    expect((await jobs.find({ limit: 9 })).map(({ state, token }) => [state, token])).toEqual([
      ["reserved", 1],
      ["ready", 0],
    ]);
  });

  it("a statement that just fits into max_allowed_packet is sent, and one that just does not is refused", async () => {
    const { session } = jobs.internals;
    const select = statement(session.layout.dialect, "select length(:text) as n, :number + :nothing as sum");
    const rest = { number: -12, nothing: null };
    await jobs.tally();
    const { rows } = await sql<{ bytes: number }>`select @@max_allowed_packet as bytes`.execute(database.connect());
    const limit = Number(rows[0]?.bytes);
    const around = Buffer.byteLength(format(select.sql, ["", rest.number, rest.nothing])) + 1;
    const unit = `${"x".repeat(500)}'\n\\é€😀`;
    const bytes = 500 + 3 * 2 + 2 + 3 + 4;
    const room = limit - 1 - around;
    const text = unit.repeat(Math.floor(room / bytes)) + "x".repeat(room % bytes);
    expect((await session.run(select, { text, ...rest }))[0]?.n).toBe(Buffer.byteLength(text));
    await expect(session.run(select, { text: `${text}x`, ...rest })).rejects.toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      details: { bytes: limit, limit },
    });
  });

  it("a write larger than max_allowed_packet fails alone, without being tried again", async () => {
    let statements = 0;
    const kysely = new Kysely<unknown>({
      dialect: dialectFor("mysql", database.url ?? ""),
      log: () => {
        statements += 1;
      },
    });
    const svc = createService({
      ...{ jobs: sqlJobs(kysely, options), topics: sqlTopics(kysely, options) },
      payloadLimit: 2 ** 26,
    });
    await svc.enqueue("topic", "small");
    const { rows } = await sql<{ bytes: number }>`select @@max_allowed_packet as bytes`.execute(kysely);
    statements = 0;
    const [large, other] = await Promise.allSettled([
      svc.enqueue("topic", "x".repeat(Number(rows[0]?.bytes))),
      svc.enqueue("topic", "small"),
    ]);
    expect(large).toMatchObject({ reason: { code: "PAYLOAD_TOO_LARGE", details: { limit: Number(rows[0]?.bytes) } } });
    expect(other.status).toBe("fulfilled");
    expect(statements).toBeLessThan(30);
    expect(await jobs.tally()).toEqual([{ topic: "topic", state: "ready", count: 2 }]);
    await svc.close();
    await kysely.destroy();
  });

  it("a database that is not there is STORE_FAILED, since migrate cannot make it", async () => {
    const url = new URL(database.url ?? "");
    url.pathname = "/no_such_database";
    const kysely = new Kysely<unknown>({ dialect: dialectFor("mysql", url.href, 1) });
    const expected = { code: "STORE_FAILED", details: { kind: "no database" } };
    await expect(sqlJobs(kysely).commit(insert(1))).rejects.toMatchObject(expected);
    await expect(migrate(kysely)).rejects.toMatchObject(expected);
    await kysely.destroy();
  });

  it("a server that cannot be reached is STORE_FAILED, with the cause", async () => {
    const pool = createPool({ host: "127.0.0.1", port: 1 });
    const nowhere = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
    await expect(sqlJobs(nowhere).commit(insert(1))).rejects.toMatchObject({
      code: "STORE_FAILED",
      details: { kind: "unreachable" },
    });
    await nowhere.destroy();
  });
});

describe("storeError", () => {
  it.each([
    [{ code: "40P01" }, "busy"],
    [{ code: "ER_LOCK_DEADLOCK" }, "busy"],
    [{ code: "SQLITE_BUSY_SNAPSHOT" }, "busy"],
    [new Error("database is locked"), "busy"],
    [{ code: "23505" }, "duplicate"],
    [{ code: "ER_DUP_ENTRY" }, "duplicate"],
    [new Error("UNIQUE constraint failed: jobq_jobs.id"), "duplicate"],
    [{ code: "ER_NO_SUCH_TABLE" }, "missing"],
    [{ code: "3D000" }, "no database"],
    [{ code: "ER_BAD_DB_ERROR" }, "no database"],
    [new Error('unknown database "queue"'), "no database"],
    [{ code: "57014", message: "canceling statement due to user request" }, "canceled"],
    [{ code: "57014", message: "canceling statement due to statement timeout" }, "other"],
    [{ code: "57P03" }, "unreachable"],
    [{ code: "57P05" }, "broken"],
    [{ code: "25P03" }, "broken"],
    [{ code: "40003" }, "broken"],
    [{ code: "25P04" }, "broken"],
    [{ code: "08006" }, "broken"],
    [{ code: "CONNECTION_CLOSED" }, "broken"],
    [new Error("Connection terminated unexpectedly"), "broken"],
    [{ code: "ER_NET_PACKET_TOO_LARGE" }, "too large"],
    [new Error("string or blob too big"), "too large"],
    [new Error("Query read timeout"), "broken"],
    [{ code: "42501" }, "other"],
    ["a text", "other"],
    [undefined, "other"],
  ])("sees what %o means", (error, kind) => {
    expect(failureKind(error)).toBe(kind);
    expect(failureKind(storeError(error, false))).toBe(kind);
  });
});
