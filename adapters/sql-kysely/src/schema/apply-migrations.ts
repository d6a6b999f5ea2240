import { JobqError } from "@jobq/core";
import type { Kysely } from "kysely";
import type { DialectName } from "../dialect/dialect.ts";
import { type Run, runOn } from "../session/run.ts";
import { fileOf, setBusyTimeout } from "../session/sqlite-setup.ts";
import { inTurn } from "../session/sqlite-turns.ts";
import { addColumns, indexChanges } from "./change-statements.ts";
import type { Layout } from "./layout.ts";
import { lockName } from "./lock-name.ts";
import { createMeta, lockedOnPostgres } from "./locked-postgres.ts";
import { metaStatement } from "./meta-statements.ts";
import type { Migration } from "./migration.ts";
import { addMissingColumns, changeIndexes } from "./online-mysql.ts";
import { changeIndexesOnline } from "./online-postgres.ts";
import { storedVersion } from "./stored-version.ts";

/** The versions of the tables before and after. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

/** Applies the steps that are not there yet. */
export function applyMigrations(
  kysely: Kysely<unknown>,
  layout: Layout,
  steps: readonly Migration[],
): Promise<Migrated> {
  return kysely.connection().execute(async (connection) => {
    const run = runOn(connection);
    const before = (await storedVersion(run, layout))?.version ?? 0;
    if (before >= steps.length) return { from: before, to: before }; // which anybody may find out who may read
    return APPLY[layout.dialect.name](run, layout, steps);
  });
}

type Apply = (run: Run, layout: Layout, steps: readonly Migration[]) => Promise<Migrated>;

const APPLY: Readonly<Record<DialectName, Apply>> = {
  /** All steps are one transaction. */
  async sqlite(run, layout, steps) {
    await setBusyTimeout(run);
    return inTurn(await fileOf(run, layout.schema ?? "main"), run, () => applyPlainly(run, layout, steps));
  },

  /** The first steps are one transaction; of later ones, on tables that are in use, indexes are built outside of it. */
  async postgres(run, layout, steps) {
    const first = await lockedOnPostgres(run, layout, async () => {
      await createMeta(run, layout);
      const from = await versionNow(run, layout);
      return from === 0 ? applyPlainly(run, layout, steps) : { from, to: from };
    });
    for (const [index, step] of steps.entries()) {
      if (index >= first.to) await applyOnline(run, layout, step, index + 1);
    }
    return { from: first.from, to: Math.max(first.to, steps.length) };
  },

  /** Each statement is its own transaction, and the next process goes on where one was cut off. */
  mysql(run, layout, steps) {
    return lockedOnMysql(run, layout, async () => {
      await run(metaStatement(layout));
      const from = await versionNow(run, layout);
      for (const [index, step] of steps.entries()) {
        if (index < from) continue;
        const changes = step.changes?.(layout);
        if (changes) await addMissingColumns(run, layout, changes);
        for (const text of step.statements(layout)) await run(text);
        if (changes) await changeIndexes(run, layout, changes);
        await run(versionStatement(layout, step, index + 1));
      }
      return { from, to: Math.max(from, steps.length) };
    });
  },
};

async function applyPlainly(run: Run, layout: Layout, steps: readonly Migration[]): Promise<Migrated> {
  await run(metaStatement(layout));
  const from = await versionNow(run, layout);
  for (const [index, step] of steps.entries()) {
    if (index >= from) for (const text of stepStatements(layout, step, index + 1, false)) await run(text);
  }
  return { from, to: Math.max(from, steps.length) };
}

async function applyOnline(run: Run, layout: Layout, step: Migration, version: number): Promise<void> {
  const changes = step.changes?.(layout);
  await lockedOnPostgres(run, layout, async () => {
    for (const text of addColumns(layout, changes?.columns ?? [])) await run(text);
    for (const text of step.statements(layout)) await run(text);
  });
  if (changes) await changeIndexesOnline(run, layout, changes);
  await lockedOnPostgres(run, layout, async () => {
    if ((await versionNow(run, layout)) < version) await run(versionStatement(layout, step, version));
  });
}

async function versionNow(run: Run, layout: Layout): Promise<number> {
  return (await storedVersion(run, layout))?.version ?? 0;
}

/** All that a step does; `online` for tables that are in use. */
export function stepStatements(layout: Layout, step: Migration, version: number, online: boolean): string[] {
  const changes = step.changes?.(layout);
  return [
    ...addColumns(layout, changes?.columns ?? []),
    ...step.statements(layout),
    ...(changes ? indexChanges(layout, changes, online) : []),
    versionStatement(layout, step, version),
  ];
}

function versionStatement({ dialect, tables }: Layout, step: Migration, version: number): string {
  const overwrite = dialect.overwrite(["id"], ["version", "compatible_from"]);
  return `insert into ${tables.meta} (id, version, compatible_from) values (1, ${version}, ${step.compatibleFrom}) ${overwrite}`;
}

async function lockedOnMysql<T>(run: Run, layout: Layout, work: () => Promise<T>): Promise<T> {
  const [row] = await run(`select get_lock(${lockName(layout)}, 60) as got`);
  if (Number(row?.got) !== 1) throw new JobqError("STORE_FAILED", "another process has been migrating for a minute");
  try {
    await run("set lock_wait_timeout = 2");
    return await work();
  } finally {
    await run("set lock_wait_timeout = default").catch(() => undefined);
    await run(`select release_lock(${lockName(layout)})`).catch(() => undefined); // the connection's end lets go as well
  }
}
