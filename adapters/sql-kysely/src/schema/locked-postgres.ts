import { failureKind } from "../session/failure.ts";
import type { Run } from "../session/run.ts";
import type { Layout } from "./layout.ts";
import { lockName } from "./lock-name.ts";
import { metaStatement, schemaStatements } from "./meta-statements.ts";
import { LOCK_TIMEOUT } from "./online-postgres.ts";

/**
 * Does the work in a transaction, when no other process is at it: by an advisory lock, or where there are none by a row
 * of the table of versions, which then has to be there first.
 */
export async function lockedOnPostgres<T>(run: Run, layout: Layout, work: () => Promise<T>): Promise<T> {
  const { namedLocks } = layout.dialect;
  if (!namedLocks) await createMeta(raced(run), layout);
  await run("begin");
  try {
    for (const text of namedLocks ? [advisoryLock(layout)] : rowLock(layout)) await run(text);
    await run(LOCK_TIMEOUT); // one who waits for a table's lock has all others wait behind it
    const answer = await work();
    await run("commit");
    return answer;
  } catch (error) {
    await run("rollback").catch(() => undefined); // the first error tells more
    throw error;
  }
}

/** Makes the schema and the table of versions, where they are not there. */
export async function createMeta(run: Run, layout: Layout): Promise<void> {
  if (!(await schemaIsThere(run, layout))) for (const text of schemaStatements(layout)) await run(text);
  await run(metaStatement(layout));
}

function advisoryLock(layout: Layout): string {
  return `select pg_advisory_xact_lock(hashtext(${lockName(layout)}))`;
}

/** The row 0, which tells nothing: the version is in row 1. */
function rowLock({ tables }: Layout): string[] {
  return [
    `insert into ${tables.meta} (id, version, compatible_from) values (0, 0, 0) on conflict (id) do nothing`,
    `select id from ${tables.meta} where id = 0 for update`,
  ];
}

/** Of several who create "if not exists" at once, all but one may fail with a duplicate, and find it there then. */
function raced(run: Run): Run {
  return (text) =>
    run(text).catch((error: unknown) => {
      if (failureKind(error) !== "duplicate") throw error;
      return run(text);
    });
}

/** Who may not create a schema may not say "if not exists" either, so one that is there is left alone. */
async function schemaIsThere(run: Run, { dialect, schema }: Layout): Promise<boolean> {
  if (schema === undefined) return true;
  return (await run(`select 1 from pg_catalog.pg_namespace where nspname = ${dialect.literal(schema)}`)).length > 0;
}
