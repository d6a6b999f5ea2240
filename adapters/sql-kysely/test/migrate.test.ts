import { TEST_NOW as NOW, testId, testJob } from "@jobq/conformance";
import { CompiledQuery, type Kysely } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import { DIALECTS } from "../src/dialect/dialects.ts";
import { type DialectName, migrate, migrationSql, sqlJobs, sqlTopics } from "../src/index.ts";
import { applyMigrations } from "../src/schema/apply-migrations.ts";
import { layoutOf, type SqlLayoutOptions } from "../src/schema/layout.ts";
import type { Migration } from "../src/schema/migration.ts";
import { MIGRATIONS, SCHEMA_VERSION } from "../src/schema/migrations.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

const TABLES = ["counts", "entries", "jobs", "meta", "notes", "tags", "topics"];

/** A later version that old code may still use, and one after it that it may not. */
const LATER: Migration = {
  compatibleFrom: SCHEMA_VERSION,
  statements: ({ tables }) => [`create table if not exists ${tables.meta.replace(/meta(\W?)$/, "later$1")} (id int)`],
};
const BROKEN: Migration = { compatibleFrom: SCHEMA_VERSION + 2, statements: () => [] };

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const kysely = database.connect();
    let prefixes = 0;
    let options = { ...database.options, prefix: "" };
    const layout = () => layoutOf(DIALECTS[database.dialect], options);
    const drop = async (): Promise<void> => {
      for (const table of [...TABLES, "later"]) {
        await kysely.executeQuery(
          CompiledQuery.raw(`drop table if exists ${layout().tables.meta.replace("meta", table)}`),
        );
      }
    };
    beforeEach(() => {
      options = { ...database.options, prefix: `m${++prefixes}_` };
    });
    const commit = () => sqlJobs(kysely, options).commit([{ now: NOW, insert: [testJob(1)] }]);

    it("creates the tables, and does nothing the second time", async () => {
      expect(await migrate(kysely, options)).toEqual({ from: 0, to: SCHEMA_VERSION });
      await commit();
      expect(await migrate(kysely, options)).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION });
      expect((await sqlJobs(kysely, options).get([testId(1)]))[0]?.id).toBe(testId(1));
      await drop();
    });

    it("lets any number of processes migrate at once", async () => {
      const instances = Array.from({ length: 4 }, () => database.connect());
      const results = await Promise.all(instances.map((instance) => migrate(instance, options)));
      expect(results.map(({ from }) => from).sort()).toEqual([0, SCHEMA_VERSION, SCHEMA_VERSION, SCHEMA_VERSION]);
      await commit();
      await drop();
    });

    it("takes up where a migration was cut off", async () => {
      const halfway = MIGRATIONS.map(({ statements, compatibleFrom }) => ({
        compatibleFrom,
        statements: (of: ReturnType<typeof layout>) => [...statements(of).slice(0, 3), "select no_such_function()"],
      }));
      await expect(applyMigrations(kysely, layout(), halfway)).rejects.toThrow();
      expect(await migrate(kysely, options)).toEqual({ from: 0, to: SCHEMA_VERSION });
      await commit();
      await drop();
    });

    if (database.dialect === "postgres") {
      it("says what ended it, though nothing can be undone any more", async () => {
        const dies: Migration = {
          compatibleFrom: 1,
          statements: () => ["select pg_terminate_backend(pg_backend_pid())"],
        };
        await expect(applyMigrations(kysely, layout(), [dies])).rejects.toMatchObject({ code: "57P01" });
      });
    }

    it("is what the printed SQL does", async () => {
      const { prefix, schema } = options as { prefix: string; schema?: string };
      const text = migrationSql(database.dialect, schema ? { prefix, schema } : { prefix });
      for (const one of text.split(";\n")) if (one) await kysely.executeQuery(CompiledQuery.raw(one));
      expect(await migrate(kysely, options)).toEqual({ from: SCHEMA_VERSION, to: SCHEMA_VERSION });
      await commit();
      await drop();
    });

    it("repositories refuse tables that are not there, and work once they are", async () => {
      const jobs = sqlJobs(kysely, options);
      await expect(jobs.find({ limit: 1 })).rejects.toMatchObject({ code: "STORE_VERSION" });
      await expect(sqlTopics(kysely, options).topics()).rejects.toMatchObject({ code: "STORE_VERSION" });
      await expect(
        kysely.transaction().execute((trx) => jobs.within(trx).commit([{ now: NOW, insert: [testJob(1)] }])),
      ).rejects.toMatchObject({ code: "STORE_VERSION" });
      await migrate(kysely, options);
      expect(await jobs.find({ limit: 1 })).toEqual([]);
      await drop();
    });

    it("repositories work on later tables that say they may, and refuse those that say they may not", async () => {
      await applyMigrations(kysely, layout(), [...MIGRATIONS, LATER]);
      await commit();
      expect(await migrate(kysely, options)).toEqual({ from: SCHEMA_VERSION + 1, to: SCHEMA_VERSION + 1 });
      expect(await applyMigrations(kysely, layout(), [...MIGRATIONS, LATER, BROKEN])).toEqual({
        from: SCHEMA_VERSION + 1,
        to: SCHEMA_VERSION + 2,
      });
      await expect(commit()).rejects.toMatchObject({
        code: "STORE_VERSION",
        details: { stored: SCHEMA_VERSION + 2, known: SCHEMA_VERSION },
      });
      await drop();
    });

    it("prefixes keep queues in one database apart", async () => {
      const second = { ...options, prefix: `${options.prefix}2_` };
      await migrate(kysely, options);
      await migrate(kysely, second);
      await commit();
      expect(await sqlJobs(kysely, second).find({ limit: 1 })).toEqual([]);
      await drop();
      options = second;
      await drop();
    });
  });
}

describe("migrationSql", () => {
  it.each<DialectName>(["sqlite", "postgres", "mysql"])("from the latest version changes no table of %s", (dialect) => {
    const text = migrationSql(dialect, {}, SCHEMA_VERSION);
    expect(text.match(/create table|alter|index/g)).toEqual(["create table"]);
    expect(text).toContain("jobq_meta");
  });

  it("refuses a prefix that would have to be quoted", () => {
    expect(() => migrationSql("sqlite", { prefix: 'a"b' })).toThrow(TypeError);
  });

  it.each([SCHEMA_VERSION + 1, -1, 0.5])("refuses version %s, which there is not", (from) => {
    expect(() => migrationSql("sqlite", {}, from)).toThrow(RangeError);
  });
});

describe("options", () => {
  it("one that there is not is refused, and the nearest that there is named", async () => {
    const kysely = {} as Kysely<unknown>;
    const misspelled = { prefx: "queue_" } as SqlLayoutOptions;
    for (const make of [sqlJobs, sqlTopics]) expect(() => make(kysely, misspelled)).toThrow(/"prefx".*"prefix"/);
    await expect(migrate(kysely, misspelled)).rejects.toThrow(TypeError);
  });

  it("a dialect that there is not is refused", () => {
    const kysely = { getExecutor() {} } as unknown as Kysely<unknown>;
    expect(() => sqlJobs(kysely, { dialect: "oracle" as DialectName })).toThrow(/dialect must be .*"oracle"/);
  });
});
