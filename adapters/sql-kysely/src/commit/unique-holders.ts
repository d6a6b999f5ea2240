import type { JobId } from "@jobq/core";
import type { Shape } from "../dialect/dialect.ts";
import { LIVE } from "../job/columns.ts";
import type { Layout } from "../schema/layout.ts";
import type { Executor } from "../session/sql-session.ts";
import { chunksOf } from "../statement/chunks.ts";
import { toRows } from "../statement/rows.ts";
import { type Statement, statement } from "../statement/statement.ts";
import { fromText, toText } from "../statement/text.ts";

const KEY = { unique_key: "key" } as const satisfies Shape;
const ID = { id: "id" } as const satisfies Shape;

/** The statements that look for holders. */
export interface HolderStatements {
  readonly plain: Statement;
  /** The rows as they are, whatever the snapshot. */
  readonly latest: Statement;
  /** Which of some jobs are live as they are. */
  readonly live: Statement;
  readonly isolation: Statement | undefined;
  /** Around a look whose locks are let go of before the transaction ends. */
  readonly look: readonly [begin: Statement, end: Statement];
}

/** Prepares them for a layout. */
export function holderStatements({ dialect, tables }: Layout): HolderStatements {
  const make = (text: string): Statement => statement(dialect, text);
  const plain = `select j.id, j.unique_key from ${dialect.rows(":rows", "i", KEY)}
    ${dialect.join} ${tables.jobs} as j ${dialect.useIndex("jobs_unique")} on j.${dialect.liveKey} = i.unique_key
    where j.unique_key is not null and j.state in ${LIVE}`;
  return {
    plain: make(plain),
    latest: make(`${plain} ${dialect.lockShared}`),
    live: make(`select j.id from ${dialect.rows(":rows", "i", ID)}
      ${dialect.join} ${tables.jobs} as j ${dialect.byKey} on j.id = i.id
      where j.state in ${LIVE} ${dialect.lockShared}`),
    isolation: dialect.isolation === undefined ? undefined : make(dialect.isolation),
    look: [make("savepoint jobq_look"), make("rollback to savepoint jobq_look")],
  };
}

/** Who holds unique keys. */
export class UniqueHolders {
  readonly #statements: HolderStatements;

  constructor(layout: Layout) {
    this.#statements = holderStatements(layout);
  }

  /** Those of these keys that live jobs hold, with the jobs, as a transaction of ours sees it. */
  find(executor: Executor, keys: readonly string[]): Promise<Map<string, JobId>> {
    return this.#find(executor, keys, this.#statements.plain);
  }

  /**
   * The same in a transaction of the user's, whose snapshot may be old: what it shows is looked at as it is now. Where
   * that cannot be shown the database fails the statement.
   * @param attempt above 0 when a key has turned out to be held
   */
  async findWithin(executor: Executor, keys: readonly string[], attempt: number): Promise<Map<string, JobId>> {
    if (keys.length === 0) return new Map();
    const { plain, latest, isolation, look } = this.#statements;
    const level = isolation && (await executor.run(isolation))[0]?.isolation;
    if (level === "read committed") return this.find(executor, keys);
    // A lock on what is not there would be in the way of others who insert: only once it is known to be there.
    const isThere = attempt > 0 && level === undefined;
    const holders = await this.#find(executor, keys, isThere ? latest : plain);
    if (isThere || holders.size === 0) return holders;
    if (level !== undefined) await executor.run(look[0]);
    const live = await this.#live(executor, [...holders.values()]);
    if (level !== undefined) await executor.run(look[1]);
    return new Map([...holders].filter(([, id]) => live.has(id)));
  }

  async #find(executor: Executor, keys: readonly string[], select: Statement): Promise<Map<string, JobId>> {
    const holders = new Map<string, JobId>();
    for (const chunk of chunksOf(keys.map((key) => ({ unique_key: toText(key) })))) {
      for (const row of await executor.run(select, { rows: toRows(chunk) })) {
        holders.set(fromText(row.unique_key as string), row.id as JobId);
      }
    }
    return holders;
  }

  async #live(executor: Executor, ids: readonly JobId[]): Promise<ReadonlySet<JobId>> {
    const live = new Set<JobId>();
    for (const chunk of chunksOf(ids.map((id) => ({ id })))) {
      for (const { id } of await executor.run(this.#statements.live, { rows: toRows(chunk) })) live.add(id as JobId);
    }
    return live;
  }
}
