import { readFileSync } from "node:fs";
import { dataOfBackoff, type Job, type JobId } from "@jobq/core";
import { CompiledQuery, type Kysely } from "kysely";
import type { SqlLayoutOptions } from "../src/index.ts";
import type { TestDatabase } from "./databases.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What code of version 1 has left: its tables, their rows, the jobs in them as it read them, and statements of a life. */
interface VersionOne {
  readonly schema: readonly string[];
  readonly tables: Readonly<Record<string, readonly Fields[]>>;
  readonly jobs: readonly Fields[];
  readonly life: readonly { readonly sql: string; readonly parameters: readonly unknown[]; readonly rows: Fields[] }[];
}

/** Tables of version 1 under a prefix of their own. */
export interface OldTables {
  readonly options: SqlLayoutOptions;
  /** The jobs in them, as version 2 reads them. */
  readonly jobs: readonly (Job & { readonly id: JobId })[];
  /** Statements that code of version 1 has run for a life of jobs, on the topic `life` or another, with what they returned. */
  life(topic?: string): { readonly run: () => Promise<readonly Fields[]>; readonly rows: readonly Fields[] }[];
}

/** Makes the tables as code of version 1 has left them. */
export async function oldTables(database: TestDatabase, instance: Kysely<unknown>, prefix: string): Promise<OldTables> {
  const kysely = instance as Kysely<Record<string, Record<string, unknown>>>;
  const { schema } = database.options;
  const file = new URL(`version-1/${database.dialect}.json`, import.meta.url);
  const old = JSON.parse(readFileSync(file, "utf8")) as VersionOne;
  const here = (sql: string): string =>
    sql.replaceAll("jobq_", prefix).replaceAll('"version_1".', schema ? `"${schema}".` : "");
  const run = (sql: string, parameters: readonly unknown[] = []) =>
    kysely.executeQuery(CompiledQuery.raw(here(sql), [...parameters]));
  for (const text of old.schema) if (!text.startsWith("create schema")) await run(text);
  const into = schema ? kysely.withSchema(schema) : kysely;
  for (const [table, rows] of Object.entries(old.tables)) {
    if (table === "meta" || rows.length === 0) continue;
    await into
      .insertInto(prefix + table)
      .values([...rows])
      .execute();
  }
  return {
    options: { ...database.options, prefix },
    jobs: old.jobs.map(({ backoffMinMs, backoffMaxMs, bundle, ...job }) => {
      const data = dataOfBackoff(backoffMinMs as number, backoffMaxMs as number);
      return { ...job, group: bundle, data } as unknown as Job;
    }),
    life: (topic = "life") =>
      old.life.map(({ sql, parameters, rows }) => ({
        run: async () => {
          const found = (
            await run(
              sql,
              parameters.map((value) => anotherLife(value, topic)),
            )
          ).rows as Fields[];
          return found.map((row, index) => comparable(row, rows[index] ?? {}));
        },
        rows,
      })),
  };
}

/** The parameter for a life on another topic: its jobs and keys are others as well. */
function anotherLife(value: unknown, topic: string): unknown {
  if (topic === "life" || typeof value !== "string") return value;
  const number = topic.replace(/\D/g, "");
  return value
    .replaceAll("8000-0000000000", `8000-${number.padStart(10, "0")}`)
    .replaceAll(/\blife\b/g, topic)
    .replaceAll('"unique_key":"u"', `"unique_key":"u${number}"`);
}

/** The row with numbers where version 1 was given numbers, and without what was not recorded. */
function comparable(row: Fields, like: Fields): Fields {
  const known = Object.entries(row).filter(([name]) => name in like);
  return Object.fromEntries(
    known.map(([name, value]) => [name, typeof like[name] === "number" ? Number(value) : value]),
  );
}
