import type { JobId } from "@jobq/core";
import type { Shape } from "../dialect/dialect.ts";
import { computed, conditions } from "../job/conditions.ts";
import type { Layout } from "../schema/layout.ts";
import type { Executor } from "../session/sql-session.ts";
import { chunksOf } from "../statement/chunks.ts";
import { type Fields, toRows } from "../statement/rows.ts";
import { type Row, type Statement, statement } from "../statement/statement.ts";
import { fromText, toText } from "../statement/text.ts";

const KEY = { unique_key: "key" } as const satisfies Shape;
const SLOT = { limit_key: "key", slot: "int" } as const satisfies Shape;
const ID = { id: "id" } as const satisfies Shape;

/** The statements that look for the holders of one kind of thing. */
export interface HolderStatements {
  readonly plain: Statement;
  /** The rows as they are, whatever the snapshot. */
  readonly latest: Statement;
  /** Which of some jobs still hold something, as they are. */
  readonly still: Statement;
  readonly isolation: Statement | undefined;
  /** Around a look whose locks are let go of before the transaction ends. */
  readonly look: readonly [begin: Statement, end: Statement];
}

/** Prepares them for a layout: for unique keys, or for slots. */
export function holderStatements({ dialect, tables }: Layout, of: "key" | "slot"): HolderStatements {
  const make = (text: string): Statement => statement(dialect, text);
  const { heldKey, liveSlot } = computed(dialect);
  const [shape, index, meet, holds] =
    of === "key"
      ? ([KEY, "jobs_held", dialect.has(heldKey, "i.unique_key"), conditions().holdsKey] as const)
      : ([
          SLOT,
          "jobs_slot",
          `${dialect.has("j.limit_key", "i.limit_key")} and ${liveSlot} = i.slot`,
          conditions().isLive,
        ] as const);
  const columns = Object.keys(shape).map((name) => `j.${name}`);
  const plain = `select j.id, ${columns.join(", ")} from ${dialect.sought(":rows", "i", shape)}
    ${dialect.join} ${tables.jobs} as j ${dialect.useIndex(index)} on ${meet} where ${holds}`;
  return {
    plain: make(plain),
    latest: make(`${plain} ${dialect.lockShared}`),
    still: make(`select j.id from ${dialect.sought(":rows", "i", ID)}
      ${dialect.join} ${tables.jobs} as j ${dialect.byKey} on ${dialect.has("j.id", "i.id")} where ${holds} ${dialect.lockShared}`),
    isolation: dialect.isolation === undefined ? undefined : make(dialect.isolation),
    look: [make("savepoint jobq_look"), make("rollback to savepoint jobq_look")],
  };
}

/** Who holds unique keys, or slots by the names that `heldSlot` of core gives them. */
export class Holders {
  readonly #statements: HolderStatements;
  readonly #toRow: (name: string) => Fields;
  readonly #nameOf: (row: Row) => string;

  constructor(layout: Layout, of: "key" | "slot") {
    this.#statements = holderStatements(layout, of);
    this.#toRow = of === "key" ? keyRow : slotRow;
    this.#nameOf = of === "key" ? keyOf : slotOf;
  }

  /**
   * Those of the names that jobs hold, with the jobs.
   * @param attempt how often the work failed before, in a transaction of the user's
   */
  find(executor: Executor, names: readonly string[], attempt?: number): Promise<Map<string, JobId>> {
    if (names.length === 0) return Promise.resolve(new Map());
    if (attempt === undefined) return this.#find(executor, names, this.#statements.plain);
    return this.#findWithin(executor, names, attempt);
  }

  /**
   * In a transaction of the user's, whose snapshot may be old: what it shows is looked at as it is now. Where that cannot
   * be shown the database fails the statement.
   */
  async #findWithin(executor: Executor, names: readonly string[], attempt: number): Promise<Map<string, JobId>> {
    const { plain, latest, isolation, look } = this.#statements;
    const level = isolation && (await executor.run(isolation))[0]?.isolation;
    if (level === "read committed") return this.#find(executor, names, plain);
    // A lock on what is not there would be in the way of others who insert: only once it is known to be there.
    const isThere = attempt > 0 && level === undefined;
    const holders = await this.#find(executor, names, isThere ? latest : plain);
    if (isThere || holders.size === 0) return holders;
    if (level !== undefined) await executor.run(look[0]);
    const still = await this.#still(executor, [...holders.values()]);
    if (level !== undefined) await executor.run(look[1]);
    return new Map([...holders].filter(([, id]) => still.has(id)));
  }

  async #find(executor: Executor, names: readonly string[], select: Statement): Promise<Map<string, JobId>> {
    const holders = new Map<string, JobId>();
    for (const chunk of chunksOf(names)) {
      for (const row of await executor.run(select, { rows: toRows(chunk.map(this.#toRow)) })) {
        holders.set(this.#nameOf(row), row.id as JobId);
      }
    }
    return holders;
  }

  async #still(executor: Executor, ids: readonly JobId[]): Promise<ReadonlySet<JobId>> {
    const still = new Set<JobId>();
    for (const chunk of chunksOf(ids.map((id) => ({ id })))) {
      for (const { id } of await executor.run(this.#statements.still, { rows: toRows(chunk) })) still.add(id as JobId);
    }
    return still;
  }
}

const keyRow = (key: string): Fields => ({ unique_key: toText(key) });
const keyOf = ({ unique_key }: Row): string => fromText(unique_key as string);

function slotRow(name: string): Fields {
  const slash = name.indexOf("/");
  return { slot: Number(name.slice(0, slash)), limit_key: toText(name.slice(slash + 1)) };
}

const slotOf = ({ slot, limit_key }: Row): string => `${Number(slot)}/${fromText(limit_key as string)}`;
