import { JobqError } from "@jobq/core";
import type { Kysely } from "kysely";
import type { DialectName } from "../dialect/dialect.ts";
import { DIALECTS } from "../dialect/dialects.ts";
import { backOff } from "../session/back-off.ts";
import { failureKind, storeError } from "../session/failure.ts";
import { type Run, runOn } from "../session/run.ts";
import { fileOf, setBusyTimeout } from "../session/sqlite-setup.ts";
import { inTurn } from "../session/sqlite-turns.ts";
import { chosenDialect, type Layout, layoutOf, type SqlLayoutOptions } from "./layout.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";
import { storedVersion } from "./stored-version.ts";

const MAX_TRIES = 100;
const LONGEST_PAUSE_MS = 250;

/** What {@link migrate} did. */
export interface MigrateResult {
  /** The version of the tables before; 0 when they were not there. */
  readonly from: number;
  /** The version now. */
  readonly to: number;
}

/**
 * Brings the tables from any earlier version to the one this code works with; does nothing when they are there or
 * newer. Any number of processes may call it at once.
 * @throws {JobqError} STORE_FAILED
 */
export async function migrate<DB>(kysely: Kysely<DB>, options: SqlLayoutOptions = {}): Promise<MigrateResult> {
  const plain = kysely.withoutPlugins() as Kysely<unknown>;
  const layout = layoutOf(chosenDialect(plain, options.dialect), options);
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await applyMigrations(plain, layout, MIGRATIONS);
    } catch (error) {
      if (failureKind(error) !== "busy" || attempt >= MAX_TRIES) throw storeError(error, false);
      await backOff(attempt, LONGEST_PAUSE_MS);
    }
  }
}

/** The SQL that {@link migrate} runs, for those who would rather run it themselves; `from` is the version there is. */
export function migrationSql(dialect: DialectName, options: Omit<SqlLayoutOptions, "dialect"> = {}, from = 0): string {
  const layout = layoutOf(DIALECTS[dialect], options);
  const steps = MIGRATIONS.slice(from).flatMap((step, index) => stepStatements(layout, step, from + index + 1));
  return [...schemaStatements(layout), metaStatement(layout), ...steps].map((text) => `${text};\n`).join("");
}

/** Applies the steps that are not there yet. */
export async function applyMigrations(
  kysely: Kysely<unknown>,
  layout: Layout,
  steps: readonly Migration[],
): Promise<MigrateResult> {
  return kysely.connection().execute(async (connection) => {
    const run = runOn(connection);
    const before = (await storedVersion(run, layout))?.version ?? 0;
    if (before >= steps.length) return { from: before, to: before }; // which anybody may find out who may read
    const work = async (): Promise<MigrateResult> => {
      if (!(await schemaIsThere(run, layout))) for (const text of schemaStatements(layout)) await run(text);
      await run(metaStatement(layout));
      const from = (await storedVersion(run, layout))?.version ?? 0;
      for (const [index, step] of steps.entries()) {
        if (index < from) continue;
        for (const text of stepStatements(layout, step, index + 1)) await run(text);
      }
      return { from, to: Math.max(from, steps.length) };
    };
    const { name } = layout.dialect;
    if (name !== "sqlite") return exclusively(layout, EXCLUSION[name], run, work);
    await setBusyTimeout(run);
    return inTurn(await fileOf(run, layout.schema ?? "main"), run, work);
  });
}

/** Lets one process at a time do it. All steps are one transaction, but on MySQL, whose steps may be repeated instead. */
async function exclusively<T>(layout: Layout, [begin, end, undo]: Exclusion, run: Run, work: () => Promise<T>) {
  const name = `jobq ${layout.schema ?? ""} ${layout.prefix}`.replace(/[^\w ]/g, "_").slice(0, 60);
  for (const text of begin) {
    const [row] = await run(text.replace("?", `'${name}'`));
    if (row?.got === 0) throw new JobqError("STORE_FAILED", "another process has been migrating for a minute");
  }
  try {
    const answer = await work();
    for (const text of end) await run(text.replace("?", `'${name}'`));
    return answer;
  } catch (error) {
    for (const text of undo) await run(text.replace("?", `'${name}'`)).catch(() => undefined); // the first error tells more
    throw error;
  }
}

type Exclusion = readonly [begin: readonly string[], end: readonly string[], undo: readonly string[]];

const EXCLUSION: Readonly<Record<Exclude<DialectName, "sqlite">, Exclusion>> = {
  postgres: [["begin", "select pg_advisory_xact_lock(hashtext(?))"], ["commit"], ["rollback"]],
  mysql: [["select get_lock(?, 60) as got"], ["select release_lock(?)"], ["select release_lock(?)"]],
};

/** Who may not create a schema may not say "if not exists" either, so one that is there is left alone. */
async function schemaIsThere(run: Run, { dialect, schema }: Layout): Promise<boolean> {
  if (schema === undefined || dialect.name !== "postgres") return true;
  const name = `'${schema.replaceAll("'", "''")}'`;
  return (await run(`select 1 from pg_catalog.pg_namespace where nspname = ${name}`)).length > 0;
}

function schemaStatements({ dialect, schema }: Layout): string[] {
  const wanted = schema !== undefined && dialect.name === "postgres";
  return wanted ? [`create schema if not exists ${dialect.quote(schema)}`] : [];
}

function metaStatement({ dialect, tables }: Layout): string {
  const int = `${dialect.types.int} not null`;
  return `create table if not exists ${tables.meta} (id ${int} primary key, version ${int}, compatible_from ${int})${dialect.tableSuffix}`;
}

function stepStatements(layout: Layout, step: Migration, version: number): string[] {
  const { meta } = layout.tables;
  const overwrite = layout.dialect.overwrite(["id"], ["version", "compatible_from"]);
  return [
    ...step.statements(layout),
    `insert into ${meta} (id, version, compatible_from) values (1, ${version}, ${step.compatibleFrom}) ${overwrite}`,
  ];
}
