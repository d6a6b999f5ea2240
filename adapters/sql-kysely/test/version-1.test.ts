import { readFileSync } from "node:fs";
import { testId } from "@jobq/conformance";
import { dataOfBackoff } from "@jobq/core";
import { CompiledQuery, type Kysely } from "kysely";
import { expect, it } from "vitest";
import { migrate, sqlJobs, sqlTopics } from "../src/index.ts";
import { mysql, postgres, sqlite } from "./databases.ts";
import { describeOn } from "./suites.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What code of version 1 has left: its tables, their rows, the jobs in them as it read them, and statements of a life. */
interface VersionOne {
  readonly schema: readonly string[];
  readonly tables: Readonly<Record<string, readonly Fields[]>>;
  readonly jobs: readonly Fields[];
  readonly life: readonly { readonly sql: string; readonly parameters: readonly unknown[]; readonly rows: Fields[] }[];
}

type Tables = Record<string, Record<string, unknown>>;

for (const kind of [sqlite, postgres, mysql]) {
  await describeOn(kind, (database) => {
    const { dialect } = database;
    const schema = (database.options as { schema?: string }).schema;
    const file = new URL(`version-1/${dialect}.json`, import.meta.url);
    const old = JSON.parse(readFileSync(file, "utf8")) as VersionOne;
    const kysely = database.connect() as Kysely<Tables>;
    const run = (sql: string, parameters: readonly unknown[] = []) =>
      kysely.executeQuery(CompiledQuery.raw(sql, [...parameters]));

    /** The tables of version 1, with their rows, under a prefix of their own. */
    const load = async (prefix: string) => {
      const here = (sql: string): string =>
        sql.replaceAll("jobq_", prefix).replaceAll('"version_1".', schema ? `"${schema}".` : "");
      for (const text of old.schema) if (!text.startsWith("create schema")) await run(here(text));
      const into = schema ? kysely.withSchema(schema) : kysely;
      for (const [table, rows] of Object.entries(old.tables)) {
        if (table !== "meta" && rows.length > 0)
          await into
            .insertInto(prefix + table)
            .values([...rows])
            .execute();
      }
      return { options: { ...database.options, prefix }, here };
    };

    it("what version 1 has written is read as it was, once it is migrated", async () => {
      const { options } = await load("v1a_");
      expect(await migrate(kysely, options)).toEqual({ from: 1, to: 2 });
      const jobs = sqlJobs(kysely, options);
      const expected = old.jobs.map(({ backoffMinMs, backoffMaxMs, bundle, ...job }) => ({
        ...job,
        group: bundle,
        data: dataOfBackoff(backoffMinMs as number, backoffMaxMs as number),
      }));
      expect(await jobs.get(expected.map((job) => (job as unknown as { id: string }).id))).toEqual(expected);
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
      const { options, here } = await load("v1b_");
      await migrate(kysely, options);
      for (const { sql, parameters, rows } of old.life) {
        const found = (await run(here(sql), parameters)).rows as Fields[];
        expect(found.map((row, index) => comparable(row, rows[index] ?? {}))).toEqual(rows);
      }
    });
  });
}

/** The row with numbers where version 1 was given numbers, and without what was not recorded. */
function comparable(row: Fields, like: Fields): Fields {
  const known = Object.entries(row).filter(([name]) => name in like);
  return Object.fromEntries(
    known.map(([name, value]) => [name, typeof like[name] === "number" ? Number(value) : value]),
  );
}
