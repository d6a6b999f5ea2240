import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import type { UnitOutcome } from "@jobq/core";
import { type IsolationLevel, type Kysely, sql } from "kysely";
import { createPool } from "mysql2";
import { beforeEach, expect, it } from "vitest";
import { overMysqlConnection, type SqlJobs, sqlJobs } from "../src/index.ts";
import { mysql, postgres, sqlite, type TestDatabase } from "./databases.ts";
import { describeOn } from "./suites.ts";

interface Rig {
  readonly jobs: SqlJobs;
  readonly kysely: Kysely<unknown>;
  readonly table: string;
}

function rigOn(database: TestDatabase): Rig {
  const { schema } = database.options;
  const kysely = database.connect();
  return { kysely, jobs: sqlJobs(kysely, database.options), table: schema ? `${schema}.jobq_jobs` : "jobq_jobs" };
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

const KEY = { unique: "k" };
const hold = { now: NOW, insert: [testJob(1, KEY)] };
const end = { now: NOW, apply: [{ type: "cancel", id: testId(1), reason: "canceled" }] } as const;
const want = { now: NOW, insert: [testJob(2, KEY)] };
const done = (job: number) => ({ now: NOW, apply: [{ type: "done", id: testId(job), token: 1 }] }) as const;

/** What wanting the key comes to in a transaction that has read before somebody else commits `meanwhile`. */
async function wantBehindSnapshot(
  { kysely, jobs, table }: Rig,
  level: IsolationLevel | undefined,
  meanwhile: Parameters<SqlJobs["commit"]>[0],
): Promise<UnitOutcome> {
  const transaction = level ? kysely.transaction().setIsolationLevel(level) : kysely.transaction();
  return transaction.execute(async (trx) => {
    await sql`select count(*) from ${sql.table(table)}`.execute(trx);
    await jobs.commit(meanwhile);
    return (await jobs.within(trx).commit([want]))[0] as UnitOutcome;
  });
}

for (const kind of [postgres, mysql]) {
  await describeOn(kind, (database) => {
    const rig = rigOn(database);
    const { jobs, kysely } = rig;
    beforeEach(() => database.clear());

    it("a deadlock within a transaction says that the transaction is the one to repeat, and why", async () => {
      const [one, two] = [1, 2].map((number) => testJob(number));
      const held = [1, 2].map((number) => ({ type: "reserve", id: testId(number), by: "me" }) as const);
      await jobs.commit([{ now: NOW, insert: [one, two] as never, apply: held }]);
      const [first, second] = [gate(), gate()];
      const both = async (mine: number, other: number, here: () => void, there: Promise<void>): Promise<void> =>
        kysely.transaction().execute(async (trx) => {
          await jobs.within(trx).commit([done(mine)]);
          here();
          await there;
          await jobs.within(trx).commit([done(other)]);
        });
      const ends = await Promise.allSettled([
        both(1, 2, first.open, second.opened),
        both(2, 1, second.open, first.opened),
      ]);
      const failed = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
      expect(failed).toHaveLength(1);
      expect(failed[0]).toMatchObject({ code: "TRANSACTION_ABORTED", details: { kind: "busy" } });
      expect(["40P01", "ER_LOCK_DEADLOCK"]).toContain(failed[0].cause.code);
      expect((await jobs.get([1, 2].map(testId))).map((job) => job?.state)).toEqual(["done", "done"]);
    });

    it("a unique key that was taken after a statement at read committed names its holder", async () => {
      const outcome = await wantBehindSnapshot(rig, "read committed", [hold]);
      expect(outcome).toMatchObject({ ok: true, inserted: [testId(1)], leftOut: [testId(2)] });
    });

    it("a unique key that was let go of after a statement at read committed can be taken", async () => {
      await jobs.commit([hold]);
      const outcome = await wantBehindSnapshot(rig, "read committed", [end]);
      expect(outcome).toMatchObject({ ok: true, inserted: [testId(2)], leftOut: [] });
    });
  });
}

await describeOn(mysql, (database) => {
  const rig = rigOn(database);
  const { jobs, kysely } = rig;
  beforeEach(() => database.clear());

  it("a unique key that was taken after the snapshot names its holder", async () => {
    const outcome = await wantBehindSnapshot(rig, undefined, [hold]);
    expect(outcome).toMatchObject({ ok: true, inserted: [testId(1)], leftOut: [testId(2)] });
  });

  it("a unique key that was let go of after the snapshot can be taken", async () => {
    await jobs.commit([hold]);
    const outcome = await wantBehindSnapshot(rig, undefined, [end]);
    expect(outcome).toMatchObject({ ok: true, inserted: [testId(2)], leftOut: [] });
  });

  it("a transaction that the database has rolled back, or nobody has begun, stores nothing", async () => {
    const pool = createPool({ uri: database.url as string });
    const client = await pool.promise().getConnection();
    const within = jobs.within(overMysqlConnection(client.connection));
    await expect(within.commit([want])).rejects.toMatchObject({ code: "TRANSACTION_ABORTED" });
    await expect(within.now()).rejects.toMatchObject({ code: "TRANSACTION_ABORTED" });
    await client.query("begin");
    await within.commit([want]);
    await client.query("commit");
    client.release();
    await pool.promise().end();
    expect(await kysely.transaction().execute((trx) => jobs.within(trx).commit([want]))).toMatchObject([{ ok: true }]);
    expect(await jobs.find({ limit: 9 })).toHaveLength(1);
  });
});

await describeOn(postgres, (database) => {
  const rig = rigOn(database);
  const { jobs, kysely } = rig;
  beforeEach(() => database.clear());

  for (const level of ["repeatable read", "serializable"] as const) {
    it(`at ${level} a unique key that was taken after the snapshot has the transaction repeated`, async () => {
      const outcome = wantBehindSnapshot(rig, level, [hold]);
      await expect(outcome).rejects.toMatchObject({ code: "TRANSACTION_ABORTED", cause: { code: "23505" } });
    });

    it(`at ${level} a unique key that was let go of after the snapshot has the transaction repeated`, async () => {
      await jobs.commit([hold]);
      const outcome = wantBehindSnapshot(rig, level, [end]);
      await expect(outcome).rejects.toMatchObject({ code: "TRANSACTION_ABORTED", cause: { code: "40001" } });
    });

    it(`at ${level} looking at the holder of a unique key keeps nobody from ending it`, async () => {
      await jobs.commit([hold]);
      const transaction = kysely.transaction().setIsolationLevel(level);
      await transaction.execute(async (trx) => {
        const [outcome] = await jobs.within(trx).commit([want]);
        expect(outcome).toMatchObject({ inserted: [testId(1)], leftOut: [testId(2)] });
        expect(await jobs.commit([end])).toMatchObject([{ ok: true }]);
      });
    });

    it(`at ${level} a job that was changed after the snapshot has the transaction repeated`, async () => {
      await jobs.commit([{ ...hold, apply: [{ type: "reserve", id: testId(1), by: "me" }] }]);
      const late = kysely
        .transaction()
        .setIsolationLevel(level)
        .execute(async (trx) => {
          await sql`select count(*) from ${sql.table(rig.table)}`.execute(trx);
          await jobs.commit([
            { now: NOW, apply: [{ type: "extend", id: testId(1), token: 1, until: NOW + 9_000_000 }] },
          ]);
          return jobs.within(trx).commit([done(1)]);
        });
      await expect(late).rejects.toMatchObject({ code: "TRANSACTION_ABORTED", cause: { code: "40001" } });
    });
  }
});

await describeOn(sqlite, (database) => {
  const rig = rigOn(database);
  beforeEach(() => database.clear());

  it("a transaction that has read before somebody else wrote is the one to repeat", async () => {
    await rig.jobs.tally();
    const { kysely } = rigOn(database); // a connection of its own
    const outcome = wantBehindSnapshot({ ...rig, kysely }, undefined, [hold]);
    await expect(outcome).rejects.toMatchObject({ code: "TRANSACTION_ABORTED", details: { kind: "busy" } });
  });
});
