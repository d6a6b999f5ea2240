import { testId, WriteFaults } from "@jobq/conformance";
import type { JobHead } from "@jobq/core";
import { Kysely, sql } from "kysely";
import { expect, it } from "vitest";
import { migrate, sqlJobs, sqlTopics } from "../src/index.ts";
import { connectTo, dialectFor } from "./connect.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { faultyDialect } from "./faulty-dialect.ts";
import { type OldTables, oldTables } from "./old-tables.ts";
import { describeOn } from "./suites.ts";

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const { dialect, url = "" } = database;
    const kysely = database.connect();
    const load = (prefix: string) => oldTables(database, kysely, prefix);
    const isReadAs = async ({ options, jobs }: OldTables) =>
      expect(await sqlJobs(kysely, options).get(jobs.map(({ id }) => id))).toEqual(jobs);
    const goesOn = async ({ life }: OldTables) => {
      for (const { run, rows } of life()) expect(await run()).toEqual(rows);
    };

    it("what version 1 has written is read as it was, once it is migrated", async () => {
      const tables = await load("v1a_");
      const { options } = tables;
      expect(await migrate(kysely, options)).toEqual({ from: 1, to: 2 });
      await isReadAs(tables);
      const jobs = sqlJobs(kysely, options);
      expect((await jobs.find({ group: "bundle-1", limit: 9 })).map(({ id }) => id)).toEqual([testId(13)]);
      expect((await jobs.notes(testId(7))).map(({ kind, key, value }) => [kind, key, value])).toEqual([
        ["checkpoint", "\ud800", ""],
        ["log", "1", "line\u0000"],
      ]);
      const topics = sqlTopics(kysely, options);
      expect(await topics.pop("foreign", 9)).toEqual([testId(90)]);
      expect((await topics.topics()).filter(({ paused }) => paused).map(({ topic }) => topic)).toEqual(["paused "]);
    });

    it("code of version 1 goes on beside, on tables of version 2", async () => {
      const tables = await load("v1b_");
      await migrate(kysely, tables.options);
      await goesOn(tables);
    });

    it("a migration that is killed at any statement leaves what version 1 works on, and ends when it is run again", async () => {
      for (let statement = 1, isKilled = true; isKilled; statement += 1) {
        const tables = await load(`v1k${statement}_`);
        const faults = new WriteFaults();
        const mortal = new Kysely<unknown>({ dialect: faultyDialect(dialectFor(dialect, url, 2), faults) });
        faults.dieAt(statement, "lost");
        await migrate(mortal, tables.options).catch(() => {});
        await mortal.destroy();
        isKilled = faults.isDead;
        expect(isKilled || statement > 3).toBe(true);
        await goesOn(tables);
        expect(await migrate(kysely, tables.options)).toMatchObject({ to: 2 });
        await isReadAs(tables);
      }
    });

    it("tables are migrated while code of version 1 works on them", async () => {
      await sqlJobs(kysely, database.options).find({ limit: 1 }); // has SQLite's file in WAL mode
      const tables = await load("v1l_");
      const other = dialect === "mysql" ? database.connect() : connectTo(dialect, url);
      // In one process nobody may wait inside SQLite for the other.
      if (dialect === "sqlite") await sql`pragma busy_timeout = 0`.execute(kysely);
      const live = async (topic: string) => {
        for (const { run } of tables.life(topic)) {
          const again = (error: unknown): Promise<unknown> =>
            isBusy(error) ? run().catch(again) : Promise.reject(error);
          await run().catch(again);
        }
      };
      await live("life1");
      let isOver = false;
      const migrating = migrate(other, tables.options).finally(() => {
        isOver = true;
      });
      let lives = 1;
      do {
        lives += 1;
        await live(`life${lives}`);
      } while (!isOver);
      expect(await migrating).toEqual({ from: 1, to: 2 });
      await live(`life${lives + 1}`);
      const jobs = sqlJobs(kysely, tables.options);
      const left = async (topic: string) => (await jobs.find({ topic, limit: 99 })).map(plainly);
      const tally = await jobs.tally();
      for (let life = 2; life <= lives + 1; life += 1) {
        expect(await left(`life${life}`)).toEqual(await left("life1"));
        const counted = tally.filter(({ topic }) => topic === `life${life}`).reduce((sum, { count }) => sum + count, 0);
        expect(counted).toBe((await left("life1")).length);
      }
      await other.destroy();
    });

    if (dialect === "postgres") {
      it("an index whose building was killed is built anew", async () => {
        const { options } = await load("v1i_");
        const builder = connectTo(dialect, url);
        const jobsTable = `${options.schema}.v1i_jobs`;
        const holder = await kysely.startTransaction().setIsolationLevel("repeatable read").execute();
        await sql`select 1`.execute(holder); // a snapshot, for whose end an index waits before it is valid
        const migrating = migrate(builder, options).catch((error: unknown) => error);
        for (let killed = 0; killed === 0; ) {
          const { rows } = await sql`select pg_terminate_backend(pid) from pg_stat_activity
            where query like 'create % index concurrently %v1i_%' and wait_event_type = 'Lock'`.execute(kysely);
          killed = rows.length;
        }
        expect(await migrating).toBeInstanceOf(Error);
        await holder.rollback().execute();
        const unfinished = () =>
          sql`select 1 from pg_index where not indisvalid and indrelid = ${jobsTable}::regclass`.execute(kysely);
        expect((await unfinished()).rows.length).toBe(1);
        expect(await migrate(kysely, options)).toEqual({ from: 1, to: 2 });
        expect((await unfinished()).rows.length).toBe(0);
        await builder.destroy();
      });
    }
  });
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && error.message === "database is locked";
}

/** What a life leaves of a job, whichever topic it was on. */
function plainly({ id, state, attempt, token, reason, leaseLosses }: JobHead) {
  return { id: id.slice(-2), state, attempt, token, reason, leaseLosses };
}
