import type { Run } from "../session/run.ts";
import { createIndex, dropIndex } from "./change-statements.ts";
import type { Layout } from "./layout.ts";
import type { NewIndex, TableChanges } from "./migration.ts";

/** How long a change of a table waits for those who use it, and they behind it. */
export const LOCK_TIMEOUT = "set local lock_timeout = '2s'";

/** How often an index is looked at again, when another process builds it or it was left unfinished. */
const MAX_LOOKS = 20;

/** Builds and drops indexes while others write. Several processes may do so at once; nobody needs to finish. */
export async function changeIndexesOnline(run: Run, layout: Layout, { indexes, dropped }: TableChanges): Promise<void> {
  for (const index of indexes) await build(run, layout, index);
  for (const index of dropped) await run(dropIndex(layout, index, true));
}

async function build(run: Run, layout: Layout, index: NewIndex): Promise<void> {
  for (let look = 0; look < MAX_LOOKS; look += 1) {
    const state = await stateOf(run, layout, index.name);
    if (state === "valid") return;
    if (state === "unfinished") await dropUnfinished(run, layout, index);
    await run(createIndex(layout, index, true));
  }
}

async function stateOf(run: Run, layout: Layout, name: string): Promise<"valid" | "unfinished" | undefined> {
  const index = layout.dialect.literal(layout.indexName(name));
  const [row] = await run(`select indisvalid from pg_catalog.pg_index where indexrelid = to_regclass(${index})`);
  return row && (row.indisvalid ? "valid" : "unfinished");
}

/** A process that builds it has the table's lock, so that it can be told from one that was left behind. */
async function dropUnfinished(run: Run, layout: Layout, index: NewIndex): Promise<void> {
  await run("begin");
  try {
    await run(LOCK_TIMEOUT);
    await run(`lock table ${layout.tables[index.table]} in share update exclusive mode`);
    if ((await stateOf(run, layout, index.name)) === "unfinished") await run(dropIndex(layout, index));
    await run("commit");
  } catch (error) {
    await run("rollback").catch(() => undefined); // the first error is the one to tell
    throw error;
  }
}
