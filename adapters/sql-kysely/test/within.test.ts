import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import type { Kysely } from "kysely";
import pg from "pg";
import { beforeEach, describe, expect, it } from "vitest";
import { overMysqlConnection, overPgClient, sqlJobs } from "../src/index.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

class Undo extends Error {}

describe("what is no connection", () => {
  const query = () => {};
  it.each([
    ["undefined", undefined, "got undefined"],
    ["an object without query", {}, "got an object"],
    ["a pool of pg", new pg.Pool(), "got a pool"],
  ])("%s is refused by overPgClient", (_, given, got) => {
    expect(() => overPgClient(given as never)).toThrow(TypeError);
    expect(() => overPgClient(given as never)).toThrow(`the client must be a client of pg, ${got}`);
  });

  it.each([
    ["null", null, "got null"],
    ["a pool of mysql2", { query, getConnection: query }, "got a pool"],
    ["a connection of mysql2/promise", { query, connection: {} }, "got one of mysql2/promise: pass its `connection`"],
  ])("%s is refused by overMysqlConnection", (_, given, got) => {
    expect(() => overMysqlConnection(given as never)).toThrow(TypeError);
    expect(() => overMysqlConnection(given as never)).toThrow(got);
  });
});

await describeOn(postgres, (database) => {
  it("says of a client outside a transaction that it is one, and stores nothing", async () => {
    const jobs = sqlJobs(database.connect(), database.options);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const outside = jobs.within(overPgClient(client)).commit([{ now: NOW, insert: [testJob(7)] }]);
    await expect(outside).rejects.toMatchObject({ code: "INVALID_STATE", details: { kind: "no transaction" } });
    await expect(outside).rejects.toThrow("run `begin`");
    await client.end();
    expect(await jobs.get([testId(7)])).toEqual([undefined]);
  });

  it("works in the transaction of a bare pg client", async () => {
    const jobs = sqlJobs(database.connect(), database.options);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    for (const [number, end] of [
      [1, "rollback"],
      [2, "commit"],
    ] as const) {
      await client.query("begin");
      await jobs.within(overPgClient(client)).commit([{ now: NOW, insert: [testJob(number)] }]);
      await client.query(end);
    }
    await client.end();
    expect((await jobs.find({ limit: 9 })).map(({ id }) => id)).toEqual([testId(2)]);
  });
});

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    it("says of a transaction that has ended that it is not open", async () => {
      const trx = await database.connect().startTransaction().execute();
      await trx.commit().execute();
      const late = sqlJobs(database.connect(), database.options)
        .within(trx)
        .commit([{ now: NOW, insert: [testJob(8)] }]);
      await expect(late).rejects.toMatchObject({ code: "INVALID_STATE", details: { kind: "no transaction" } });
    });
  });
}

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const kysely = database.connect();
    const undone = async (work: (trx: Kysely<unknown>) => Promise<unknown>): Promise<void> => {
      const undo = kysely.transaction().execute(async (trx) => {
        await work(trx);
        throw new Undo();
      });
      await expect(undo).rejects.toBeInstanceOf(Undo);
    };
    beforeEach(() => database.clear());

    it("stores what is committed within a transaction if, and only if, that commits", async () => {
      const jobs = sqlJobs(kysely, database.options);
      await undone((trx) => jobs.within(trx).commit([{ now: NOW, insert: [testJob(1)] }]));
      expect(await jobs.get([testId(1)])).toEqual([undefined]);
      expect(await jobs.tally()).toEqual([]);
      await kysely.transaction().execute(async (trx) => {
        const outcomes = await jobs.within(trx).commit([{ now: NOW, insert: [testJob(1)] }]);
        expect(outcomes).toEqual([{ ok: true, inserted: [testId(1)], leftOut: [], changed: [], removed: [] }]);
      });
      expect((await jobs.get([testId(1)]))[0]?.state).toBe("ready");
      expect(await jobs.tally()).toEqual([{ topic: "topic", state: "ready", count: 1 }]);
    });

    it("settles a reservation together with what the transaction did", async () => {
      const jobs = sqlJobs(kysely, database.options);
      await jobs.commit([{ now: NOW, insert: [testJob(1)], apply: [{ type: "reserve", id: testId(1), by: "me" }] }]);
      const done = { type: "done", id: testId(1), token: 1 } as const;
      await undone((trx) => jobs.within(trx).commit([{ now: NOW, apply: [done] }]));
      expect((await jobs.get([testId(1)]))[0]?.state).toBe("reserved");
      await kysely.transaction().execute((trx) => jobs.within(trx).commit([{ now: NOW, apply: [done] }]));
      expect((await jobs.get([testId(1)]))[0]?.state).toBe("done");
    });

    it("refuses a unit without harming the transaction", async () => {
      const jobs = sqlJobs(kysely, database.options);
      await kysely.transaction().execute(async (trx) => {
        const within = jobs.within(trx);
        await within.commit([{ now: NOW, insert: [testJob(1, { unique: "k" })] }]);
        const [duplicate] = await within.commit([{ now: NOW, insert: [testJob(2, { unique: "k" })] }]);
        expect(duplicate).toMatchObject({ ok: true, inserted: [testId(1)], leftOut: [testId(2)] });
        const [refused] = await within.commit([{ now: NOW, apply: [{ type: "done", id: testId(1), token: 9 }] }]);
        expect(refused).toMatchObject({ ok: false, code: "LEASE_LOST" });
        await within.commit([{ now: NOW, insert: [testJob(3)] }]);
      });
      expect((await jobs.find({ limit: 9 })).map(({ id }) => id)).toEqual([1, 3].map(testId));
    });

    it("works before anything else has used the repository, and after close no more", async () => {
      const jobs = sqlJobs(kysely, database.options);
      await kysely.transaction().execute((trx) => jobs.within(trx).commit([{ now: NOW, insert: [testJob(1)] }]));
      await jobs.close();
      const late = kysely.transaction().execute((trx) => jobs.within(trx).commit([{ now: NOW, insert: [testJob(2)] }]));
      await expect(late).rejects.toMatchObject({ code: "CLOSED" });
    });
  });
}
