import { JobqError } from "@jobq/core";
import type { Kysely } from "kysely";
import type { Layout } from "../schema/layout.ts";
import { checkVersion } from "../schema/stored-version.ts";
import { bind, type Row, type Statement, type Values } from "../statement/statement.ts";
import { onConnection } from "./connection-turn.ts";
import { isInTheWay, isOutside, notOpen, storeError } from "./failure.ts";
import { openStore } from "./open-store.ts";
import { checkPacket } from "./packet-limit.ts";
import { type Patience, SERVER_PATIENCE, SQLITE_PATIENCE, withRetries } from "./retries.ts";
import { runOn } from "./run.ts";
import { behindSavepoint } from "./savepoint.ts";
import type { Durability } from "./sqlite-setup.ts";
import { inTurn } from "./sqlite-turns.ts";

/** Runs statements: each on its own, or all in one transaction. */
export interface Executor {
  run(statement: Statement, values?: Values): Promise<readonly Row[]>;
}

/** A Kysely instance as the repositories use it: opened once, errors translated, transactions of ours tried again. */
export class SqlSession implements Executor {
  readonly layout: Layout;
  readonly kysely: Kysely<unknown>;
  readonly #durability: Durability;
  readonly #underWay = new Set<Promise<unknown>>();
  #file: string | undefined;
  #maxPacket = Infinity;
  readonly #patience: Patience;
  #opening: Promise<void> | undefined;
  #open = false;
  #closed = false;

  /** True when the data lives in this process's memory; known once the session is open. */
  volatile = false;

  constructor(kysely: Kysely<unknown>, layout: Layout, durability: Durability = "machine") {
    this.kysely = kysely.withoutPlugins();
    this.layout = layout;
    this.#durability = durability;
    this.#patience = layout.dialect.name === "sqlite" ? SQLITE_PATIENCE : SERVER_PATIENCE;
  }

  /** Does work of a port: opens the store before the first, refuses after `close`, and lets `close` wait for it. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new JobqError("CLOSED", "the repository is closed");
    const running = this.#open ? work() : this.#opened().then(work);
    this.#underWay.add(running);
    try {
      return await running;
    } finally {
      this.#underWay.delete(running);
    }
  }

  /** Waits for what is under way; the Kysely instance stays the user's. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** Reads. */
  run(statement: Statement, values: Values = {}): Promise<readonly Row[]> {
    return withRetries(
      this.#patience,
      () => this.#alone(statement, values),
      (kind) => isInTheWay(kind) || kind === "broken",
    );
  }

  /**
   * Writes with one statement; whether it was stored cannot be known when the connection breaks. On SQLite it is committed
   * expressly: while a statement that met a lock is still open, which libsql keeps until it is collected, a single one is
   * not, and says nothing.
   * @param waits false when it is to fail where somebody else's lock made it fail
   */
  write(statement: Statement, values: Values, waits = true): Promise<readonly Row[]> {
    if (this.layout.dialect.name === "sqlite") return this.transaction((executor) => executor.run(statement, values));
    return withRetries(
      this.#patience,
      () => this.#alone(statement, values),
      (kind) => kind === "busy" || (waits && kind === "locked"),
      () => true,
    );
  }

  /**
   * Does the work in one transaction. When somebody was in the way, or the connection broke before the end, the whole
   * of it is done again: `attempt` counts from 0. A duplicate key counts as in the way, since the next attempt sees
   * the row.
   */
  async transaction<T>(work: (executor: Executor, attempt: number) => Promise<T>): Promise<T> {
    let committing = false;
    const once = (attempt: number): Promise<T> => {
      committing = false;
      return this.#begun(async (kysely) => {
        const result = await work(this.#executorOver(kysely), attempt);
        committing = true;
        return result;
      });
    };
    return withRetries(
      this.#patience,
      once,
      (kind) => isInTheWay(kind) || (!committing && (kind === "duplicate" || kind === "broken")),
      () => committing,
    );
  }

  /**
   * Does the work inside a transaction of the user's: as a whole or not at all. A duplicate key is tried again: `attempt`
   * counts from 0.
   * @throws {JobqError} TRANSACTION_ABORTED, INVALID_STATE (no transaction is open), STORE_VERSION, STORE_FAILED, CLOSED
   */
  async within<T>(trx: Kysely<unknown>, work: (executor: Executor, attempt: number) => Promise<T>): Promise<T> {
    if (this.#closed) throw new JobqError("CLOSED", "the repository is closed");
    const kysely = trx.withoutPlugins();
    const run = runOn(kysely);
    try {
      if (!this.#open) await checkVersion(run, this.layout);
      return await behindSavepoint(this.layout.dialect, run, (attempt) => work(this.#executorOver(kysely), attempt));
    } catch (error) {
      throw isOutside(error) ? notOpen(error) : storeError(error, false);
    }
  }

  /** One transaction. */
  #begun<T>(work: (kysely: Kysely<unknown>) => Promise<T>): Promise<T> {
    if (this.layout.dialect.name !== "sqlite") {
      return this.kysely.transaction().setIsolationLevel("read committed").execute(work);
    }
    return onConnection(this.kysely, (kysely) => inTurn(this.#file, runOn(kysely), () => work(kysely)));
  }

  async #alone(statement: Statement, values: Values): Promise<readonly Row[]> {
    if (this.layout.dialect.name !== "sqlite") return this.#executorOver(this.kysely).run(statement, values);
    return onConnection(this.kysely, (kysely) => this.#executorOver(kysely).run(statement, values));
  }

  #executorOver(kysely: Kysely<unknown>): Executor {
    return {
      run: async (statement, values = {}) => {
        const query = bind(statement, values);
        checkPacket(query, this.#maxPacket);
        return (await kysely.executeQuery(query)).rows;
      },
    };
  }

  #opened(): Promise<void> {
    this.#opening ??= withRetries(
      this.#patience,
      () => openStore(this.kysely, this.layout, this.#durability),
      (kind) => isInTheWay(kind) || kind === "broken",
    )
      .then(({ file, volatile, maxPacket }) => {
        this.#file = file;
        this.#maxPacket = maxPacket;
        this.volatile = volatile;
        this.#open = true;
      })
      .catch((error: unknown) => {
        this.#opening = undefined; // the next call looks again
        throw error;
      });
    return this.#opening;
  }
}
