import { failureKind } from "../session/failure.ts";
import type { Executor } from "../session/sql-session.ts";
import type { Statement } from "../statement/statement.ts";

const [SAVEPOINT, UNDO, RELEASE] = ["savepoint", "rollback to savepoint", "release savepoint"].map(
  (words): Statement => ({ sql: `${words} jobq_part`, parameters: [] }),
) as [Statement, Statement, Statement];

/** Does a part of a transaction as a whole, or not at all where somebody's lock is in the way; says whether it did. */
export async function unlessLocked(executor: Executor, part: () => Promise<void>): Promise<boolean> {
  await executor.run(SAVEPOINT);
  try {
    await part();
    await executor.run(RELEASE);
    return true;
  } catch (error) {
    if (failureKind(error) !== "locked") throw error;
    await executor.run(UNDO);
    await executor.run(RELEASE);
    return false;
  }
}
