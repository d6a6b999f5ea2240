import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import type { Kysely } from "kysely";
import pg from "pg";
import { beforeEach, expect, it } from "vitest";
import { overPgClient, sqlJobs } from "../src/index.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

class Undo extends Error {}

await describeOn(postgres, (database) => {
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
    const kysely = database.connect();
    const undone = async (work: (trx: Kysely<unknown>) => Promise<unknown>): Promise<void> => {
      const undo = kysely.transaction().execute(async (trx) => {
        await work(trx);
        throw new Undo();
      });
      await expect(undo).rejects.toBeInstanceOf(Undo);
    };
    beforeEach(() => database.clear());

    it("stores what is committed within a transaction iff that commits", async () => {
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
