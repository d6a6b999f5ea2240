import { createService, type JobService, type ReservedJob } from "@jobq/service";
import { createBundles } from "@jobq/service/bundle";
import { createWorker, defineJob } from "@jobq/service/worker";
import { Kysely, sql } from "kysely";
import { createPool } from "mysql2";
import pg from "pg";
import { beforeEach, expect, it } from "vitest";
import { overMysqlConnection, overPgClient, sqlJobs, sqlTopics } from "../src/index.ts";
import { dialectFor } from "./connect.ts";
import { mysql, postgres, sqlite, type TestDatabase } from "./databases.ts";
import { describeOn } from "./suites.ts";

class Undo extends Error {}

interface Rig {
  readonly svc: JobService;
  readonly kysely: Kysely<unknown>;
}

/** A service over a database, closed at the end; the instance is the one whose transactions are used. */
async function withService(
  database: TestDatabase,
  work: (rig: Rig) => Promise<void>,
  kysely = database.connect(),
): Promise<void> {
  const svc = createService({ jobs: sqlJobs(kysely, database.options), topics: sqlTopics(kysely, database.options) });
  try {
    await work({ svc, kysely });
  } finally {
    await svc.close({ deadline: 0 });
  }
}

async function undone(kysely: Kysely<unknown>, work: (trx: Kysely<unknown>) => Promise<unknown>): Promise<void> {
  const undo = kysely.transaction().execute(async (trx) => {
    await work(trx);
    throw new Undo();
  });
  await expect(undo).rejects.toBeInstanceOf(Undo);
}

async function heldJob(svc: JobService): Promise<ReservedJob> {
  await svc.enqueue("mails", 1);
  const [job] = await svc.reserve("mails");
  return job as ReservedJob;
}

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    beforeEach(() => database.clear());

    it("a job that is enqueued within a transaction is there if, and only if, that commits", () =>
      withService(database, async ({ svc, kysely }) => {
        await undone(kysely, (trx) => svc.enqueue("mails", "rolled back", { within: trx }));
        expect(await svc.find()).toEqual([]);
        expect(await svc.reserve("mails", 10, { wait: "100ms" })).toEqual([]);
        const id = await kysely.transaction().execute((within) => svc.enqueue("mails", "committed", { within }));
        expect((await svc.reserve("mails", 10)).map((job) => [job.id, job.payload])).toEqual([[id, "committed"]]);
      }));

    it("a reserve that waits hears of a job once its transaction has committed", () =>
      withService(database, async ({ svc, kysely }) => {
        const waiting = svc.reserve("mails", 1, { wait: "30s" });
        await kysely.transaction().execute((within) => svc.enqueue("mails", 1, { within }));
        expect((await waiting).map(({ payload }) => payload)).toEqual([1]);
      }));

    it("a delayed job becomes due though nobody says when its transaction commits", () =>
      withService(database, async ({ svc, kysely }) => {
        await svc.tally();
        await kysely.transaction().execute((within) => svc.enqueue("mails", 1, { within, delay: "50ms" }));
        expect((await svc.reserve("mails", 1, { wait: "30s" })).length).toBe(1);
      }));

    it("what waits for a job that is done within a transaction starts once that has committed", () =>
      withService(database, async ({ svc, kysely }) => {
        const bundles = createBundles(svc);
        const first = await heldJob(svc);
        await svc.enqueue("after", "dependent", { after: [first.id] });
        const waiting = svc.reserve("after", 1, { wait: "30s" });
        await kysely.transaction().execute((within) => first.done(undefined, { within }));
        expect((await waiting).map(({ payload }) => payload)).toEqual(["dependent"]);
        const { id } = await bundles.enqueue("images", [{ topic: "mails", payload: 2 }]);
        const [member] = await svc.reserve("mails");
        await kysely.transaction().execute((within) => (member as ReservedJob).done(undefined, { within }));
        expect(await svc.result(id, { timeout: "30s" })).toMatchObject({ state: "done" });
      }));

    it("a worker's job that its handler has done within a transaction is done, and not lost", () =>
      withService(database, async ({ svc, kysely }) => {
        const errors: string[] = [];
        svc.on("error", ({ doing, error }) => errors.push(`${doing}: ${(error as Error).message}`));
        const job = defineJob("job", {
          run: (_: number, ctx) => kysely.transaction().execute((within) => ctx.job.done("committed", { within })),
        });
        const told = await new Promise<string>((resolve) => {
          const worker = createWorker(svc, { jobs: [job], onDone: (run) => resolve(run.id) });
          void worker.start().then(() => svc.enqueue(job, 1));
          svc.on("error", () => resolve("an error"));
        });
        expect(await svc.get(told)).toMatchObject({ state: "done", result: "committed" });
        expect(errors).toEqual([]);
      }));

    it("a slot of a job that is done within a transaction is given to the next once that has committed", () =>
      withService(database, async ({ svc, kysely }) => {
        const limit = { key: "tenant", concurrency: 1 };
        for (const payload of [1, 2]) await svc.enqueue("limited", payload, { limit });
        const [first] = await svc.reserve("limited", 2, { wait: "30s" });
        const next = svc.reserve("limited", 1, { wait: "30s" });
        await kysely.transaction().execute((within) => (first as ReservedJob).done(undefined, { within }));
        const [second] = await next;
        expect(second?.payload).toBe(2);
        await second?.done();
        const enqueue = (payload: number) =>
          kysely.transaction().execute((within) => svc.enqueue("limited", payload, { limit, within }));
        for (const payload of [3, 4]) await enqueue(payload);
        for (const payload of [3, 4]) {
          const [job] = await svc.reserve("limited", 2, { wait: "30s" });
          expect(job?.payload).toBe(payload);
          await job?.done();
        }
      }));

    it("a bundle that is sealed within a transaction ends once that has committed", () =>
      withService(database, async ({ svc, kysely }) => {
        const open = await createBundles(svc).open("images");
        await kysely.transaction().execute((within) => open.seal({ within }));
        expect(await svc.result(open.id, { timeout: "30s" })).toMatchObject({ state: "done" });
      }));

    it("many jobs are enqueued within a transaction, and say which are duplicates", () =>
      withService(database, async ({ svc, kysely }) => {
        const unique = await svc.enqueue("mails", 0, { unique: "key" });
        const receipts = await kysely.transaction().execute((within) =>
          svc.enqueueMany(
            [
              { topic: "mails", payload: 1 },
              { topic: "mails", payload: 2, options: { unique: "key" } },
            ],
            { within },
          ),
        );
        expect(receipts.map(({ duplicate }) => duplicate)).toEqual([false, true]);
        expect(receipts[1]?.id).toBe(unique);
      }));

    it("a job that waits for one whose key is taken is linked to the holder that its transaction sees", () =>
      withService(database, async ({ svc, kysely }) => {
        const { holder, receipts } = await kysely.transaction().execute(async (within) => {
          const holder = await svc.enqueue("mails", 0, { unique: "key", within });
          const requests = [
            { topic: "mails", payload: 1, options: { unique: "key" } },
            { topic: "mails", payload: 2, options: { after: [0] } },
          ];
          return { holder, receipts: await svc.enqueueMany(requests, { within }) };
        });
        expect(receipts.map(({ duplicate }) => duplicate)).toEqual([true, false]);
        expect(receipts[0]?.id).toBe(holder);
        expect(await svc.status(receipts[1]?.id as string)).toMatchObject({ state: "delayed", blockers: [holder] });
        expect(await svc.find()).toHaveLength(2);
      }));

    it("a job that is done within a transaction is done if, and only if, that commits, and can be retried when it was not", () =>
      withService(database, async ({ svc, kysely }) => {
        const job = await heldJob(svc);
        await undone(kysely, (trx) => job.done("sent", { within: trx }));
        expect((await svc.status(job.id))?.state).toBe("reserved");
        await job.retry({ delay: 0 });
        const [again] = await svc.reserve("mails");
        await kysely.transaction().execute((within) => again?.done("sent", { within }) as Promise<void>);
        expect(await svc.get(job.id)).toMatchObject({ state: "done", result: "sent" });
        await expect(again?.retry()).rejects.toMatchObject({ code: "LEASE_LOST" });
      }));

    it("done takes a transaction in place of a result, and data under that name as a result", () =>
      withService(database, async ({ svc, kysely }) => {
        const [first, second] = [await heldJob(svc), await heldJob(svc)];
        await kysely.transaction().execute((within) => first.done({ within }));
        await second.done({ within: { days: 2 } });
        expect(await svc.get(first.id)).toMatchObject({ state: "done", result: undefined });
        expect(await svc.get(second.id)).toMatchObject({ state: "done", result: { within: { days: 2 } } });
      }));

    it("who waits for a result has it once the transaction has committed", () =>
      withService(database, async ({ svc, kysely }) => {
        const job = await heldJob(svc);
        const result = svc.result(job.id, { timeout: "30s" });
        await kysely.transaction().execute((within) => job.done("sent", { within }));
        expect(await result).toEqual({ state: "done", result: "sent" });
      }));

    it("a lease that was lost is told within the transaction, which may go on", () =>
      withService(database, async ({ svc, kysely }) => {
        const job = await heldJob(svc);
        await svc.cancel(job.id);
        await kysely.transaction().execute(async (within) => {
          await expect(job.done(1, { within })).rejects.toMatchObject({ code: "LEASE_LOST" });
          await svc.enqueue("mails", 2, { within });
        });
        expect((await svc.reserve("mails", 10)).map(({ payload }) => payload)).toEqual([2]);
      }));

    // SQLite has one writer: there everything waits.
    if (database.dialect !== "sqlite") {
      it("what waits for a transaction holds up nobody else, not even that transaction's own process", () =>
        withService(database, async ({ svc, kysely }) => {
          const [job, canceled] = [await heldJob(svc), await heldJob(svc)];
          const waiting = await kysely.transaction().execute(async (within) => {
            await job.done("sent", { within });
            await expect(job.extend("30s")).rejects.toMatchObject({ code: "INVALID_STATE", details: { within: true } });
            await canceled.done("sent", { within });
            const cancel = expect(svc.cancel(canceled.id)).rejects.toMatchObject({ code: "INVALID_STATE" });
            expect(await svc.enqueue("mails", 2)).toBeTypeOf("string"); // never settled when it was behind the cancel
            return [cancel];
          });
          await waiting[0];
          expect(await svc.get(job.id)).toMatchObject({ state: "done", result: "sent" });
        }));
    }

    it("an instance that is in no transaction is refused before anything is written", () =>
      withService(database, async ({ svc, kysely }) => {
        await expect(svc.enqueue("mails", 1, { within: kysely })).rejects.toBeInstanceOf(TypeError);
        await expect(svc.enqueue("mails", 1, { within: {} })).rejects.toBeInstanceOf(TypeError);
        expect(await svc.find()).toEqual([]);
      }));

    it("what is enqueued within a transaction before anything else, over the only connection, is stored", async () => {
      const only = new Kysely<unknown>({ dialect: dialectFor(database.dialect, database.url ?? "", 1) });
      const work = async ({ svc }: Rig): Promise<void> => {
        await only.transaction().execute((within) => svc.enqueue("mails", 1, { within }));
        expect((await svc.find()).length).toBe(1);
      };
      await withService(database, work, only);
      await only.destroy();
    });

    it("the rule of a unique key minds a holder of the same transaction, over the only connection", async () => {
      const only = new Kysely<unknown>({ dialect: dialectFor(database.dialect, database.url ?? "", 1) });
      const work = async ({ svc }: Rig): Promise<void> => {
        const ids: string[] = [];
        await only.transaction().execute(async (within) => {
          const replace = { unique: { key: "k", onConflict: "replace" }, within } as const;
          for (const payload of [1, 2]) ids.push(await svc.enqueue("mails", payload, replace));
          const refused = svc.enqueue("mails", 3, { unique: { key: "k", onConflict: "throw" }, within });
          await expect(refused).rejects.toMatchObject({ code: "DUPLICATE_JOB" });
        });
        expect((await svc.find()).map(({ id, state }) => [id, state])).toEqual([
          [ids[0], "canceled"],
          [ids[1], "ready"],
        ]);
      };
      await withService(database, work, only);
      await only.destroy();
    });

    it("members are added to a bundle within a transaction, or told why not, over the only connection", async () => {
      const only = new Kysely<unknown>({ dialect: dialectFor(database.dialect, database.url ?? "", 1) });
      const work = async ({ svc }: Rig): Promise<void> => {
        const bundles = createBundles(svc);
        const outer = await bundles.open("outer");
        const inner = await bundles.open("inner", { parent: outer.id });
        const first = await svc.enqueue("mails", 1);
        const plain = [{ topic: "mails", payload: 2 }];
        const after = (id: string) => [{ topic: "mails", payload: 2, options: { after: [id] } }];
        await only.transaction().execute(async (within) => {
          await inner.add(after(first), { within });
          await expect(inner.add(after(outer.id), { within })).rejects.toBeInstanceOf(TypeError);
          await expect(bundles.add(first, plain, { within })).rejects.toMatchObject({ code: "JOB_NOT_FOUND" });
          await inner.seal({ within });
          await expect(inner.add(after(first), { within })).rejects.toMatchObject({ code: "INVALID_STATE" });
        });
        expect(await svc.find({ topic: "mails" })).toHaveLength(2);
      };
      await withService(database, work, only);
      await only.destroy();
    });
  });
}

await describeOn(sqlite, (database) => {
  it("statements of the driver's own, on the connection of the transaction, are part of it", () =>
    withService(database, async ({ svc, kysely }) => {
      await sql`create table sent (id text)`.execute(kysely);
      await undone(kysely, async (within) => {
        await sql`insert into sent values ('1')`.execute(within);
        await svc.enqueue("mails", 1, { within });
      });
      expect((await sql`select * from sent`.execute(kysely)).rows).toEqual([]);
      expect(await svc.find()).toEqual([]);
    }));
});

await describeOn(postgres, (database) => {
  beforeEach(() => database.clear());

  it("the transaction of a bare pg client will do, and its hint comes when it commits", () =>
    withService(database, async () => {
      const kysely = database.connect();
      const listen = { connectionString: database.url ?? "" };
      const topics = sqlTopics(kysely, { ...database.options, listen });
      const svc = createService({ jobs: sqlJobs(kysely, database.options), topics, pollInterval: "1h" });
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const waiting = svc.reserve("mails", 1, { wait: "50s" });
      for (const [payload, end] of [
        ["rolled back", "rollback"],
        ["committed", "commit"],
      ] as const) {
        await client.query("begin");
        await svc.enqueue("mails", payload, { within: overPgClient(client) });
        await client.query(end);
      }
      expect((await waiting).map(({ payload }) => payload)).toEqual(["committed"]);
      await client.end();
      await svc.close({ deadline: 0 });
    }));
});

await describeOn(mysql, (database) => {
  beforeEach(() => database.clear());

  it("a bare mysql2 connection without a transaction is said to be so", () =>
    withService(database, async ({ svc }) => {
      const pool = createPool({ uri: database.url ?? "", connectionLimit: 1 }).promise();
      const connection = await pool.getConnection();
      const outside = svc.enqueue("mails", "no", { within: overMysqlConnection(connection.connection) });
      await expect(outside).rejects.toMatchObject({ code: "TRANSACTION_ABORTED" });
      await expect(outside).rejects.toThrow("it was never begun, or the database has rolled it back");
      connection.release();
      await pool.end();
      expect(await svc.reserve("mails", 9)).toEqual([]);
    }));

  it("the transaction of a bare mysql2 connection will do", () =>
    withService(database, async ({ svc }) => {
      const pool = createPool({ uri: database.url ?? "", connectionLimit: 1 }).promise();
      const connection = await pool.getConnection();
      for (const [payload, end] of [
        ["rolled back", "rollback"],
        ["committed", "commit"],
      ] as const) {
        await connection.query("begin");
        await svc.enqueue("mails", payload, { within: overMysqlConnection(connection.connection) });
        await connection.query(end);
      }
      connection.release();
      await pool.end();
      expect((await svc.reserve("mails", 9)).map(({ payload }) => payload)).toEqual(["committed"]);
    }));
});
